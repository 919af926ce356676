import type { DatabaseSync } from 'node:sqlite';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import type { Segments } from '../ledger/segments.ts';
import { bytesBehind, type CatchUpOptions, catchUp, figuresAt } from './catch-up.ts';
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

  constructor(db: DatabaseSync, segments: Segments) {
    this.db = db;
    this.isInMemory = db.location() === null;
    this.#segments = segments;
    this.lookups = new Lookups(db, segments);
    this.reader = new HistoryReader(db);
    this.writer = new HistoryWriter(db);
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
