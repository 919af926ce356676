import { setTimeout as pause } from 'node:timers/promises';
import { DatabaseFault, faultOf } from '../../disk/database-fault.ts';
import type { Connection } from './connection.ts';
import { roomAt } from './database/database.ts';
import type { Position } from './database/position.ts';
import { historyMadeAnew } from './history-warnings.ts';
import { type Indexer, startIndexer } from './indexer.ts';
import { compareLost, tellLost } from './lost-histories.ts';
import { type HistoryOptions, type LedgerOfHistory, MOST_BYTES_HERE, mender } from './open-history.ts';
import type { WaitingLines } from './waiting-lines.ts';

/** So many sessions are taken in at once, in some milliseconds, before others have a turn. */
export const TOGETHER_HERE = 500;

/** So many processes are tried before all is taken in here. */
const PROCESSES = 2;

/** The pause before another try grows to so many seconds. */
const MOST_PAUSES = 30;

/** What is locked is asked for again after this, for so long. */
const LOCKED_AGAIN_MS = 200;
const LOCKED_MS = 5_000;

/** A database takes about as much room as its ledger, and as much again while it is made. */
const ROOM_FOR_A_BYTE = 2;

/** The database that is filled. */
export interface Filled {
  readonly connection: Connection;
  readonly waiting: WaitingLines;
  readonly isClosed: boolean;
  /** Sets it aside as damaged, and begins an empty one. */
  exchange(error: unknown): void;
  /** Goes on in memory. */
  goToMemory(error: unknown): void;
  /** The same, and gives the room back of one that was begun just now. */
  giveUpRoom(wasEmpty: boolean): void;
  /** Another process has written to it. */
  lookAgain(): void;
}

/** Fills the database up to where the ledger is, whatever fails: by one process, by another, then here in turns, and at last in memory. */
export class HistoryFiller {
  #working: Promise<void> | undefined;
  #indexer: Indexer | undefined;
  #idsKnown: PromiseWithResolvers<void> | undefined;
  #progress: number | undefined;
  readonly #ending = new AbortController();
  /** Settled where it failed in every way; it is tried on, but nobody should wait. */
  #stuck = Promise.withResolvers<void>();
  #isStuck = false;
  readonly #filled: Filled;
  readonly #ledger: LedgerOfHistory;
  readonly #options: HistoryOptions;

  constructor(filled: Filled, ledger: LedgerOfHistory, options: HistoryOptions) {
    this.#filled = filled;
    this.#ledger = ledger;
    this.#options = options;
  }

  /** Settled when the database is where the ledger is, or closed; there while it must not be asked. */
  get working(): Promise<void> | undefined {
    return this.#working;
  }

  /** Settled when the ids of all that does not wait are known; there while they are not. */
  get idsKnown(): Promise<void> | undefined {
    return this.#idsKnown?.promise;
  }

  /** As `working`, but what fails in every way is not waited for: whoever asks is refused. */
  get soonThere(): Promise<void> | undefined {
    return this.#unlessStuck(this.#working);
  }

  /** The same of `idsKnown`. */
  get idsSoonKnown(): Promise<void> | undefined {
    return this.#unlessStuck(this.#idsKnown?.promise);
  }

  #unlessStuck(awaited: Promise<void> | undefined): Promise<void> | undefined {
    return awaited && !this.#isStuck ? Promise.race([awaited, this.#stuck.promise]) : undefined;
  }

  /** How much of the ledger is in, from 0 to 1, while much of it is not. */
  get progress(): number | undefined {
    return this.#progress;
  }

  /** Whether the database lacks so much that it is left to a process. */
  get isFar(): boolean {
    return this.#filled.connection.bytesBehind() > MOST_BYTES_HERE;
  }

  /** Begins, and calls `onEnd` at the end. Of a database that holds next to nothing people are told how far it is, and ids are not known for a while. */
  begin(isAnew: boolean, onEnd: () => void): void {
    if (isAnew) {
      this.#progress = 0;
      this.#options.warnings.raise('history_made_anew', () => historyMadeAnew(this.#progress ?? 1));
      this.forgetIds();
    }
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      this.#progress = undefined;
      this.#isStuck = false;
      this.#stuck = Promise.withResolvers();
      this.#options.warnings.clear('history_made_anew');
      this.#endIdsUnknown();
      onEnd();
    });
  }

  /** Throws where the disk has no room for what the database lacks. */
  requireRoom(): void {
    const { connection } = this.#filled;
    if (!connection.isInMemory && roomAt(this.#options.path) < connection.bytesBehind() * ROOM_FOR_A_BYTE) {
      throw new DatabaseFault('the disk has no room for it', 'room');
    }
  }

  /** Takes in here what the database lacks, in turns. */
  async goThere(): Promise<void> {
    const { connection, waiting } = this.#filled;
    const { db, writer } = connection;
    for (let reached = ''; !connection.isAt(this.#ledger.end); ) {
      const place = JSON.stringify(writer.position ?? null);
      if (place === reached) break;
      reached = place;
      const mend = mender(this.#options, this.#ledger);
      const isOver = () => this.#filled.isClosed;
      await connection.catchUp(this.#ledger.end, { together: TOGETHER_HERE, mend, isOver });
      if (this.#filled.isClosed) return;
    }
    writer.finish();
    waiting.drop(writer.position);
    compareLost(db, this.#options.path, this.#options.now());
    tellLost(db, this.#options);
  }

  /** Another database is there: whose ids it has is unknown until it is filled. */
  forgetIds(): void {
    this.#idsKnown ??= Promise.withResolvers();
  }

  /** Ends what is under way; the database is to be closed already. */
  async end(): Promise<void> {
    this.#ending.abort();
    await this.#indexer?.end();
    await this.#working;
  }

  async #work(): Promise<void> {
    const filled = this.#filled;
    const wasEmpty = filled.connection.writer.position === undefined;
    let lockedMs: number | undefined;
    for (let attempt = 0; !filled.isClosed; attempt++) {
      try {
        const isElsewhere = attempt < PROCESSES && !filled.connection.isInMemory;
        if (isElsewhere) await this.#workElsewhere();
        if (filled.isClosed) return;
        filled.lookAgain();
        if (isElsewhere && this.isFar) continue;
        await this.goThere();
        return;
      } catch (error) {
        if (filled.isClosed) return;
        const fault = faultOf(error);
        if (fault === 'busy') lockedMs ??= performance.now();
        if (fault === 'busy' && performance.now() - lockedMs! < LOCKED_MS) {
          attempt--;
          await this.#pause(LOCKED_AGAIN_MS);
        } else if (fault === 'room') filled.giveUpRoom(wasEmpty);
        // What two processes could not fill is damaged; on a disk without room one in memory answers the same.
        else if (fault === 'damaged' && attempt < PROCESSES) filled.exchange(error);
        else if (fault === 'busy' || attempt >= PROCESSES) filled.goToMemory(error);
        // Half a history must not be asked.
        if (attempt <= PROCESSES) continue;
        this.#isStuck = true;
        this.#stuck.resolve();
        await this.#pause(Math.min(attempt, MOST_PAUSES) * 1_000);
      }
    }
  }

  /** Ends early when all of it ends. */
  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }

  async #workElsewhere(): Promise<void> {
    const { path, segments } = this.#options;
    // What was put in the place of its file is none that anybody may fill.
    if (!this.#filled.connection.isInPlace) this.#filled.lookAgain();
    this.requireRoom();
    const onProgress = (done: number, position: Position) => {
      if (this.#progress !== undefined) this.#progress = done;
      // What is in need not be held; without the ids nobody would find it there.
      if (!this.#idsKnown) this.#filled.waiting.drop(position);
    };
    const events = { until: () => this.#ledger.end, onIds: () => this.#endIdsUnknown(), onProgress };
    const mend = mender(this.#options, this.#ledger);
    const indexer = startIndexer({ path, ledger: segments.folder }, { ...events, mend });
    this.#indexer = indexer;
    try {
      await indexer.done;
    } finally {
      this.#indexer = undefined;
      await indexer.end();
    }
  }

  /** Whoever waits for the ids asks again at once. */
  #endIdsUnknown(): void {
    const known = this.#idsKnown;
    this.#idsKnown = undefined;
    known?.resolve();
  }
}
