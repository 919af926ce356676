import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Bilingual } from '../../../protocol/language.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { nameConversation } from '../../../shared/conversation-name.ts';
import { t } from '../live/language.ts';
import { failureText } from '../notices/failure-text.ts';
import { ConversationField, EventField, FormButtons } from './form-parts.tsx';
import { recorder } from './record.ts';
import type { SyncStart } from './sync-start.ts';
import { type TokenCount, useTokenCount } from './token-count.ts';

/** Takes a conversation, shows how many tokens it has, and adds just these as an estimate. */
export function ConversationForm({ start, close }: { start: SyncStart; close: () => void }) {
  const [text, setText] = useState(start.text);
  const [event, setEvent] = useState('');
  const [conversation, setConversation] = useState('');
  const [failure, setFailure] = useState<Bilingual>();
  const [isBusy, setBusy] = useState(false);
  const [record] = useState(recorder);
  const [textId, countId] = [useId(), useId()];
  const field = useRef<HTMLTextAreaElement>(null);
  const count = useTokenCount(text);
  const name = conversation.trim();
  const entry = {
    conversation: name,
    ...(name === '' ? nameConversation({ value: '', event }) : { value: '', event }),
  };
  const isFit = count.kind === 'counted' && !isBusy;
  // After a paste the focus goes to the text; after a choice of the kind it stays there.
  useLayoutEffect(() => {
    if (start.text !== '') field.current?.focus();
  }, [start]);

  const submit = async (submitted: Event) => {
    submitted.preventDefault();
    if (count.kind !== 'counted' || isBusy) return;
    setBusy(true);
    setFailure(undefined);
    try {
      const counted = {
        value: String(count.tokens),
        event: entry.event.trim() || t(CONVERSATION),
        syncType: 'estimate',
      } as const;
      // Counted exactly, and shown: nothing about it is to be asked.
      await record({ ...counted, conversation: entry.conversation }, true);
      close();
    } catch (error) {
      setFailure(failureText(error));
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit}>
      <label class="field" for={textId}>
        <span>{t(TEXT)}</span>
        <textarea
          id={textId}
          ref={field}
          class="input conversation"
          data-testid="estimate-text"
          rows={7}
          value={text}
          placeholder={t(PLACEHOLDER)}
          spellcheck={false}
          autofocus
          aria-describedby={countId}
          onInput={(input) => setText(input.currentTarget.value)}
          onKeyDown={(key) => {
            if (key.key === 'Enter' && (key.ctrlKey || key.metaKey)) key.currentTarget.form?.requestSubmit();
          }}
        />
      </label>
      <p
        id={countId}
        class="preview"
        data-testid="estimate-count"
        data-ok={count.kind !== 'failed'}
        role="status"
        aria-live="polite"
      >
        <CountText count={count} />
      </p>
      <EventField event={event} defaultEvent={t(CONVERSATION)} setEvent={setEvent} />
      <ConversationField
        conversation={conversation}
        named={entry.conversation || undefined}
        setConversation={setConversation}
      />
      <FormButtons failure={failure} isFit={isFit} isBusy={isBusy} submitLabel={t(SUBMIT)} close={close} />
    </form>
  );
}

function CountText({ count }: { count: TokenCount }) {
  if (count.kind === 'nothing') return <span class="muted">{t(EXPLANATION)}</span>;
  if (count.kind === 'counting') return <span class="muted">{t(COUNTING)}</span>;
  if (count.kind === 'failed') return <>{t(count.text)}</>;
  const tokens = formatTokens(count.tokens);
  return (
    <>
      <strong class="figure">= {tokens} tokens</strong> <span class="figure preview-increment">+{tokens}</span>{' '}
      <span class="muted">o200k_base</span>
    </>
  );
}

const TEXT = { zh: '对话内容', en: 'The conversation' };
const PLACEHOLDER = { zh: '在此粘贴你的消息和 AI 的回复', en: 'Paste your message and the answer here' };
const EXPLANATION = {
  zh: '在本机精确计数；同步前先显示结果，内容不会保存。',
  en: 'Counted exactly, on this machine; shown before it is added. The text is not kept.',
};
const COUNTING = { zh: '正在计数…', en: 'Counting …' };
const CONVERSATION = { zh: '对话', en: 'Conversation' };
const SUBMIT = { zh: '记录估算', en: 'Add the estimate' };
