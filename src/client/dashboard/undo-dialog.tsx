import { signal } from '@preact/signals';
import { signedTokens } from '../../protocol/figures.ts';
import { t } from './language.ts';
import { Modal } from './modal.tsx';
import { sessions } from './state.ts';
import { undoLast } from './undo.ts';

const isOpen = signal(false);

/** Asks whether the last reading is to be taken back. */
export function openUndo(): void {
  isOpen.value = true;
}

/** Shows what would be taken back. */
export function UndoDialog() {
  if (!isOpen.value) return null;
  const last = sessions.value[0];
  const confirm = (event: Event, close: () => void) => {
    event.preventDefault();
    close();
    void undoLast();
  };
  return (
    <Modal title={t(TITLE)} onClosed={() => (isOpen.value = false)}>
      {(close) => (
        <form onSubmit={(event) => confirm(event, close)}>
          {last && (
            <p class="quote">
              <span class="figure">{typeof last.tokens === 'number' ? signedTokens(last.tokens) : ''}</span>{' '}
              <span class="quote-text">{last.event}</span>
              <span class="muted">{last.timestamp}</span>
            </p>
          )}
          <p class="muted">{t(EXPLAINED)}</p>
          <div class="modal-buttons">
            <button type="button" class="button" onClick={close}>
              {t(CANCEL)}
            </button>
            <button type="submit" class="button primary" data-testid="undo-confirm">
              {t(UNDO)}
            </button>
          </div>
        </form>
      )}
    </Modal>
  );
}

const TITLE = { zh: '撤销最近一条记录？', en: 'Take back the last reading?' };
const EXPLAINED = {
  zh: '已使用量回到这条记录之前；历史中仍保留它，标为已撤销。',
  en: 'The usage returns to what it was before; the history keeps it, marked as undone.',
};
const CANCEL = { zh: '取消', en: 'Cancel' };
const UNDO = { zh: '撤销', en: 'Undo' };
