import type { LedgerChange } from '../../rules/change.ts';
import { Column, type Packed } from './columns/columns.ts';
import type { SessionIndex } from './session-index.ts';

/** Places at which counting began anew, each with what it stands or falls with. */
export interface CountStartRows {
  readonly first: Packed;
  readonly cause: Packed;
}

/** The cause of what no undo takes back. */
const NONE = -1;

/** Where counting began anew; whatever began with a reading that was undone since never did. */
export class CountStarts {
  readonly #first = new Column();
  readonly #cause = new Column();

  get length(): number {
    return this.#first.length;
  }

  /** Takes in a change whose sessions are in the index; `before` is the `used` that stood then. */
  note({ kind, used }: Pick<LedgerChange, 'kind' | 'used'>, before: number, sessions: SessionIndex): void {
    const first = sessions.length;
    if (kind === 'edit' && used < before / 2) this.#add(first);
    else if (used === 0 && kind === 'reading') this.#add(first, first - 1);
    else if (used === 0) this.#putOff(first, sessions);
  }

  /** Counting begins with the session at the ordinal `first`, for as long as the one at `cause` is not undone. */
  #add(first: number, cause = NONE): void {
    this.#first.push(first);
    this.#cause.push(cause);
  }

  /** What began last begins only with the session at the ordinal `first`, and stands or falls as before. */
  #putOff(first: number, sessions: SessionIndex): void {
    const last = this.#last(sessions);
    this.#add(first, last === undefined ? NONE : this.#cause.at(last));
  }

  /** The ordinal with which counting began for the last time; 0 where it never began anew. */
  first(sessions: SessionIndex): number {
    const last = this.#last(sessions);
    return last === undefined ? 0 : this.#first.at(last);
  }

  /** What was added from `first` on. */
  rowsFrom(first: number): CountStartRows {
    return { first: this.#first.from(first), cause: this.#cause.from(first) };
  }

  addRows({ first, cause }: CountStartRows): void {
    this.#first.append(first);
    this.#cause.append(cause);
  }

  #last(sessions: SessionIndex): number | undefined {
    for (let at = this.length - 1; at >= 0; at--) {
      const cause = this.#cause.at(at);
      if (cause === NONE || !sessions.isUndone(cause)) return at;
    }
    return undefined;
  }
}
