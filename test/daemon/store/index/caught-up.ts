import { join } from 'node:path';
import { catchUp, figuresAt } from '../../../../src/daemon/store/index/catch-up.ts';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';
import { Lookups } from '../../../../src/daemon/store/index/reading/lookups.ts';
import { HistoryWriter } from '../../../../src/daemon/store/index/writing/writer.ts';
import { scanSegment } from '../../../../src/daemon/store/ledger/ledger-scan.ts';
import type { LedgerEnd } from '../../../../src/daemon/store/ledger/line-listener.ts';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { tablesOf } from './tables.ts';

/** So many sessions are taken in at once, and whether another writer goes on then, as after a start. */
interface Part {
  readonly together: number;
  readonly isNew: boolean;
}

/** The tables of a history that takes in the ledger of a data folder anew, one part after the other; told as of `nowMs`. */
export async function caughtUp(
  folder: string,
  nowMs: number,
  parts: readonly Part[] = [{ together: 1_000, isNew: false }],
): Promise<Record<string, unknown[]>> {
  const path = join(temporaryFolder(MEMORY), 'again.db');
  const segments = new Segments(join(folder, 'ledger'));
  const ends = endsOf(segments);
  let db = openToWrite(path);
  let writer = new HistoryWriter(db);
  let figures = figuresAt(segments, writer, new Lookups(db, segments));
  for (const [index, { together, isNew }] of parts.entries()) {
    const until = ends[Math.ceil(((index + 1) / parts.length) * ends.length) - 1]!;
    const mend = () => Promise.reject(new Error('nothing is damaged'));
    await catchUp({ segments, writer, figures, until, together, mend });
    if (!isNew) continue;
    db.close();
    db = openToWrite(path);
    writer = new HistoryWriter(db);
    figures = figuresAt(segments, writer, new Lookups(db, segments));
  }
  writer.finish();
  writer.tellBy(nowMs);
  const tables = tablesOf(db);
  db.close();
  return tables;
}

/** Each place at which a line of the ledger ends. */
function endsOf(segments: Segments): LedgerEnd[] {
  return segments.numbers().flatMap((segment) => {
    return scanSegment(segments.readWhole(segment)).lines.map(({ end }) => ({ segment, end: end + 1 }));
  });
}
