import { ulid } from 'ulid';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import type { DaemonInfo, Receipt } from '../../../protocol/methods.ts';
import type { Input, Outcome } from '../command.ts';
import { defaultBudgetText, hintsOf, noteOf, undoHintsOf, undoneText, VALUE_RECORDED } from '../show/render.ts';
import { UNDO_DOUBT, withDoubtHint } from './unanswered.ts';

type Context = Pick<Input, 'daemon' | 'language'>;

/** The outcome of a command that has recorded one reading: its own text, and remarks about the reading. */
export async function recordedOutcome(receipt: Receipt, text: string, { daemon, language }: Context): Promise<Outcome> {
  const { id, duplicate, reset, increment, total_used, total } = receipt;
  const isFirst = !duplicate && !reset && increment > 0 && increment === total_used;
  const remark = hintsOf(receipt, language) + (isFirst ? await budgetRemark(total, { daemon, language }) : '');
  return {
    text,
    json: receipt,
    ...noteOf(receipt, language),
    ...(remark !== '' && { remark }),
    done: VALUE_RECORDED,
    ...(!duplicate && { undo: () => takeBack(id, { daemon, language }) }),
  };
}

/** How to set the budget, as long as nobody has; asked of the daemon, so only where the first figure was recorded. `total` is what stands meanwhile. */
export async function budgetRemark(total: number, { daemon, language }: Context): Promise<string> {
  try {
    return defaultBudgetRemark(await daemon((call) => call('daemon.info', {})), total, language);
  } catch (error) {
    // The reading is recorded: the receipt matters more than this remark.
    if (error instanceof TokenSyncError) return '';
    throw error;
  }
}

/** The same, of what the daemon has told. */
export function defaultBudgetRemark(
  { total_is_set }: Pick<DaemonInfo, 'total_is_set'>,
  total: number,
  language: Language,
): string {
  return total_is_set ? '' : defaultBudgetText(total, language);
}

/** Undoes just this reading; refused where another has come after it. */
async function takeBack(reading: string, { daemon, language }: Context): Promise<Outcome> {
  const id = ulid();
  const undoing = daemon((call) => call('usage.undo', { id, reading }));
  return undoneOutcome(await withDoubtHint(undoing, UNDO_DOUBT), language);
}

/** The outcome of an undo: the figure, and which reading was taken back. */
export function undoneOutcome(receipt: Receipt, language: Language): Outcome {
  const remark = undoHintsOf(receipt, language);
  return {
    text: undoneText(receipt, language),
    json: receipt,
    ...noteOf(receipt, language),
    ...(remark !== '' && { remark }),
  };
}
