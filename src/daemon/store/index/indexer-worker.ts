// Takes a large part of the ledger into the history, in a process of its own: one message a line.
import { createInterface } from 'node:readline';
import { reply } from '../../process/output.ts';
import type { LedgerEnd } from '../ledger/line-listener.ts';
import { Segments } from '../ledger/segments.ts';
import { catchUp, figuresAt } from './catch-up.ts';
import { isLogLong, openToWrite } from './database/database.ts';
import type { FromIndexer, IndexerOrder, ToIndexer } from './indexer.ts';
import { compareLost } from './lost-histories.ts';
import { Lookups } from './reading/lookups.ts';
import { HistoryWriter } from './writing/writer.ts';

/** As many sessions as share a transaction: fewer cost more time, more cost memory. */
const TOGETHER = 10_000;

const { path, ledger } = JSON.parse(process.argv[2]!) as IndexerOrder;
const segments = new Segments(ledger);
const db = openToWrite(path);
const writer = new HistoryWriter(db);
const figures = figuresAt(segments, writer, new Lookups(db, segments));
let goOnMended = (): void => undefined;

// A failure ends the process, and whoever started it hears why; so does a database that is closed because nobody is there any more.
createInterface({ input: process.stdin })
  .on('line', (line) => void hear(JSON.parse(line)))
  .on('close', close);

async function hear(message: ToIndexer): Promise<void> {
  if ('mended' in message) goOnMended();
  else if ('until' in message) await goTo(message.until);
  else {
    compareLost(db, path);
    // What the log holds is put in its place here, where nobody waits for the disk.
    db.exec('pragma wal_checkpoint(truncate)');
    close();
    say({ says: 'gone' });
  }
}

function close(): void {
  if (db.isOpen) db.close();
}

async function goTo(until: LedgerEnd): Promise<void> {
  const onProgress = (done: number) => {
    say({ says: 'progress', done, position: writer.position! });
    // Otherwise the log would grow as long as the history.
    if (isLogLong(path)) db.exec('pragma wal_checkpoint(passive)');
  };
  await catchUp({ segments, writer, figures, until, together: TOGETHER, onProgress, mend });
  writer.indexIds();
  say({ says: 'ids' });
  writer.finish();
  const { segment, end } = writer.position!;
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
