import type { DatabaseSync } from 'node:sqlite';
import { Connection } from './connection.ts';
import { HistoryDamaged, IN_MEMORY, isBusy, isLogLong, isSqliteError, openToWrite } from './database/database.ts';
import { damagedHistory, HistoryUnready, historyMadeAnew } from './history-warnings.ts';
import { type Indexer, startIndexer } from './indexer.ts';
import { compareLost, setAside, tellLost } from './lost-histories.ts';
import { type HistoryOptions, type LedgerOfHistory, mender, openHistory } from './open-history.ts';
import { follows, WaitingLines } from './waiting-lines.ts';
import type { LineToTake } from './writing/writer.ts';

/** What is behind by no more than this is taken in here; more is left to a process of its own. */
const MOST_BYTES_HERE = 4 * 1024 * 1024;
const MOST_SESSIONS_HERE = 1_500;

/** So many sessions are taken in at once, in some milliseconds, before others have a turn. */
const TOGETHER_HERE = 500;

/** What somebody else has is asked for again after this. */
const AGAIN_MS = 50;

/** So many processes are tried before all is taken in here. */
const PROCESSES = 2;

/**
 * Keeps the database where the ledger is. Either it is here, with some lines that wait, or it is `working`: filled by another
 * process, or in turns, and not to be asked. A failure of it is answered by making it anew, and at last by one in memory.
 */
export class HistoryKeeper {
  readonly waiting = new WaitingLines();
  #connection: Connection;
  #generation = 0;
  #flushing: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #working: Promise<void> | undefined;
  #indexer: Indexer | undefined;
  #idsKnown: PromiseWithResolvers<void> | undefined;
  #progress: number | undefined;
  #isClosed = false;
  readonly #options: HistoryOptions;
  readonly #ledger: LedgerOfHistory;

  constructor(db: DatabaseSync, ledger: LedgerOfHistory, options: HistoryOptions) {
    this.#options = options;
    this.#ledger = ledger;
    this.#connection = new Connection(db, options.segments);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Changes with every database that takes the place of another. */
  get generation(): number {
    return this.#generation;
  }

  /** Settled when the database is where the ledger is, or closed; there while it must not be asked. */
  get working(): Promise<void> | undefined {
    return this.#working;
  }

  /** Settled when the ids of all that does not wait are known; there while they are not. */
  get idsKnown(): Promise<void> | undefined {
    return this.#idsKnown?.promise;
  }

  /** How much of the ledger is in, from 0 to 1, while much of it is not. */
  get progress(): number | undefined {
    return this.#progress;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes in at once what the database lacks, or, where that is much, behind the start. */
  async begin(): Promise<void> {
    if (this.#isFar()) return this.#makeAnew();
    try {
      await this.#goThere();
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      this.renew(error);
    }
  }

  add(line: LineToTake): void {
    this.waiting.add(line);
    if (!this.#working) this.#goOn();
  }

  /** Takes in all that waits; throws `HistoryUnready` while it is working, and where the database is at fault or in other hands. */
  flush(): void {
    if (this.#working) throw new HistoryUnready();
    while (this.waiting.lines.length > 0) this.guarded(() => this.#take(Number.POSITIVE_INFINITY));
  }

  /** Does something with the database; throws `HistoryUnready` where that fails by its fault, and has it made anew. */
  guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      if (!isBusy(error)) this.renew(error);
      throw new HistoryUnready();
    }
  }

  /** The database is at fault: it is set aside and made anew. */
  renew(error: unknown): void {
    if (this.#working || this.#isClosed) return;
    this.#options.warnings.raise('history_damaged', damagedHistory(error));
    const { isInMemory } = this.#connection;
    this.#connection.close();
    try {
      if (!isInMemory) setAside(this.#options.path, 'damaged', this.#options.now());
      this.#open(openHistory(this.#options));
    } catch {
      // It cannot be given another name, as where another process has it open.
      this.#open(openToWrite(IN_MEMORY));
    }
    this.#makeAnew();
  }

  /** Leaves what is not in the database yet to the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#flushing as NodeJS.Timeout);
    clearImmediate(this.#flushing as NodeJS.Immediate);
    await this.#indexer?.end();
    await this.#working;
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
    }
    this.#connection.close();
  }

  /** Sees to what waits. */
  #goOn(): void {
    if (this.waiting.sessions > MOST_SESSIONS_HERE || isLogLong(this.#options.path)) this.#handOver();
    else this.#flushing ??= setImmediate(() => this.#flushSome());
  }

  #flushSome(): void {
    this.#flushing = undefined;
    if (this.#working || this.#isClosed) return;
    try {
      this.guarded(() => this.#take(TOGETHER_HERE));
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
      if (!this.#working) this.#flushing = setTimeout(() => this.#flushSome(), AGAIN_MS).unref();
      return;
    }
    if (this.waiting.lines.length > 0) this.#goOn();
  }

  #take(sessions: number): void {
    const { writer } = this.#connection;
    const lines = this.waiting.first(sessions);
    const [next] = lines;
    if (!next) return;
    if (!follows(next, writer.position)) throw new HistoryDamaged('it lacks lines');
    writer.takeIn(lines, this.#options.now(), (number) => this.#options.segments.fingerprint(number));
    this.waiting.drop(writer.position);
  }

  /** Hands over so much that people are told how far it is, and that ids are not known for a while. */
  #makeAnew(): void {
    this.#progress = 0;
    this.#options.warnings.raise('history_made_anew', () => historyMadeAnew(this.#progress ?? 1));
    this.#idsKnown ??= Promise.withResolvers();
    this.#handOver();
  }

  #handOver(): void {
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      this.#progress = undefined;
      this.#options.warnings.clear('history_made_anew');
      this.#endIdsUnknown();
      if (!this.#isClosed && this.waiting.lines.length > 0) this.#goOn();
    });
  }

  /** Until the database is where the ledger is: by one process, by another, then here, and at last in memory. */
  async #work(): Promise<void> {
    for (let attempt = 0; !this.#isClosed; attempt++) {
      try {
        const isElsewhere = attempt < PROCESSES && !this.#connection.isInMemory;
        if (isElsewhere) await this.#workElsewhere();
        if (this.#isClosed) return;
        // It may have been exchanged meanwhile for one that holds nothing.
        if (!this.#connection.isInMemory) this.#open(openHistory(this.#options));
        if (this.#isFar()) this.#idsKnown ??= Promise.withResolvers();
        if (isElsewhere && this.#isFar()) continue;
        return await this.#goThere();
      } catch (error) {
        if (this.#isClosed) return;
        this.#options.warnings.raise('history_damaged', damagedHistory(error));
        // A disk without room, or a damage that the next start sees to: until then one in memory answers the same.
        if (attempt >= PROCESSES) this.#open(openToWrite(IN_MEMORY));
        if (attempt > PROCESSES) throw error;
      }
    }
  }

  async #workElsewhere(): Promise<void> {
    const { path, segments } = this.#options;
    const onProgress = (done: number) => {
      if (this.#progress !== undefined) this.#progress = done;
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

  /** Takes in here what the database lacks, in turns. */
  async #goThere(): Promise<void> {
    const { connection } = this;
    const { db, writer } = connection;
    for (let last = Number.NaN; !connection.isAt(this.#ledger.end) && last !== writer.position?.end; ) {
      last = writer.position?.end ?? Number.NaN;
      const isOver = () => this.#isClosed;
      await connection.catchUp(this.#ledger.end, {
        together: TOGETHER_HERE,
        mend: mender(this.#options, this.#ledger),
        isOver,
      });
      if (this.#isClosed) return;
    }
    writer.finish();
    this.waiting.drop(writer.position);
    compareLost(db, this.#options.path);
    tellLost(db, this.#options);
  }

  /** Whether the database lacks so much that it is left to a process. */
  #isFar(): boolean {
    return this.#connection.bytesBehind() > MOST_BYTES_HERE;
  }

  /** Whoever waits for the ids asks again at once. */
  #endIdsUnknown(): void {
    const known = this.#idsKnown;
    this.#idsKnown = undefined;
    known?.resolve();
  }

  #open(db: DatabaseSync): void {
    this.#connection.close();
    this.#connection = new Connection(db, this.#options.segments);
    this.#generation++;
  }
}
