/** Counts the lost changes of a ledger: gaps between the revisions that can be read, and losses that a checkpoint records. */
export class LedgerLosses {
  #lost: number;
  /** The last revision that was read. */
  #reached: number;

  constructor(lost = 0, reached = 0) {
    this.#lost = lost;
    this.#reached = reached;
  }

  get lost(): number {
    return this.#lost;
  }

  get reached(): number {
    return this.#reached;
  }

  /** A checkpoint follows that knows a state of this revision. */
  noteState(revision: number): void {
    this.#lost += Math.max(0, revision - this.#reached);
    this.#reached = Math.max(revision, this.#reached);
  }

  /** A batch of changes follows. */
  noteChanges(first: number, last: number): void {
    this.noteState(first - 1);
    this.#reached = Math.max(last, this.#reached);
  }

  /** Adds changes that are lost behind all that can be read. */
  add(lost: number): void {
    this.#lost += lost;
  }
}
