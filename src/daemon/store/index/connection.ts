import type { DatabaseSync } from 'node:sqlite';
import type { Segments } from '../ledger/segments.ts';
import { Lookups } from './reading/lookups.ts';
import { HistoryReader } from './reading/reader.ts';
import { HistoryWriter } from './writing/writer.ts';

/** The daemon's own connection to the history, and what goes by it. */
export class Connection {
  readonly db: DatabaseSync;
  readonly lookups: Lookups;
  readonly reader: HistoryReader;
  /** Not to be used while another process writes. */
  readonly writer: HistoryWriter;

  constructor(db: DatabaseSync, segments: Segments) {
    this.db = db;
    this.lookups = new Lookups(db, segments);
    this.reader = new HistoryReader(db);
    this.writer = new HistoryWriter(db);
  }

  /** True where the folder took no database. */
  get isInMemory(): boolean {
    return this.db.location() === null;
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }
}
