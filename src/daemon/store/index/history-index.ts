import type { DatabaseSync } from 'node:sqlite';
import type { Outcome } from '../../rules/figures/fold.ts';
import type { ScannedLine } from '../ledger/ledger-scan.ts';
import type { LedgerSession } from '../ledger/ledger-session.ts';
import { bytesBehind, catchUp, figuresAt } from './catch-up.ts';
import { Connection } from './connection.ts';
import { IN_MEMORY, isLogLong, isSqliteError, openToWrite } from './database/database.ts';
import { damagedHistory, HistoryUnready, historyMadeAnew } from './history-warnings.ts';
import { type Indexer, startIndexer } from './indexer.ts';
import { compareLost, setAside, tellLost } from './lost-histories.ts';
import { type HistoryOptions, type LedgerOfHistory, mender, openHistory } from './open-history.ts';
import type { Lookups } from './reading/lookups.ts';
import type { HistoryReader } from './reading/reader.ts';
import { WaitingLines } from './waiting-lines.ts';

/** What is behind by no more than this is taken in here; more is left to a process of its own. */
const MOST_BYTES_HERE = 4 * 1024 * 1024;
const MOST_SESSIONS_HERE = 1_500;

/** So many sessions are taken in at once, in some milliseconds, before others have a turn. */
const TOGETHER_HERE = 500;

/** Lines after which the size of the log is looked at. */
const LINES_A_LOOK = 256;

/**
 * The history of the ledger as a database, and what is not in it yet. The ledger never waits for it: a line that is durable
 * is taken in when its receipts are out, and a failure of the database is answered by making it anew.
 */
export class HistoryIndex {
  #connection: Connection;
  readonly #waiting = new WaitingLines();
  #flushing: NodeJS.Immediate | undefined;
  #lines = 0;
  /** Settled when the database is where the ledger is; there while another process writes to it, or it is filled in turns. */
  #working: Promise<void> | undefined;
  #indexer: Indexer | undefined;
  #idsKnown: PromiseWithResolvers<void> | undefined;
  #progress: number | undefined;
  #isClosed = false;
  readonly #options: HistoryOptions;
  readonly #ledger: LedgerOfHistory;

  private constructor(db: DatabaseSync, ledger: LedgerOfHistory, options: HistoryOptions) {
    this.#options = options;
    this.#ledger = ledger;
    this.#connection = new Connection(db, options.segments);
  }

  /** The history of a ledger that is read and mended, in a database of `openHistory`; a small part that it lacks is taken in at once, a large one behind the start. */
  static async open(db: DatabaseSync, ledger: LedgerOfHistory, options: HistoryOptions): Promise<HistoryIndex> {
    const index = new HistoryIndex(db, ledger, options);
    await index.#begin();
    return index;
  }

  /** Notes a line that is durable, with what its changes come to. */
  add(scanned: ScannedLine, segment: number, outcomes: readonly (readonly Outcome[])[]): void {
    this.#waiting.add({ scanned, segment, figures: { begin: () => undefined, add: (_, index) => outcomes[index]! } });
    if (!this.#working) this.#goOn();
  }

  /** The session with this id, whether or not it is in the database yet; to be asked when `idsKnown`. */
  find(id: string): LedgerSession | undefined {
    return this.#waiting.find(id) ?? (this.#idsKnown ? undefined : this.#connection.lookups.find(id));
  }

  /** Settled when `find` knows every id; `undefined` when it does, as always but while the history is made anew. */
  get idsKnown(): Promise<void> | undefined {
    return this.#idsKnown?.promise;
  }

  /** Settled when `recorded` may be asked; `undefined` when it may. */
  get working(): Promise<void> | undefined {
    return this.#working;
  }

  /** How much of the ledger is in, from 0 to 1, while much of it is not. */
  get progress(): number | undefined {
    return this.#progress;
  }

  /** Resolves when everything that is durable is in the database. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
    this.#flush();
    this.#connection.writer.tellBy(this.#options.now());
  }

  /** What recording and editing ask of everything before; throws `HistoryUnready` unless it is `settled`. */
  get recorded(): Lookups {
    if (this.#working) throw new HistoryUnready();
    this.#flush();
    return this.#connection.lookups;
  }

  get isTotalNamed(): boolean {
    return (this.#working ? this.#connection.lookups : this.recorded).isTotalNamed();
  }

  /** The counts above 0 of the last readings that stand, the latest first; none while the history is made anew. */
  recentAmounts(): number[] {
    return this.#working ? [] : this.recorded.recentAmounts();
  }

  /** By the daemon's own connection, for questions that cost little. */
  get reader(): HistoryReader {
    this.#flushSome(Number.POSITIVE_INFINITY);
    return this.#connection.reader;
  }

  /** The path of the database for other processes; `undefined` of one in memory. */
  get path(): string | undefined {
    return this.#connection.isInMemory ? undefined : this.#options.path;
  }

  /** Whether an error is one of the database, which is made anew then, or says that it is being made anew. */
  isAtFault(error: unknown): boolean {
    if (isSqliteError(error)) this.renew(error);
    return this.#working !== undefined && (isSqliteError(error) || error instanceof HistoryUnready);
  }

  /** The database is at fault: it is set aside and made anew. */
  renew(error: unknown): void {
    if (this.#working || this.#isClosed) return;
    this.#options.warnings.raise('history_damaged', damagedHistory(error));
    const { path } = this;
    this.#connection.close();
    if (path) setAside(path, 'damaged', this.#options.now());
    this.#open();
    this.#makeAnew();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearImmediate(this.#flushing);
    await this.#indexer?.end();
    this.#flushSome(Number.POSITIVE_INFINITY);
    this.#connection.close();
  }

  async #begin(): Promise<void> {
    const { db, writer } = this.#connection;
    const behind = bytesBehind(this.#options.segments, writer);
    if (behind > MOST_BYTES_HERE) return this.#makeAnew();
    try {
      if (behind > 0) await this.#catchUpHere();
      writer.finish();
      compareLost(db, this.#options.path);
      tellLost(db, this.#options);
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      this.renew(error);
    }
  }

  /** Sees to what waits. */
  #goOn(): void {
    const isLong = ++this.#lines % LINES_A_LOOK === 0 && isLogLong(this.#options.path);
    if (this.#waiting.sessions > MOST_SESSIONS_HERE || isLong) this.#handOver();
    else this.#flushing ??= setImmediate(() => this.#flushSome(TOGETHER_HERE));
  }

  /** Hands over so much that people are told how far it is, and that ids are not known for a while. */
  #makeAnew(): void {
    this.#progress = 0;
    this.#options.warnings.raise('history_made_anew', () => historyMadeAnew(this.#progress ?? 1));
    this.#idsKnown = Promise.withResolvers();
    this.#handOver();
  }

  /** Leaves the database to a process of its own until it is where the ledger is. */
  #handOver(): void {
    this.#working = this.#work().finally(() => {
      this.#working = undefined;
      this.#endIdsUnknown();
      if (!this.#isClosed) this.#goOn();
    });
  }

  async #work(): Promise<void> {
    const isDone = !this.#connection.isInMemory && (await this.#workElsewhere());
    this.#indexer = undefined;
    if (this.#isClosed) return;
    try {
      if (!this.#connection.isInMemory) this.#open();
      await this.#takeOver(isDone);
    } catch (error) {
      if (!isSqliteError(error)) throw error;
      // A disk without room, or a damage that the next start sees to: until then one in memory answers the same.
      this.#connection.close();
      this.#connection = new Connection(openToWrite(IN_MEMORY), this.#options.segments);
      await this.#takeOver(false);
    }
  }

  /** Goes on here, where another process has filled the database, or has not. */
  async #takeOver(isDone: boolean): Promise<void> {
    if (!isDone) await this.#catchUpHere();
    this.#connection.writer.finish();
    this.#waiting.drop(this.#connection.writer.position);
    this.#progress = undefined;
    this.#options.warnings.clear('history_made_anew');
    tellLost(this.#connection.db, this.#options);
  }

  /** False where the process broke; then all is taken in here, in turns. */
  async #workElsewhere(): Promise<boolean> {
    const { path, segments, warnings } = this.#options;
    const onProgress = (done: number) => {
      if (this.#progress !== undefined) this.#progress = done;
    };
    const events = { until: () => this.#ledger.end, onIds: () => this.#endIdsUnknown(), onProgress };
    try {
      this.#indexer = startIndexer({ path, ledger: segments.folder }, { ...events, mend: mender(this.#options) });
      await this.#indexer.done;
      return true;
    } catch (error) {
      if (!this.#isClosed) warnings.raise('history_damaged', damagedHistory(error));
      return false;
    }
  }

  async #catchUpHere(): Promise<void> {
    const { segments } = this.#options;
    const { writer, lookups } = this.#connection;
    const figures = figuresAt(segments, writer, lookups);
    const until = this.#ledger.end;
    await catchUp({ segments, writer, figures, until, together: TOGETHER_HERE, mend: mender(this.#options) });
  }

  /** Whoever waits for the ids asks again at once. */
  #endIdsUnknown(): void {
    const known = this.#idsKnown;
    this.#idsKnown = undefined;
    known?.resolve();
  }

  #open(): void {
    this.#connection.close();
    this.#connection = new Connection(openHistory(this.#options), this.#options.segments);
  }

  /** Takes in all that waits; throws `HistoryUnready` where the database is at fault. */
  #flush(): void {
    while (this.#waiting.lines.length > 0) {
      this.#flushSome(Number.POSITIVE_INFINITY);
      if (this.#working) throw new HistoryUnready();
    }
  }

  /** Takes in the lines that bring so many sessions; the rest soon. */
  #flushSome(sessions: number): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    const lines = this.#waiting.first(sessions);
    if (this.#working || lines.length === 0) return;
    const { writer } = this.#connection;
    try {
      writer.takeIn(lines, this.#options.now(), (number) => this.#options.segments.fingerprint(number));
    } catch (error) {
      this.renew(error);
      return;
    }
    this.#waiting.drop(writer.position);
    if (this.#waiting.lines.length > 0 && !this.#isClosed) this.#goOn();
  }
}
