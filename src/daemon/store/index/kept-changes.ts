import { MAX_CHANGES } from '../../../protocol/limits.ts';
import type { LedgerChange, RecordedReading } from '../../rules/change.ts';
import type { BatchLine } from '../ledger/ledger-line.ts';
import { sessionsOf } from '../ledger/ledger-session.ts';

/** What a change was, without the sessions of an import or an edit, of which there may be many. */
export interface KeptChange extends Pick<LedgerChange, 'revision' | 'committed_at' | 'kind' | 'used' | 'total'> {
  /** `used` before it. */
  readonly before: number;
  readonly reading?: RecordedReading;
  /** The id of the reading that an undo took back. */
  readonly undone?: string;
  /** How many sessions it brought into the ledger. */
  readonly sessions: number;
}

/** The latest changes of a ledger, held in memory: what was committed before the start is read once, when it is asked for. */
export class KeptChanges {
  /** Oldest first. */
  #held: KeptChange[] = [];
  /** The first line of which they tell. */
  #firstLine: number | undefined;
  readonly #read: (line: number) => BatchLine | undefined;

  constructor(read: (line: number) => BatchLine | undefined) {
    this.#read = read;
  }

  /** Takes in what was committed last; `before` is what stood then. */
  add(change: LedgerChange, before: number, line: number): void {
    this.#firstLine ??= line;
    this.#held.push(keptChange(change, before));
    // What is let go leaves enough for every question, so that no line before it is read again.
    if (this.#held.length >= 2 * MAX_CHANGES) this.#held.splice(0, MAX_CHANGES);
  }

  /** At most `limit` of them, newest first, as far back as the ledger can be read; `lines` is how many it has. */
  newest(limit: number, lines: number): KeptChange[] {
    let line = this.#firstLine ?? lines;
    while (this.#held.length < MAX_CHANGES && line > 0) {
      const batch = this.#read(--line);
      if (!batch) break;
      this.#held.unshift(...keptOf(batch, this.#usedBefore(line)));
      this.#firstLine = line;
    }
    return this.#held.slice(-limit).reverse();
  }

  /** What stood before a line: a reading says so itself, of all else the line before does. */
  #usedBefore(line: number): number {
    return line === 0 ? 0 : (this.#read(line - 1)?.changes.at(-1)?.used ?? 0);
  }
}

function keptOf({ changes }: BatchLine, usedBefore: number): KeptChange[] {
  let before = usedBefore;
  return changes.map((change) => {
    const told = keptChange(change, before);
    before = change.used;
    return told;
  });
}

function keptChange(change: LedgerChange, before: number): KeptChange {
  const { revision, committed_at, kind, used, total } = change;
  return {
    ...{ revision, committed_at, kind, used, total },
    before: kind === 'reading' ? change.reading.before : before,
    ...(kind === 'reading' && { reading: change.reading }),
    ...(kind === 'undo' && { undone: change.undone }),
    sessions: sessionsOf(change).length,
  };
}
