import { useId } from 'preact/hooks';
import type { MAX_EVENT_LENGTH } from '../../../protocol/fields.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { t } from '../language.ts';

interface EventFieldProps {
  readonly event: string;
  /** What is recorded when nothing is entered. */
  readonly defaultEvent: string;
  readonly setEvent: (event: string) => void;
}

/** What the tokens were used for. */
export function EventField({ event, defaultEvent, setEvent }: EventFieldProps) {
  const id = useId();
  return (
    <label class="field" for={id}>
      <span>{t(EVENT)}</span>
      <input
        id={id}
        class="input"
        data-testid="sync-event"
        value={event}
        placeholder={defaultEvent}
        autocomplete="off"
        onInput={({ currentTarget: input }) => {
          const fitting = fittingEvent(input.value);
          if (fitting !== input.value) input.value = fitting;
          setEvent(fitting);
        }}
      />
    </label>
  );
}

interface FormButtonsProps {
  readonly failure: Bilingual | undefined;
  readonly isFit: boolean;
  readonly isBusy: boolean;
  readonly submitLabel: string;
  readonly close: () => void;
}

/** What was refused, if anything was, and the two ways to leave. */
export function FormButtons({ failure, isFit, isBusy, submitLabel, close }: FormButtonsProps) {
  return (
    <>
      {failure && (
        <p class="failure" role="alert" data-testid="sync-failure">
          {t(failure)}
        </p>
      )}
      <div class="modal-buttons">
        <button type="button" class="button" data-testid="sync-cancel" onClick={close}>
          {t(CANCEL)}
        </button>
        <button type="submit" class="button primary" data-testid="sync-submit" aria-disabled={!isFit}>
          {isBusy ? t(BUSY) : submitLabel}
        </button>
      </div>
    </>
  );
}

/** The contract's limit; its type holds it equal without loading the schemas. */
const MOST_CHARACTERS: typeof MAX_EVENT_LENGTH = 1_000;

/** Without what is beyond the limit, which `maxlength` could not tell: it counts an emoji as two. */
function fittingEvent(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : [...text].slice(0, MOST_CHARACTERS).join('');
}

const EVENT = { zh: '事件（可选）', en: 'What for (optional)' };
const CANCEL = { zh: '取消', en: 'Cancel' };
const BUSY = { zh: '正在同步…', en: 'Syncing …' };
