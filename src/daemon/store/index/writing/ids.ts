import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LATE_INDICES } from '../database/schema.ts';
import { keyText } from '../database/stored-text.ts';

/** Ids of which the latest, and as many before them, are held while there is no index yet: what is looked for was mostly recorded just before. */
const HELD_IDS = 100_000;

/**
 * Finds sessions by id. A history that is filled from nothing has no index at first, for to keep one while a million ids
 * come in any order takes three times as long as to make it then: until `index` the latest ids are held in memory, and
 * only a look for another makes it earlier.
 */
export class Ids {
  readonly #db: DatabaseSync;
  #find: StatementSync | undefined;
  /** `undefined` once there is an index. */
  #held: Map<string, number> | undefined;
  /** Those before; to let go one at a time, the oldest first, takes a `Map` longer and longer. */
  #heldBefore = new Map<string, number>();

  /** There are so many sessions; if there are any, their index is made where a process that filled the history ended before. */
  constructor(db: DatabaseSync, sessions: number) {
    this.#db = db;
    this.#held = sessions === 0 && !hasIndex(db) ? new Map() : undefined;
    if (sessions > 0) db.exec(LATE_INDICES.id);
  }

  add(id: string, ordinal: number): void {
    if (!this.#held) return;
    if (!this.#held.has(id) && !this.#heldBefore.has(id)) this.#held.set(id, ordinal);
    if (this.#held.size < HELD_IDS) return;
    this.#heldBefore = this.#held;
    this.#held = new Map();
  }

  /** The first session with this id. */
  ordinalOf(id: string): number | undefined {
    const held = this.#held?.get(id) ?? this.#heldBefore.get(id);
    // A later one with the same id does not count; only what is held from the first on tells that.
    if (held !== undefined) return held;
    this.index();
    this.#find ??= this.#db.prepare('select min(ordinal) as ordinal from session where id = ?');
    return (this.#find.get(keyText(id)) as { ordinal: number | null }).ordinal ?? undefined;
  }

  /** Makes the index where there is none. */
  index(): void {
    if (!this.#held) return;
    this.#db.exec(LATE_INDICES.id);
    this.#held = undefined;
    this.#heldBefore.clear();
  }
}

function hasIndex(db: DatabaseSync): boolean {
  return db.prepare("select 1 from sqlite_master where name = 'session_id'").get() !== undefined;
}
