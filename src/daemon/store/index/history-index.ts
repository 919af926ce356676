import type { Outcome } from '../../rules/figures/fold.ts';
import type { ScannedLine } from '../ledger/ledger-scan.ts';
import type { LedgerSession } from '../ledger/ledger-session.ts';
import type { Connection } from './connection.ts';
import { HistoryKeeper } from './history-keeper.ts';
import { HistoryUnready } from './history-warnings.ts';
import type { HistoryOptions, LedgerOfHistory } from './open-history.ts';
import type { Lookups } from './reading/lookups.ts';
import type { HistoryReader } from './reading/reader.ts';

/**
 * The history of the ledger, in a database and in what is not in it yet. The ledger never waits for it: a line that is durable
 * is taken in when others have had a turn.
 */
export class HistoryIndex {
  readonly #keeper: HistoryKeeper;
  readonly #options: HistoryOptions;
  #isTotalNamed: boolean | undefined;

  private constructor(keeper: HistoryKeeper, options: HistoryOptions) {
    this.#keeper = keeper;
    this.#options = options;
  }

  /** The history of a ledger that is read and mended, in a database of `openHistory`; a small part that it lacks is taken in at once, a large one behind the start. */
  static async open(connection: Connection, ledger: LedgerOfHistory, options: HistoryOptions): Promise<HistoryIndex> {
    const keeper = new HistoryKeeper(connection, ledger, options);
    await keeper.begin();
    return new HistoryIndex(keeper, options);
  }

  /** Notes a line that is durable, with what its changes come to. */
  add(scanned: ScannedLine, segment: number, outcomes: readonly (readonly Outcome[])[]): void {
    this.#keeper.add({ scanned, segment, figures: { begin: () => undefined, add: (_, index) => outcomes[index]! } });
  }

  /** The session with this id, whether or not it is in the database yet; throws `HistoryUnready` unless ids are known. */
  find(id: string): LedgerSession | undefined {
    const keeper = this.#keeper;
    const waiting = keeper.waiting.find(id);
    if (waiting) return waiting;
    if (keeper.filler.idsKnown) throw new HistoryUnready();
    return keeper.guarded(() => keeper.connection.lookups.find(id));
  }

  /** Settled when `find` may be asked; `undefined` when it may, as always but while the history is made anew. */
  get idsKnown(): Promise<void> | undefined {
    return this.#keeper.filler.idsSoonKnown;
  }

  /** Settled when `recorded` and `reader` may be asked; `undefined` when they may. */
  get working(): Promise<void> | undefined {
    return this.#keeper.working;
  }

  /** As `working`, but not longer than anybody should wait; what is asked then may be refused. */
  get soonThere(): Promise<void> | undefined {
    return this.#keeper.soonThere;
  }

  /** How much of the ledger is in, from 0 to 1, while much of it is not. */
  get progress(): number | undefined {
    return this.#keeper.filler.progress;
  }

  /** Changes with every database that takes the place of another. */
  get generation(): number {
    return this.#keeper.generation;
  }

  /** Resolves when everything that is durable is in the database; rejects with `HistoryUnready` once it is closed. */
  settled(): Promise<void> {
    return this.#keeper.settled();
  }

  /** What recording and editing ask of everything before; throws `HistoryUnready` unless it is `settled`. */
  get recorded(): Lookups {
    this.#keeper.flush();
    return this.#keeper.connection.lookups;
  }

  /** By the daemon's own connection, for questions that cost little; throws `HistoryUnready` unless it is `settled`. */
  get reader(): HistoryReader {
    this.#keeper.flush();
    return this.#keeper.connection.reader;
  }

  /** Whether somebody has ever named a budget; while the history is made anew, what was known before, or `undefined`. */
  get isTotalNamed(): boolean | undefined {
    if (!this.#isTotalNamed)
      this.#isTotalNamed = this.#whereThere((recorded) => recorded.isTotalNamed()) ?? this.#isTotalNamed;
    return this.#isTotalNamed;
  }

  /** The counts above 0 of the last readings that stand, the latest first; none while the history is made anew. */
  recentAmounts(): number[] {
    return this.#whereThere((recorded) => recorded.recentAmounts()) ?? [];
  }

  /** What a session counts by now, and its own time; while that cannot be asked, only that it may be there: what comes of it is folded again then. */
  countOf(id: string): { readonly counted: number; readonly atMs: number } | undefined {
    const found = this.#whereThere((recorded) => ({ count: recorded.countOf(id) }));
    return found ? found.count : { counted: 0, atMs: 0 };
  }

  /** The path of the database for other processes; `undefined` of one in memory. One whose file is gone is made anew. */
  get path(): string | undefined {
    this.#keeper.lookForFile();
    return this.#keeper.connection.isInMemory ? undefined : this.#options.path;
  }

  /** `undefined` while the history cannot be asked. */
  #whereThere<T>(ask: (recorded: Lookups) => T): T | undefined {
    if (this.working) return undefined;
    try {
      return this.#keeper.guarded(() => ask(this.recorded));
    } catch (error) {
      if (!(error instanceof HistoryUnready)) throw error;
      return undefined;
    }
  }

  /** Whether an error is one of the database, which is made anew then, or says that it is being made anew. */
  isAtFault(error: unknown): boolean {
    const isFault = this.#keeper.noteFault(error) || error instanceof HistoryUnready;
    return isFault && this.soonThere !== undefined;
  }

  /** Sees to a fault of the database that others have met. */
  noteFault(error: unknown): void {
    this.#keeper.noteFault(error);
  }

  close(): Promise<void> {
    return this.#keeper.close();
  }
}
