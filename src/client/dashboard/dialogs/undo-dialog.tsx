import { signal } from '@preact/signals';
import type { Session } from '../../../protocol/methods.ts';
import { signedTokens } from '../../../shared/words/figures.ts';
import { titleOf } from '../history/session-text.ts';
import { call } from '../live/connection.ts';
import { t } from '../live/language.ts';
import { instantOf, localTime, noteInstants } from '../live/time-zone.ts';
import { notify } from '../notices/notices.ts';
import { Modal } from './modal.tsx';
import { tellNothingUndone, undoReading } from './undo.ts';

const asked = signal<Session | undefined>(undefined);

/** Asks whether the last reading is to be taken back: the daemon's last, for an import or a dated one is not the newest. */
export async function openUndo(): Promise<void> {
  try {
    const { session, at } = await call('usage.last_reading', {});
    if (session) noteInstants([{ id: session.id, at }]);
    if (session) asked.value = session;
    else notify({ tone: 'bad', text: NONE });
  } catch (error) {
    tellNothingUndone(error);
  }
}

/** Shows the reading that would be undone, and undoes no other. */
export function UndoDialog() {
  const reading = asked.value;
  if (!reading) return null;
  const confirm = (event: Event, close: () => void) => {
    event.preventDefault();
    close();
    void undoReading(reading.id!);
  };
  return (
    <Modal title={t(TITLE)} onClosed={() => (asked.value = undefined)}>
      {(close) => (
        <form onSubmit={(event) => confirm(event, close)}>
          <p class="quote">
            <span class="figure">{typeof reading.tokens === 'number' ? signedTokens(reading.tokens) : ''}</span>{' '}
            <span class="quote-text">{t(titleOf(reading))}</span>
            <span class="muted">{localTime(instantOf(reading), reading.timestamp ?? '')}</span>
          </p>
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

const NONE = { zh: '没有可撤销的记录', en: 'There is nothing to undo' };
const TITLE = { zh: '撤销最近一条记录？', en: 'Take back the last reading?' };
const EXPLAINED = {
  zh: '已使用量回到这条记录之前；历史中仍保留它，标为已撤销。',
  en: 'The usage returns to what it was before; the history keeps it, marked as undone.',
};
const CANCEL = { zh: '取消', en: 'Cancel' };
const UNDO = { zh: '撤销', en: 'Undo' };
