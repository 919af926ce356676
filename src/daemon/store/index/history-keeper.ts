import { DatabaseFault, faultOf } from '../../disk/database-fault.ts';
import { removeDatabase, setAside } from '../../disk/database-file.ts';
import type { Connection } from './connection.ts';
import { isLogLong, logBytes } from './database/database.ts';
import { HistoryFiller, TOGETHER_HERE } from './history-filler.ts';
import { damagedHistory, HistoryUnready } from './history-warnings.ts';
import { LockWait } from './lock-wait.ts';
import { isOfLedger } from './lost-histories.ts';
import { type HistoryOptions, type LedgerOfHistory, openHistory, openInMemory } from './open-history.ts';
import { follows, WaitingLines } from './waiting-lines.ts';
import type { LineToTake } from './writing/writer.ts';

/** More are left to a process of its own. */
const MOST_SESSIONS_HERE = 1_500;

/**
 * Keeps the database where the ledger is. Either it is here, with some lines that wait, or it is filled: by another process, or in
 * turns, and not to be asked. A failure of it is answered by making it anew, and a lock by waiting.
 */
export class HistoryKeeper {
  readonly waiting = new WaitingLines();
  readonly filler: HistoryFiller;
  #connection: Connection;
  #generation = 0;
  #flushing: NodeJS.Immediate | undefined;
  /** The length of the log that somebody who reads keeps from being put into its place. */
  #keptLog = 0;
  #isClosed = false;
  readonly #lock = new LockWait(() => this.#isFree() && this.#flushSome());
  readonly #options: HistoryOptions;

  constructor(connection: Connection, ledger: LedgerOfHistory, options: HistoryOptions) {
    this.#options = options;
    this.#connection = connection;
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

  /** Settled when the database is where the ledger is; there while it must not be asked. */
  get working(): Promise<void> | undefined {
    return this.filler.working ?? this.#lock.ended;
  }

  /** As `working`, but what is locked for long is not waited for any more: it refuses. */
  get soonThere(): Promise<void> | undefined {
    return this.filler.working ? this.filler.soonThere : this.#lock.endedOrLong;
  }

  /** Takes in at once what the database lacks, or, where that is much, behind the start. */
  async begin(): Promise<void> {
    if (this.filler.isFar) return this.#fill(true);
    const wasEmpty = this.#connection.writer.position === undefined;
    try {
      this.filler.requireRoom();
      await this.filler.goThere();
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      if (fault === 'damaged') return this.renew(error);
      // What it lacks does not wait here, so that a lock leaves all of it to be filled.
      if (fault === 'room') this.giveUpRoom(wasEmpty);
      this.#fill(true);
    }
  }

  add(line: LineToTake): void {
    this.waiting.add(line);
    if (!this.working) this.#goOn();
  }

  /** Resolves when everything that is durable is in the database, each change told at its time; rejects with `HistoryUnready` once it is closed, or where it is locked for long. */
  async settled(): Promise<void> {
    while (!this.#isClosed) {
      try {
        await this.soonThere;
        this.flush();
        return this.guarded(() => this.#connection.writer.tellBy(this.#options.now()));
      } catch (error) {
        if (!(error instanceof HistoryUnready) || !this.soonThere) throw error;
      }
    }
    throw new HistoryUnready();
  }

  /** Takes in all that waits; throws `HistoryUnready` while the database is filled, and where it is at fault or in other hands. */
  flush(): void {
    if (this.filler.working || this.#isClosed) throw new HistoryUnready();
    if (this.#lock.ended) throw new HistoryUnready(true);
    while (this.waiting.lines.length > 0) this.guarded(() => this.#take(Number.POSITIVE_INFINITY));
  }

  /** Does something with the database; throws `HistoryUnready` where that fails by its fault, and sees to it. */
  guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!this.noteFault(error)) throw error;
      throw new HistoryUnready(this.#lock.ended !== undefined);
    }
  }

  /** Sees to a fault of the database: a lock is waited for, anything else has it set aside and made anew. False for what is no fault of it. */
  noteFault(error: unknown): boolean {
    const fault = faultOf(error);
    if (fault === undefined) return false;
    if (fault === 'busy') this.#lock.begin();
    else this.renew(error);
    return true;
  }

  /** The database is at fault: it is set aside and made anew. */
  renew(error: unknown): void {
    if (this.filler.working || this.#isClosed) return;
    this.#lock.end();
    if (faultOf(error) === 'room') this.giveUpRoom(false);
    else this.exchange(error);
    this.#fill(true);
  }

  /** Has it made anew where somebody has removed its file, or put another in its place. */
  lookForFile(): void {
    if (this.#connection.isInPlace) return;
    this.renew(new DatabaseFault('its file was removed or exchanged'));
  }

  /** Sets the database aside as damaged, and begins an empty one. */
  exchange(error: unknown): void {
    const { path, warnings, now } = this.#options;
    warnings.raise('history_damaged', damagedHistory(error));
    const { isInMemory } = this.#connection;
    this.#connection.close();
    try {
      if (!isInMemory) setAside(path, 'damaged', now());
      this.#put(openHistory(this.#options));
    } catch (cause) {
      // It cannot be given another name, as where another process has it open.
      this.goToMemory(cause);
    }
  }

  /** Goes on in memory; the disk gets back the room of a database that was empty when it was to be filled. */
  giveUpRoom(wasEmpty: boolean): void {
    const isRemoved = wasEmpty && !this.#connection.isInMemory;
    this.goToMemory(new DatabaseFault('the disk has no room for it', 'room'));
    if (isRemoved) removeDatabase(this.#options.path);
  }

  /** Goes on in memory. */
  goToMemory(error: unknown): void {
    this.#connection.close();
    this.#put(openInMemory(this.#options, error));
  }

  /** Another process has written to it; one that is none of this ledger any more is exchanged. */
  lookAgain(): void {
    const { isInMemory, isInPlace, db } = this.#connection;
    if (isInMemory || (isInPlace && isOfLedger(db, this.#options.segments))) {
      this.#connection = this.#connection.anew();
      return;
    }
    this.#connection.close();
    this.#put(openHistory(this.#options));
  }

  /** Leaves what cannot be taken in any more to the next start. */
  async close(): Promise<void> {
    clearImmediate(this.#flushing);
    try {
      this.flush();
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
    }
    this.#lock.end();
    this.#isClosed = true;
    await this.filler.end();
    this.#connection.close();
  }

  /** Whatever it lacks is unknown from now on. */
  #put(connection: Connection): void {
    this.#connection = connection;
    this.#generation++;
    this.filler.forgetIds();
  }

  #fill(isAnew: boolean): void {
    this.filler.begin(isAnew, () => {
      this.#keptLog = logBytes(this.#options.path);
      if (!this.#isClosed && this.waiting.lines.length > 0) this.#goOn();
    });
  }

  /** Sees to what waits. */
  #goOn(): void {
    const isLong = isLogLong(this.#options.path, this.#keptLog);
    if (this.waiting.sessions > MOST_SESSIONS_HERE || isLong) this.#fill(false);
    else this.#flushing ??= setImmediate(() => this.#flushSome());
  }

  /** Takes in some of what waits; false where the database is locked. */
  #flushSome(): boolean {
    this.#flushing = undefined;
    if (this.filler.working || this.#isClosed) return true;
    try {
      this.guarded(() => this.#take(TOGETHER_HERE));
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
      return this.filler.working !== undefined;
    }
    if (this.waiting.lines.length > 0) this.#goOn();
    return true;
  }

  /** Whether it can be written to by now; what was known of it when a write failed is read again then. */
  #isFree(): boolean {
    if (this.filler.working) return true;
    try {
      this.#connection.db.exec('begin immediate; rollback');
      this.#connection = this.#connection.anew();
      return true;
    } catch (error) {
      return faultOf(error) !== 'busy';
    }
  }

  #take(sessions: number): void {
    const { writer } = this.#connection;
    const lines = this.waiting.first(sessions);
    const [next] = lines;
    if (!next) return;
    if (!follows(next, writer.position)) throw new DatabaseFault('it lacks lines');
    writer.takeIn(lines, this.#options.now(), (number) => this.#options.segments.fingerprint(number));
    this.waiting.drop(writer.position);
  }
}
