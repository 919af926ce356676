import type { Statements } from '../../store/index/database/statements.ts';
import { SLOT_MS } from './meters-schema.ts';
import type { Names } from './names.ts';

/** Growth of a meter that feeds the budget, as the ledger is to record it under the id `meter:<meter>:<seq>`. */
export interface OutboxRow {
  readonly seq: number;
  readonly meter: string;
  /** Of a counter what to add; of a gauge the sum of its rises, which may be 0. */
  readonly tokens: number;
  readonly conversation?: string;
  readonly project?: string;
  /** The value of a gauge. */
  readonly used?: number;
  /** When the latest part was used; all of it within one quarter of an hour of UTC. */
  readonly atMs: number;
  /** True once it was handed out: it is what it is, and whatever grows goes into another. */
  readonly isHandedOut: boolean;
}

/** What grew; names by number. */
export interface Growth {
  readonly meter: string;
  readonly conversation: number;
  readonly project: number;
  readonly tokens: number;
  readonly used?: number;
  readonly atMs: number;
}

/**
 * What the ledger is not yet known to hold. A row grows until it is handed out, so a meter that writes all the time costs one
 * session, not hundreds; from then on it never changes, so its id stands for the same tokens after any crash.
 */
export class Outbox {
  readonly #statements: Statements;
  readonly #names: Names;
  #lastSeq: number;

  constructor(statements: Statements, names: Names, lastSeq: number) {
    this.#statements = statements;
    this.#names = names;
    this.#lastSeq = lastSeq;
  }

  /** The last number that was given. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  add({ meter, conversation, project, tokens, used, atMs }: Growth, nowMs: number): void {
    const slot = Math.floor(atMs / SLOT_MS);
    const open = this.#statements.get<{ seq: number; at_ms: number }>(OPEN, meter, conversation, slot);
    if (open) {
      const isLatest = atMs >= open.at_ms;
      this.#statements.run(
        GROW,
        tokens,
        isLatest ? (used ?? null) : null,
        Math.max(atMs, open.at_ms),
        project,
        open.seq,
      );
      return;
    }
    // A database that is put back from a backup, or made anew, gives no number that the ledger knows already.
    this.#lastSeq = Math.max(this.#lastSeq + 1, nowMs);
    this.#statements.run(INSERT, this.#lastSeq, meter, conversation, project, slot, tokens, used ?? null, atMs);
  }

  /** Everything that the ledger is not known to hold, oldest first. */
  rows(): OutboxRow[] {
    return this.#statements.all<StoredRow>(ALL).map((row) => this.#told(row));
  }

  /** Closes rows, which are then as they stay; those that are unknown are passed over. */
  handOut(seqs: readonly number[]): void {
    for (const seq of seqs) this.#statements.run(HAND_OUT, seq);
  }

  /** Removes rows whose ids the ledger holds. */
  settle(seqs: readonly number[]): void {
    for (const seq of seqs) this.#statements.run(SETTLE, seq);
  }

  #told({ seq, meter, tokens, conversation, project, used, at_ms: atMs, handed }: StoredRow): OutboxRow {
    const talk = this.#names.textOf(conversation);
    const folder = this.#names.textOf(project);
    return {
      ...{ seq, meter, tokens, atMs, isHandedOut: handed === 1 },
      ...(talk !== undefined && { conversation: talk }),
      ...(folder !== undefined && { project: folder }),
      ...(used !== null && { used }),
    };
  }
}

interface StoredRow {
  readonly seq: number;
  readonly meter: string;
  readonly tokens: number;
  readonly conversation: number;
  readonly project: number;
  readonly used: number | null;
  readonly at_ms: number;
  readonly handed: number;
}

const OPEN = 'select seq, at_ms from outbox where handed = 0 and meter = ? and conversation = ? and slot = ?';
const GROW =
  'update outbox set tokens = min(tokens + ?, 9007199254740991), used = coalesce(?, used), at_ms = ?, project = ? where seq = ?';
const INSERT =
  'insert into outbox (seq, meter, conversation, project, slot, tokens, used, at_ms, handed) values (?, ?, ?, ?, ?, ?, ?, ?, 0)';
const ALL = 'select seq, meter, tokens, conversation, project, used, at_ms, handed from outbox order by seq';
const HAND_OUT = 'update outbox set handed = 1 where seq = ?';
// One that was never handed out may have grown since somebody read it.
const SETTLE = 'delete from outbox where seq = ? and handed = 1';
