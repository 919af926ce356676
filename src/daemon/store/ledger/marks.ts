import { revisionIn } from './ledger-line.ts';

/** More than subscribers are ever told again. */
const MAX_KEPT = 4_000;

/** The marks that a ledger gave last, each change of a batch with one of its own. */
export class Marks {
  readonly #byRevision = new Map<number, string>();

  add(revision: number, mark: string): void {
    this.#byRevision.set(revision, mark);
    if (this.#byRevision.size > MAX_KEPT) this.#byRevision.delete(revision - MAX_KEPT);
  }

  /** The revision that was given this mark, as far back as marks are kept; `undefined` for one of another past. */
  revisionOf(mark: string): number | undefined {
    const revision = revisionIn(mark);
    return revision !== undefined && this.#byRevision.get(revision) === mark ? revision : undefined;
  }
}

/** The mark of a revision of the batch that was given `batchMark`: the changes of a batch share its line, and so the checksum. */
export function markInBatch(revision: number, batchMark: string): string {
  return `${revision}${batchMark.slice(batchMark.indexOf(':'))}`;
}
