// Takes a large part of the ledger into the history, in a process of its own: one message a line.
import { createInterface } from 'node:readline';
import type { DatabaseSync } from 'node:sqlite';
import { DatabaseFault, faultOf } from '../../disk/database-fault.ts';
import { reply } from '../../process/output.ts';
import type { LedgerFigures } from '../ledger/ledger-figures.ts';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import { Segments } from '../ledger/segments.ts';
import { catchUp, figuresAt } from './catch-up.ts';
import { isLogLong, openToWrite } from './database/database.ts';
import type { FromIndexer, IndexerOrder, ToIndexer } from './indexer.ts';
import { compareLost, isOfLedger } from './lost-histories.ts';
import { Lookups } from './reading/lookups.ts';
import { HistoryWriter } from './writing/writer.ts';

/** As many sessions as share a transaction: fewer cost more time, more cost memory. */
const TOGETHER = 10_000;

const { path, ledger } = JSON.parse(process.argv[2]!) as IndexerOrder;
let filling: Filling | undefined;
let goOnMended = (): void => undefined;

/** The database while it is filled. */
interface Filling {
  readonly db: DatabaseSync;
  readonly segments: Segments;
  readonly writer: HistoryWriter;
  readonly figures: LedgerFigures;
}

// A database that is closed because nobody is there any more ends the process.
createInterface({ input: process.stdin })
  .on('line', (line) => void hear(JSON.parse(line)).catch(fail))
  .on('close', () => filling?.db.close());

async function hear(message: ToIndexer): Promise<void> {
  if ('mended' in message) return goOnMended();
  filling ??= open();
  if ('until' in message) return goTo(message.until, filling);
  const { db } = filling;
  compareLost(db, path, Date.now());
  // What the log holds is put in its place here, where nobody waits for the disk.
  db.exec('pragma wal_checkpoint(truncate)');
  db.close();
  say({ says: 'gone' });
}

/** Whoever started it hears what it was. */
function fail(error: Error): void {
  const fault = faultOf(error);
  say({ says: 'failed', ...(fault && { fault }), message: error.message });
}

function open(): Filling {
  const segments = new Segments(ledger);
  const db = openToWrite(path);
  if (!isOfLedger(db, segments)) throw new DatabaseFault('it is none of this ledger');
  const writer = new HistoryWriter(db);
  return { db, segments, writer, figures: figuresAt(segments, writer, new Lookups(db, segments)) };
}

async function goTo(until: LedgerEnd, { segments, writer, figures }: Filling): Promise<void> {
  const onProgress = (done: number) => {
    if (writer.position) say({ says: 'progress', done, position: writer.position });
    // Otherwise the log would grow as long as the history.
    if (isLogLong(path)) filling!.db.exec('pragma wal_checkpoint(passive)');
  };
  await catchUp({ segments, writer, figures, until, together: TOGETHER, onProgress, mend });
  writer.indexIds();
  say({ says: 'ids' });
  writer.finish();
  const { segment, end } = writer.position ?? { segment: 0, end: 0 };
  say({ says: 'there', segment, end });
}

function mend(segment: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  goOnMended = resolve;
  say({ says: 'damaged', segment });
  return promise;
}

function say(word: FromIndexer): void {
  reply(word);
}
