import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { openToRead } from '../../../../src/daemon/store/index/database/database.ts';
import { HISTORY_FILE } from '../../../../src/protocol/addresses.ts';

/** The tables by whatever orders their rows. */
const TABLES = {
  position: 'id',
  segment: 'number',
  change: 'place',
  conversation: 'number',
  session: 'ordinal',
  edited_session: 'ordinal',
  rise: 'number',
  count_start: 'number',
  change_block: 'number',
  session_block: 'number',
} as const;

/** All that a history holds of its ledger; but for the fingerprints, which are of the files and not of what is in them. */
export function tablesOf(db: DatabaseSync): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(TABLES).map(([table, order]) => {
      const rows = db.prepare(`select * from ${table} order by ${order}`).all();
      return [table, rows.map(({ fingerprint: _, ...row }) => row)];
    }),
  );
}

/** The same of the database in a data folder. */
export function tablesIn(folder: string): Record<string, unknown[]> {
  const db = openToRead(join(folder, HISTORY_FILE));
  try {
    return tablesOf(db);
  } finally {
    db.close();
  }
}
