import { useId } from 'preact/hooks';
import type { Bilingual } from '../../../protocol/language.ts';
import { MAX_CONVERSATION_LENGTH, MAX_EVENT_LENGTH } from '../../../protocol/limits.ts';
import { t } from '../live/language.ts';
import { lastConversations } from './conversations.ts';

interface EventFieldProps {
  readonly event: string;
  /** The event that is recorded when the field is empty. */
  readonly defaultEvent: string;
  readonly setEvent: (event: string) => void;
}

/** The field for the event. */
export function EventField({ event, defaultEvent, setEvent }: EventFieldProps) {
  return (
    <TextField
      name="event"
      title={EVENT}
      text={event}
      placeholder={defaultEvent}
      mostCharacters={MAX_EVENT_LENGTH}
      setText={setEvent}
    />
  );
}

interface ConversationFieldProps {
  readonly conversation: string;
  /** The conversation that the other fields name. */
  readonly named: string | undefined;
  readonly setConversation: (conversation: string) => void;
}

/** The conversation that the tokens belong to, with the last ones offered. */
export function ConversationField({ conversation, named, setConversation }: ConversationFieldProps) {
  return (
    <TextField
      name="conversation"
      title={CONVERSATION}
      text={conversation}
      placeholder={named ?? t(NAMED)}
      mostCharacters={MAX_CONVERSATION_LENGTH}
      setText={setConversation}
      offered={lastConversations()}
    />
  );
}

interface TextFieldProps {
  readonly name: string;
  readonly title: Bilingual;
  readonly text: string;
  readonly placeholder: string;
  /** In Unicode code points. */
  readonly mostCharacters: number;
  readonly setText: (text: string) => void;
  readonly offered?: readonly string[];
}

/** A line of text that holds no more than the daemon takes. */
function TextField({ name, title, text, placeholder, mostCharacters, setText, offered }: TextFieldProps) {
  const [id, listId] = [useId(), useId()];
  return (
    <label class="field" for={id}>
      <span>{t(title)}</span>
      <input
        id={id}
        class="input"
        data-testid={`sync-${name}`}
        list={offered && listId}
        value={text}
        placeholder={placeholder}
        autocomplete="off"
        onInput={({ currentTarget: input }) => {
          const fitting = fittingText(input.value, mostCharacters);
          if (fitting !== input.value) input.value = fitting;
          setText(fitting);
        }}
      />
      {offered && (
        <datalist id={listId}>
          {offered.map((conversation) => (
            <option key={conversation} value={conversation} />
          ))}
        </datalist>
      )}
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

/** The refusal, if there is one, and the buttons to cancel and submit. */
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

/** The text up to the limit. `maxlength` would not do: it counts an emoji as two. */
function fittingText(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join('');
}

const EVENT = { zh: '事件（可选）', en: 'What for (optional)' };
const CONVERSATION = { zh: '对话（可选）', en: 'Conversation (optional)' };
const NAMED = { zh: '或在事件末尾写 #名称', en: 'or add #name above' };
const CANCEL = { zh: '取消', en: 'Cancel' };
const BUSY = { zh: '正在同步…', en: 'Syncing …' };
