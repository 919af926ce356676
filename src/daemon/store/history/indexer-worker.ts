// Takes a large part of the ledger into the history, in a process of its own: one order a line, one word a line.
import { createInterface } from 'node:readline';
import { reply } from '../../process/output.ts';
import { Segments } from '../ledger/segments.ts';
import { catchUp } from './catch-up.ts';
import { openToWrite } from './database.ts';
import { figuresAt } from './history-index.ts';
import type { FromIndexer, IndexerOrder, ToIndexer } from './indexer.ts';
import { Lookups } from './lookups.ts';
import { compareLost } from './set-aside.ts';
import { HistoryWriter } from './writer.ts';

/** As many sessions as share a transaction: fewer cost more time, more cost memory. */
const TOGETHER = 10_000;

const { path, ledger } = JSON.parse(process.argv[2]!) as IndexerOrder;
const segments = new Segments(ledger);
const db = openToWrite(path);
const writer = new HistoryWriter(db);
const figures = figuresAt(segments, writer, new Lookups(db, segments));
let mended: (() => void) | undefined;
let working = Promise.resolve();
const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const order = JSON.parse(line) as ToIndexer;
  if ('mended' in order) mended?.();
  else working = working.then(() => work(order.until));
});
orders.on('close', () => {
  void working.then(() => {
    compareLost(db, path);
    db.exec('pragma wal_checkpoint(truncate)');
    db.close();
  });
});

async function work(until: { segment: number; end: number }): Promise<void> {
  await catchUp({
    ...{ segments, writer, figures, until, together: TOGETHER },
    onProgress: (done) => say({ says: 'progress', done }),
    mend: (segment) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      mended = resolve;
      say({ says: 'damaged', segment });
      return promise;
    },
  });
  writer.indexIds();
  say({ says: 'ids' });
  writer.finish();
  const { segment, end } = writer.position!;
  say({ says: 'there', segment, end });
}

function say(word: FromIndexer): void {
  reply(word);
}
