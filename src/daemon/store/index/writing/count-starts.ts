import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LedgerChange } from '../../../rules/change.ts';

/** Where counting began anew; whatever began with a reading that was undone since never did. */
export class CountStarts {
  readonly #add: StatementSync;
  readonly #last: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare('insert into count_start (first_ordinal, cause) values (?, ?)');
    this.#last = db.prepare(LAST_COUNT_START);
  }

  /** Takes in a change whose sessions are in; `before` is the `used` that stood then, `sessions` how many there are now. */
  note({ kind, used }: Pick<LedgerChange, 'kind' | 'used'>, before: number, sessions: number): void {
    if (kind === 'edit' && used < before / 2) this.#add.run(sessions, null);
    else if (used === 0 && kind === 'reading') this.#add.run(sessions, sessions - 1);
    // What began last begins only now, and stands or falls as before.
    else if (used === 0)
      this.#add.run(sessions, (this.#last.get() as { cause: number | null } | undefined)?.cause ?? null);
  }
}

/** Where counting began for the last time; none where it never began anew. */
export const LAST_COUNT_START = `
  select first_ordinal, cause from count_start
  where cause is null or not (select undone from session where ordinal = cause)
  order by number desc limit 1`;
