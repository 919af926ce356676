import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Warnings } from '../../process/warnings.ts';
import type { Outcome } from '../../rules/figures/fold.ts';
import type { LedgerEnd } from '../ledger/ledger.ts';
import { isCheckpoint } from '../ledger/ledger-line.ts';
import type { ScannedLine } from '../ledger/ledger-scan.ts';
import { idOf, type LedgerSession, sessionFrom, sessionsOf } from '../ledger/ledger-session.ts';
import type { Segments } from '../ledger/segments.ts';
import { catchUp, figuresAt } from './catch-up.ts';
import { isSqliteError, openToWrite } from './database.ts';
import { damagedHistory, HistoryUnready, historyMadeAnew } from './history-warnings.ts';
import { type Indexer, startIndexer } from './indexer.ts';
import { Lookups } from './lookups.ts';
import { readPosition } from './position.ts';
import { HistoryReader } from './reading/reader.ts';
import { compareLost, isOfLedger, setAside, tellLost } from './set-aside.ts';
import { HistoryWriter, type LineToTake } from './writer.ts';

export interface HistoryOptions {
  /** The path of the database. */
  readonly path: string;
  readonly segments: Segments;
  readonly warnings: Warnings;
  readonly now: () => number;
}

/** The ledger that it is the history of. */
export interface LedgerOfHistory {
  /** Where it ends, so far as it is durable. */
  readonly end: LedgerEnd;
  /** Mends a segment that turns out to be damaged. */
  mendOld(segment: number): Promise<void>;
}

/** What is behind by no more than this is taken in here; more is left to a process of its own. */
const MOST_BYTES_HERE = 4 * 1024 * 1024;
const MOST_SESSIONS_HERE = 4_000;
const TOGETHER_HERE = 500;

/** A log that has grown by so much is put into the database by a process that may wait for the disk. */
const MOST_LOG_BYTES = 32 * 1024 * 1024;

/** Lines after which the size of the log is looked at. */
const LINES_A_LOOK = 256;

/**
 * The history of the ledger as a database, and what is not in it yet. The ledger never waits for it: a line that is durable
 * is taken in when its receipts are out, and a failure of the database is answered by making it anew.
 */
export class HistoryIndex {
  #db: DatabaseSync;
  /** There while nobody else writes. */
  #writer: HistoryWriter | undefined;
  #lookups: Lookups;
  #reader: HistoryReader;
  #indexer: Indexer | undefined;
  /** Settled when the indexer has ended, or knows all ids. */
  #working: Promise<void> | undefined;
  #idsKnown: Promise<void> | undefined;
  /** Lines that are durable in the ledger and not in the database yet, and their sessions by id. */
  #waiting: LineToTake[] = [];
  #waitingSessions = 0;
  readonly #waitingById = new Map<string, LedgerSession>();
  #flushing: NodeJS.Immediate | undefined;
  #lines = 0;
  #isClosed = false;
  #progress: number | undefined;
  readonly #options: HistoryOptions;
  readonly #ledger: LedgerOfHistory;

  private constructor(db: DatabaseSync, ledger: LedgerOfHistory, options: HistoryOptions) {
    this.#options = options;
    this.#ledger = ledger;
    this.#db = db;
    this.#lookups = new Lookups(db, options.segments);
    this.#reader = new HistoryReader(db);
    this.#writer = new HistoryWriter(db);
  }

  /** The history of a ledger that is read and mended, in a database of `openHistory`; a small part that it lacks is taken in at once, a large one behind the start. */
  static async open(db: DatabaseSync, ledger: LedgerOfHistory, options: HistoryOptions): Promise<HistoryIndex> {
    const index = new HistoryIndex(db, ledger, options);
    await index.#begin();
    return index;
  }

  /** Notes a line that is durable, with what its changes come to. */
  add(scanned: ScannedLine, segment: number, outcomes: readonly (readonly Outcome[])[]): void {
    this.#waiting.push({ scanned, segment, figures: { begin: () => undefined, add: (_, index) => outcomes[index]! } });
    const { line } = scanned;
    if (!isCheckpoint(line)) {
      for (const source of line.changes.flatMap(sessionsOf)) {
        this.#waitingSessions++;
        const session = sessionFrom(source);
        const id = idOf(session);
        if (id !== undefined && !this.#waitingById.has(id)) this.#waitingById.set(id, session);
      }
    }
    if (this.#working) return;
    this.#goOn();
  }

  /** Sees to what waits. */
  #goOn(): void {
    if (this.#waitingSessions > MOST_SESSIONS_HERE || this.#isLogLarge()) this.#handOver();
    else this.#flushing ??= setImmediate(() => this.#tryFlush());
  }

  /** The session with this id, whether or not it is in the database yet; to be asked when `idsKnown`. */
  find(id: string): LedgerSession | undefined {
    return this.#waitingById.get(id) ?? (this.#idsKnown ? undefined : this.#lookups.find(id));
  }

  /** Settled when `find` knows every id; `undefined` when it does, as always but while the history is made anew. */
  get idsKnown(): Promise<void> | undefined {
    return this.#idsKnown;
  }

  /** Settled when `recorded` may be asked; `undefined` when it may. */
  get working(): Promise<void> | undefined {
    return this.#working;
  }

  /** Resolves when everything that is durable is in the database; throws `busy` where it cannot be. */
  async settled(): Promise<void> {
    while (this.#working) await this.#working;
    this.#flush();
    this.#writer!.tellBy(this.#options.now());
  }

  /** How much of the ledger is in, from 0 to 1, while much of it is not. */
  get progress(): number | undefined {
    return this.#progress;
  }

  /** What recording and editing ask of everything before; throws `busy` unless it is `settled`. */
  get recorded(): Lookups {
    if (this.#working) throw new HistoryUnready();
    this.#flush();
    return this.#lookups;
  }

  get isTotalNamed(): boolean {
    return this.#working ? this.#lookups.isTotalNamed() : this.#flushed().isTotalNamed;
  }

  /** How many changes the ledger is known to lack. */
  get lost(): number {
    return this.#working ? 0 : this.#flushed().lost;
  }

  /** The counts above 0 of the last readings that stand, the latest first; none while the history is made anew. */
  recentAmounts(): number[] {
    return this.#working ? [] : this.recorded.recentAmounts();
  }

  /** The connection of the daemon's own thread, for questions that cost little. */
  get reader(): HistoryReader {
    return this.#reader;
  }

  get path(): string {
    return this.#options.path;
  }

  /** Whether an error is one of the database, which is made anew then, or says that it is being made anew. */
  isAtFault(error: unknown): boolean {
    if (isSqliteError(error)) this.renew(error);
    else if (!(error instanceof HistoryUnready)) return false;
    return this.#working !== undefined;
  }

  /** The database is at fault: it is set aside and made anew. */
  renew(error: unknown): void {
    if (this.#working) return;
    this.#options.warnings.raise('history_damaged', damagedHistory(error));
    this.#db.close();
    setAside(this.#options.path, 'damaged', this.#options.now());
    this.#reopen();
    this.#makeAnew();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearImmediate(this.#flushing);
    await this.#indexer?.end();
    if (!this.#working) this.#tryFlush();
    this.#db.close();
  }

  async #begin(): Promise<void> {
    const writer = this.#writer!;
    const behind = bytesBehind(this.#options, writer);
    if (behind > MOST_BYTES_HERE) {
      this.#makeAnew();
      return;
    }
    if (behind > 0) await this.#catchUpHere();
    writer.finish();
    compareLost(this.#db, this.#options.path);
    tellLost(this.#db, this.#options);
  }

  async #catchUpHere(): Promise<void> {
    const writer = this.#writer!;
    const { segments } = this.#options;
    const figures = figuresAt(segments, writer, this.#lookups);
    const mend = (segment: number) => this.#ledger.mendOld(segment);
    await catchUp({ segments, writer, figures, until: this.#ledger.end, together: TOGETHER_HERE, mend });
  }

  /** As `#handOver`, of so much that people are told how far it is. */
  #makeAnew(): void {
    this.#progress = 0;
    this.#options.warnings.raise('history_made_anew', () => historyMadeAnew(this.#progress ?? 1));
    this.#handOver();
  }

  /** Leaves the database to a process of its own until it is where the ledger is. */
  #handOver(): void {
    this.#writer = undefined;
    const ids = Promise.withResolvers<void>();
    this.#idsKnown = ids.promise;
    const { path, segments, warnings } = this.#options;
    const indexer = startIndexer(
      { path, ledger: segments.folder },
      {
        until: () => this.#ledger.end,
        mend: (segment) => this.#ledger.mendOld(segment),
        onIds: () => this.#endIdsUnknown(ids.resolve),
        onProgress: (done) => {
          if (this.#progress !== undefined) this.#progress = done;
        },
      },
    );
    this.#indexer = indexer;
    this.#working = indexer.done
      .then(
        () => true,
        (error: unknown) => {
          if (!this.#isClosed) warnings.raise('history_damaged', damagedHistory(error));
          return false;
        },
      )
      .then((isDone) => this.#takeOver(isDone))
      .finally(() => {
        this.#working = undefined;
        this.#endIdsUnknown(ids.resolve);
        if (!this.#isClosed) this.#goOn();
      });
  }

  /** Whoever waits for the ids asks again at once. */
  #endIdsUnknown(resolve: () => void): void {
    this.#idsKnown = undefined;
    resolve();
  }

  /** Goes on where the process ended; where it could not, all is taken in here, in turns. */
  async #takeOver(isDone: boolean): Promise<void> {
    this.#indexer = undefined;
    this.#progress = undefined;
    this.#options.warnings.clear('history_made_anew');
    if (this.#isClosed) return;
    this.#reopen();
    if (!isDone) await this.#catchUpHere();
    this.#writer!.finish();
    this.#drop();
    tellLost(this.#db, this.#options);
  }

  #reopen(): void {
    if (this.#db.isOpen) this.#db.close();
    this.#db = openHistory(this.#options);
    this.#lookups = new Lookups(this.#db, this.#options.segments);
    this.#reader = new HistoryReader(this.#db);
    this.#writer = new HistoryWriter(this.#db);
  }

  /** Lets go what waited and is in the database by now. */
  #drop(): void {
    const position = this.#writer!.position;
    if (!position) return;
    const isIn = ({ segment, scanned: { start } }: LineToTake) =>
      segment < position.segment || (segment === position.segment && start <= position.start);
    this.#hold(this.#waiting.filter((line) => !isIn(line)));
  }

  #hold(waiting: LineToTake[]): void {
    this.#waiting = [];
    this.#waitingSessions = 0;
    this.#waitingById.clear();
    for (const { scanned, segment, figures } of waiting) {
      const outcomes = isCheckpoint(scanned.line)
        ? []
        : scanned.line.changes.map((change, at) => figures.add(change, at));
      this.add(scanned, segment, outcomes);
    }
  }

  #flushed(): HistoryWriter {
    this.#flush();
    return this.#writer!;
  }

  /** Takes in what waits. */
  #flush(): void {
    clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#waiting.length === 0) return;
    const { segments, now } = this.#options;
    try {
      this.#writer!.takeIn(this.#waiting, now(), (number) => segments.fingerprint(number));
    } catch (error) {
      this.renew(error);
      throw new HistoryUnready();
    }
    this.#waiting = [];
    this.#waitingSessions = 0;
    this.#waitingById.clear();
  }

  #tryFlush(): void {
    if (this.#working) return;
    try {
      this.#flush();
    } catch (error) {
      if (!(error instanceof TokenSyncError)) throw error;
    }
  }

  #isLogLarge(): boolean {
    if (++this.#lines % LINES_A_LOOK > 0) return false;
    return (statSync(`${this.#options.path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > MOST_LOG_BYTES;
  }
}

/** The database of this ledger, or an empty one in the place of what is none. */
export function openHistory({ path, segments, warnings, now }: HistoryOptions): DatabaseSync {
  try {
    const db = openToWrite(path);
    if (isOfLedger(db, segments)) return db;
    db.close();
    setAside(path, 'lost', now());
  } catch (error) {
    warnings.raise('history_damaged', damagedHistory(error));
    setAside(path, 'damaged', now());
  }
  return openToWrite(path);
}

/** The segment up to which a history knows the ledger; `undefined` where it is empty. */
export function knownTo(db: DatabaseSync): number | undefined {
  return readPosition(db).position?.segment;
}

function bytesBehind({ segments }: HistoryOptions, { position }: HistoryWriter): number {
  const numbers = segments.numbers().filter((number) => number >= (position?.segment ?? 0));
  const size = numbers.reduce((sum, number) => sum + statSync(segments.path(number)).size, 0);
  return size - (position ? position.end + 1 : 0);
}
