import type { LedgerChange } from '../../rules/change.ts';
import type { JsonPatch } from '../json/json-diff.ts';

/**
 * Whether a change names a budget, be it the very one that stood before: as somebody who sets it does, or a file that is adopted with a
 * budget of its own. `before` is the budget before the change, as far as it is known.
 */
export function namesTotal(change: LedgerChange, before: number | undefined): boolean {
  if (change.kind === 'total') return true;
  if (change.kind !== 'edit' || change.total === 0) return false;
  return before === undefined ? bringsFigures(change.patch as JsonPatch) : before !== change.total;
}

/** The first edit of a ledger brings all of `token_usage` where it adopts a file that was there before us. */
function bringsFigures(patch: JsonPatch): boolean {
  return patch.some(({ path }) => path.length === 1 && path[0] === 'token_usage');
}
