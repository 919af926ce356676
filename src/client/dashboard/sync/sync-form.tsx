import { useId, useRef, useState } from 'preact/hooks';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { CLIPBOARD_EVENT } from '../../../shared/clipboard-helpers.ts';
import { nameConversation } from '../../../shared/conversation-name.ts';
import { signedTokens } from '../../../shared/words/figures.ts';
import { takeBudget } from '../dialogs/budget-dialog.tsx';
import { t } from '../live/language.ts';
import { addsUp, usage } from '../live/state.ts';
import { failureText } from '../notices/failure-text.ts';
import { ConversationField, EventField, FormButtons } from './form-parts.tsx';
import { Oddity, questionOf } from './oddity.tsx';
import { Preview } from './preview.tsx';
import { recorder } from './record.ts';
import type { SyncStart } from './sync-start.ts';
import { isConversation, type Meaning, type Understanding, understand } from './understanding.ts';

interface SyncFormProps {
  readonly start: SyncStart;
  readonly close: () => void;
  /** Called with a conversation that was pasted into the field for the value. */
  readonly takeConversation: (text: string) => void;
}

/** Takes the counter's value: Enter records, once. */
export function SyncForm({ start, close, takeConversation }: SyncFormProps) {
  const [value, setValue] = useState(start.text);
  const [event, setEvent] = useState('');
  const [conversation, setConversation] = useState('');
  const [meaning, setMeaning] = useState<Meaning>('manual');
  const [takesTotal, setTakesTotal] = useState(false);
  const [failure, setFailure] = useState<Bilingual>();
  const [asked, setAsked] = useState<{ readonly of: string; readonly question: Bilingual }>();
  const [confirmed, setConfirmed] = useState<string>();
  const anyway = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [record] = useState(recorder);
  const [valueId, previewId] = [useId(), useId()];
  const present = usage.value ?? { used: 0, total: 0 };
  const name = conversation.trim();
  const entry = { conversation: name, ...(name === '' ? nameConversation({ value, event }) : { value, event }) };
  const understanding = understand(entry.value, { ...present, isSum: addsUp() }, meaning);
  const syncType = understanding.kind === 'value' && understanding.isLower ? meaning : 'manual';
  // A yes is one to this very value.
  const offered = `${syncType} ${entry.value}`;
  const isConfirmed = confirmed === offered;
  const foreseen = understanding.kind === 'value' ? questionOf(entry.value, understanding.tokens, syncType) : undefined;
  const question = asked?.of === offered ? asked.question : foreseen;
  const isFit = understanding.kind === 'value' && !isBusy && (!question || isConfirmed);
  const defaultEvent = t(start.isPasted ? CLIPBOARD_EVENT : BY_HAND);

  const submit = async (submitted: Event) => {
    submitted.preventDefault();
    if (understanding.kind !== 'value' || isBusy) return;
    if (question && !isConfirmed) {
      anyway.current?.focus();
      return;
    }
    setBusy(true);
    setFailure(undefined);
    try {
      const { otherTotal } = understanding;
      await record({ ...entry, event: entry.event.trim() || defaultEvent, syncType }, isConfirmed);
      close();
      if (takesTotal && otherTotal !== undefined) await takeBudget(otherTotal);
    } catch (error) {
      if (error instanceof TokenSyncError && error.question) setAsked({ of: offered, question: error.question });
      else setFailure(failureText(error));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit}>
      <label class="field" for={valueId}>
        <span>{t(VALUE)}</span>
        <input
          id={valueId}
          class="input input-large figure"
          data-testid="sync-value"
          value={value}
          placeholder="350,000"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="done"
          autofocus
          aria-describedby={previewId}
          aria-invalid={understanding.kind === 'refused'}
          onInput={(input) => setValue(input.currentTarget.value)}
          onPaste={(paste) => {
            const pasted = paste.clipboardData?.getData('text/plain') ?? '';
            if (!isConversation(pasted)) return;
            paste.preventDefault();
            takeConversation(pasted);
          }}
        />
      </label>
      <Preview id={previewId} understanding={understanding} />
      {question && (
        <Oddity
          question={question}
          isConfirmed={isConfirmed}
          confirm={(is) => setConfirmed(is ? offered : undefined)}
          box={anyway}
        />
      )}
      {understanding.kind === 'value' && understanding.isLower && (
        <MeaningChoice understanding={understanding} meaning={meaning} used={present.used} choose={setMeaning} />
      )}
      {understanding.kind === 'value' && understanding.otherTotal !== undefined && (
        <label class="choice">
          <input
            type="checkbox"
            data-testid="sync-total"
            checked={takesTotal}
            onChange={(input) => setTakesTotal(input.currentTarget.checked)}
          />
          <span>
            {t(ALSO_TOTAL)} <span class="figure">{formatTokens(understanding.otherTotal)}</span>
          </span>
        </label>
      )}
      <EventField event={event} defaultEvent={defaultEvent} setEvent={setEvent} />
      <ConversationField
        conversation={conversation}
        named={entry.conversation || undefined}
        setConversation={setConversation}
      />
      <FormButtons failure={failure} isFit={isFit} isBusy={isBusy} submitLabel={t(SUBMIT)} close={close} />
    </form>
  );
}

interface MeaningChoiceProps {
  readonly understanding: Extract<Understanding, { kind: 'value' }>;
  readonly meaning: Meaning;
  readonly used: number;
  readonly choose: (meaning: Meaning) => void;
}

function MeaningChoice({ understanding: { tokens }, meaning, used, choose }: MeaningChoiceProps) {
  const rows: readonly (readonly [Meaning, Bilingual, number])[] = [
    ['manual', ANEW, tokens],
    ['correction', MISTAKE, tokens - used],
  ];
  return (
    <fieldset class="choices">
      <legend>
        {t({
          zh: `比现在的 ${formatTokens(used)} 低，因为：`,
          en: `Lower than the present ${formatTokens(used)}, because:`,
        })}
      </legend>
      {rows.map(([word, label, increment]) => (
        <label class="choice" key={word}>
          <input
            type="radio"
            name="meaning"
            data-testid={`sync-${word}`}
            checked={meaning === word}
            onChange={() => choose(word)}
          />
          <span>{t(label)}</span> <span class="figure choice-figure">{signedTokens(increment)}</span>
        </label>
      ))}
    </fieldset>
  );
}

const VALUE = { zh: '当前 Token 数值', en: 'The token figure now' };
const BY_HAND = { zh: '手动同步', en: 'Manual sync' };
const ALSO_TOTAL = { zh: '同时把总额度改为', en: 'Also change the budget to' };
const ANEW = { zh: '计数器重新开始了', en: 'the counter has started anew' };
const MISTAKE = { zh: '之前记错了，现在更正', en: 'a mistake is corrected' };
const SUBMIT = { zh: '同步', en: 'Sync' };
