import { type BigIntStats, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import type { Segments } from '../ledger/segments.ts';
import { bytesBehind, type CatchUpOptions, catchUp, figuresAt } from './catch-up.ts';
import { openToWrite } from './database/database.ts';
import { Lookups } from './reading/lookups.ts';
import { HistoryReader } from './reading/reader.ts';
import { HistoryWriter } from './writing/writer.ts';

/** The daemon's own connection to the history, and what goes by it. */
export class Connection {
  readonly db: DatabaseSync;
  /** True where the folder took no database. */
  readonly isInMemory: boolean;
  readonly lookups: Lookups;
  readonly reader: HistoryReader;
  /** Not to be used while another process writes. */
  readonly writer: HistoryWriter;
  readonly #segments: Segments;
  readonly #path: string | null;
  readonly #file: BigIntStats | undefined;

  /** Opens the database at a path; throws a fault of it, and leaves nothing open then. */
  static open(path: string, segments: Segments): Connection {
    const db = openToWrite(path);
    try {
      return new Connection(db, segments);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  private constructor(db: DatabaseSync, segments: Segments, file = fileAt(db.location())) {
    this.db = db;
    this.#segments = segments;
    this.#path = db.location();
    this.#file = file;
    this.isInMemory = this.#path === null;
    this.lookups = new Lookups(db, segments);
    this.reader = new HistoryReader(db);
    this.writer = new HistoryWriter(db);
  }

  /** By the same database, to which others have written. */
  anew(): Connection {
    return new Connection(this.db, this.#segments, this.#file);
  }

  /** False when somebody has removed its file, or put another in its place. */
  get isInPlace(): boolean {
    const file = fileAt(this.#path);
    return file?.ino === this.#file?.ino && file?.dev === this.#file?.dev;
  }

  /** True where everything up to there is in. */
  isAt({ segment, end }: LedgerEnd): boolean {
    const { position } = this.writer;
    return position?.segment === segment && position.end + 1 === end;
  }

  /** How many bytes of the ledger are not in. */
  bytesBehind(): number {
    return bytesBehind(this.#segments, this.writer);
  }

  /** Takes in what the ledger holds up to its end. */
  async catchUp(until: LedgerEnd, options: Pick<CatchUpOptions, 'together' | 'mend' | 'isOver'>): Promise<void> {
    const { lookups, writer } = this;
    const figures = figuresAt(this.#segments, writer, lookups);
    await catchUp({ segments: this.#segments, writer, figures, until, ...options });
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }
}

function fileAt(path: string | null): BigIntStats | undefined {
  return path === null ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false });
}
