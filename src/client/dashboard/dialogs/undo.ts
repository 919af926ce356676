import { figureText, signedTokensText } from '../../../shared/words/figures.ts';
import { daemon } from '../live/connection.ts';
import { failureText } from '../notices/failure-text.ts';
import { notify } from '../notices/notices.ts';

/** Undoes a reading and says so; refused when another has come after it. */
export async function undoReading(id: string): Promise<void> {
  try {
    const { total_used, increment, total } = await daemon().undo(id);
    const figure = figureText({ used: total_used, total });
    notify({
      tone: 'good',
      text: { zh: `已撤销: ${figure}`, en: `Undone: ${figure}` },
      detail: { zh: signedTokensText(increment), en: signedTokensText(increment) },
    });
  } catch (error) {
    tellNothingUndone(error);
  }
}

/** Says why nothing was undone; rethrows anything but a `TokenSyncError`. */
export function tellNothingUndone(error: unknown): void {
  notify({ tone: 'bad', text: { zh: '没有撤销', en: 'Nothing was undone' }, detail: failureText(error) });
}
