import { isCheckpoint } from '../ledger/ledger-line.ts';
import { idOf, type LedgerSession, sessionFrom, sessionsOf } from '../ledger/ledger-session.ts';
import type { Position } from './database/position.ts';
import type { LineToTake } from './writing/writer.ts';

/** Lines that are durable in the ledger and not in the database yet, oldest first, and their sessions by id. */
export class WaitingLines {
  #lines: LineToTake[] = [];
  #sessions = 0;
  readonly #byId = new Map<string, LedgerSession>();

  get lines(): readonly LineToTake[] {
    return this.#lines;
  }

  /** How many sessions they bring. */
  get sessions(): number {
    return this.#sessions;
  }

  add(added: LineToTake): void {
    this.#lines.push(added);
    const { line } = added.scanned;
    if (isCheckpoint(line)) return;
    for (const source of line.changes.flatMap(sessionsOf)) {
      this.#sessions++;
      const session = sessionFrom(source);
      const id = idOf(session);
      if (id !== undefined && !this.#byId.has(id)) this.#byId.set(id, session);
    }
  }

  /** The first session among them with this id. */
  find(id: string): LedgerSession | undefined {
    return this.#byId.get(id);
  }

  /** The first of them, up to one that brings the sessions of all to so many. */
  first(sessions: number): readonly LineToTake[] {
    let sum = 0;
    const last = this.#lines.findIndex(({ scanned: { line } }) => {
      sum += isCheckpoint(line) ? 0 : line.changes.reduce((all, change) => all + sessionsOf(change).length, 0);
      return sum >= sessions;
    });
    return last === -1 ? this.#lines : this.#lines.slice(0, last + 1);
  }

  /** Lets go those up to a place in the ledger; none where there is no place. */
  drop(upTo: Position | undefined): void {
    if (!upTo) return;
    const left = this.#lines.filter(({ segment, scanned: { start } }) => {
      return segment > upTo.segment || (segment === upTo.segment && start > upTo.start);
    });
    this.#lines = [];
    this.#sessions = 0;
    this.#byId.clear();
    for (const line of left) this.add(line);
  }
}

/** Whether a line is the next behind a place in the ledger. */
export function follows({ segment, scanned: { start } }: LineToTake, position: Position | undefined): boolean {
  if (!position) return start === 0;
  return segment === position.segment ? start === position.end + 1 : start === 0 && segment > position.segment;
}
