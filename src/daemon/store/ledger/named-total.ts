import type { LedgerChange } from '../../rules/change.ts';
import { EMPTY } from '../../rules/snapshot.ts';
import type { JsonPatch } from '../json/json-diff.ts';
import type { CheckpointLine } from './ledger-line.ts';

/** Whether somebody has ever named a budget, as a ledger's lines tell it, one after the other. */
export class NamedTotal {
  #isNamed: boolean | undefined;
  /** As it stands, as far as that is known. */
  #total: number | undefined;

  /** Goes on behind what is known. */
  constructor(isNamed?: boolean, total?: number) {
    this.#isNamed = isNamed;
    this.#total = total;
  }

  /** `undefined` where only a part of the ledger was read that does not tell. */
  get isNamed(): boolean | undefined {
    return this.#isNamed;
  }

  /** A segment begins. */
  begin({ checkpoint: { revision, total }, total_named }: Pick<CheckpointLine, 'checkpoint' | 'total_named'>): void {
    if (total_named || isOther(total)) this.#isNamed = true;
    // Before the first change nobody has named anything.
    else this.#isNamed ??= revision === 0 ? false : total_named;
    if (revision > 0) this.#total = total;
  }

  add(change: LedgerChange): void {
    if (isOther(change.total) || names(change, this.#total)) this.#isNamed = true;
    this.#total = change.total;
  }
}

/** Nobody but a person or another program brings about another budget than the default. */
function isOther(total: number): boolean {
  return total !== 0 && total !== EMPTY.total;
}

/**
 * Whether a change names a budget, be it the very one that stood before: as somebody who sets it does, or a file that is adopted with a
 * budget of its own. `before` is the budget before the change, as far as it is known.
 */
function names(change: LedgerChange, before: number | undefined): boolean {
  if (change.kind === 'total') return true;
  if (change.kind !== 'edit' || change.total === 0) return false;
  return before === undefined ? bringsFigures(change.patch as JsonPatch) : before !== change.total;
}

/** The first edit of a ledger brings all of `token_usage` where it adopts a file that was there before us. */
function bringsFigures(patch: JsonPatch): boolean {
  return patch.some(({ path }) => path.length === 1 && path[0] === 'token_usage');
}
