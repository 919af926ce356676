import type { DatabaseSync } from 'node:sqlite';
import { Connection } from './connection.ts';
import { HistoryDamaged, IN_MEMORY, isBusy, isLogLong, isSqliteError, openToWrite } from './database/database.ts';
import { HistoryFiller, TOGETHER_HERE } from './history-filler.ts';
import { damagedHistory, HistoryUnready } from './history-warnings.ts';
import { isOfLedger, setAside } from './lost-histories.ts';
import { type HistoryOptions, type LedgerOfHistory, openHistory } from './open-history.ts';
import { follows, WaitingLines } from './waiting-lines.ts';
import type { LineToTake } from './writing/writer.ts';

/** More are left to a process of its own. */
const MOST_SESSIONS_HERE = 1_500;

/** What somebody else has is asked for again after this. */
const AGAIN_MS = 50;

/**
 * Keeps the database where the ledger is. Either it is here, with some lines that wait, or it is filled: by another process, or in
 * turns, and not to be asked. A failure of it is answered by making it anew.
 */
export class HistoryKeeper {
  readonly waiting = new WaitingLines();
  readonly filler: HistoryFiller;
  #connection: Connection;
  #generation = 0;
  #flushing: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #isClosed = false;
  readonly #options: HistoryOptions;

  constructor(db: DatabaseSync, ledger: LedgerOfHistory, options: HistoryOptions) {
    this.#options = options;
    this.#connection = new Connection(db, options.segments);
    this.filler = new HistoryFiller(this, ledger, options);
  }

  get connection(): Connection {
    return this.#connection;
  }

  /** Changes with every database that takes the place of another. */
  get generation(): number {
    return this.#generation;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Takes in at once what the database lacks, or, where that is much, behind the start. */
  async begin(): Promise<void> {
    if (this.filler.isFar) return this.#fill(true);
    try {
      await this.filler.goThere();
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      this.renew(error);
    }
  }

  add(line: LineToTake): void {
    this.waiting.add(line);
    if (!this.filler.working) this.#goOn();
  }

  /** Resolves when everything that is durable is in the database, each change told at its time; rejects with `HistoryUnready` once it is closed. */
  async settled(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.filler.working;
        this.flush();
        return this.guarded(() => this.#connection.writer.tellBy(this.#options.now()));
      } catch (error) {
        if (!(error instanceof HistoryUnready) || !this.filler.working) throw error;
      }
    }
    throw new HistoryUnready();
  }

  /** Takes in all that waits; throws `HistoryUnready` while the database is filled, and where it is at fault or in other hands. */
  flush(): void {
    if (this.filler.working || this.#isClosed) throw new HistoryUnready();
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
    if (this.filler.working || this.#isClosed) return;
    this.#options.warnings.raise('history_damaged', damagedHistory(error));
    this.exchange();
    this.#fill(true);
  }

  /** Sets the database aside as damaged, and begins an empty one. */
  exchange(): void {
    const { isInMemory } = this.#connection;
    this.#connection.close();
    try {
      if (!isInMemory) setAside(this.#options.path, 'damaged', this.#options.now());
      this.open(openHistory(this.#options));
    } catch {
      // It cannot be given another name, as where another process has it open.
      this.open(openToWrite(IN_MEMORY));
    }
  }

  /** Another process has written to the database; one that is none of this ledger any more is exchanged. */
  lookAgain(): void {
    const { db, isInMemory } = this.#connection;
    const { segments } = this.#options;
    if (isInMemory || isOfLedger(db, segments)) this.#connection = new Connection(db, segments);
    else this.open(openHistory(this.#options));
  }

  open(db: DatabaseSync): void {
    this.#connection.close();
    this.#connection = new Connection(db, this.#options.segments);
    this.#generation++;
  }

  /** Leaves what cannot be taken in any more to the next start. */
  async close(): Promise<void> {
    clearTimeout(this.#flushing as NodeJS.Timeout);
    clearImmediate(this.#flushing as NodeJS.Immediate);
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
    }
    this.#isClosed = true;
    await this.filler.end();
    this.#connection.close();
  }

  #fill(isAnew: boolean): void {
    this.filler.begin(isAnew, () => {
      if (!this.#isClosed && this.waiting.lines.length > 0) this.#goOn();
    });
  }

  /** Sees to what waits. */
  #goOn(): void {
    if (this.waiting.sessions > MOST_SESSIONS_HERE || isLogLong(this.#options.path)) this.#fill(false);
    else this.#flushing ??= setImmediate(() => this.#flushSome());
  }

  #flushSome(): void {
    this.#flushing = undefined;
    if (this.filler.working || this.#isClosed) return;
    try {
      this.guarded(() => this.#take(TOGETHER_HERE));
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
      if (!this.filler.working) this.#flushing = setTimeout(() => this.#flushSome(), AGAIN_MS).unref();
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
}
