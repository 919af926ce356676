import './sync.css';
import type { Bilingual } from '../../../protocol/language.ts';
import { Modal } from '../dialogs/modal.tsx';
import { t } from '../live/language.ts';
import { ConversationForm } from './conversation-form.tsx';
import { SyncForm } from './sync-form.tsx';
import { EMPTY, type SyncStart, start } from './sync-start.ts';

/** The dialog that takes a value or a conversation, and the event. */
export function SyncDialog() {
  const from = start.value;
  if (!from) return null;
  const takeConversation = (text: string) => (start.value = { kind: 'conversation', text, isPasted: true });
  return (
    <Modal title={t(TITLE)} onClosed={() => (start.value = undefined)}>
      {(close) => (
        <>
          <KindChoice kind={from.kind} choose={(kind) => (start.value = { ...EMPTY, kind })} />
          {from.kind === 'value' ? (
            <SyncForm start={from} close={close} takeConversation={takeConversation} />
          ) : (
            <ConversationForm start={from} close={close} />
          )}
        </>
      )}
    </Modal>
  );
}

function KindChoice({ kind, choose }: { kind: SyncStart['kind']; choose: (kind: SyncStart['kind']) => void }) {
  return (
    <fieldset class="kinds">
      <legend class="for-ears">{t(KIND)}</legend>
      {KINDS.map(([word, label]) => (
        <label class="kind" key={word}>
          <input
            type="radio"
            name="kind"
            class="for-ears"
            data-testid={`sync-as-${word}`}
            checked={kind === word}
            onChange={() => choose(word)}
          />
          {t(label)}
        </label>
      ))}
    </fieldset>
  );
}

const TITLE = { zh: '同步 Token', en: 'Sync tokens' };
const KIND = { zh: '同步什么', en: 'What to sync' };
const KINDS: readonly (readonly [SyncStart['kind'], Bilingual])[] = [
  ['value', { zh: '当前数值', en: 'A figure' }],
  ['conversation', { zh: '估算对话', en: 'A conversation' }],
];
