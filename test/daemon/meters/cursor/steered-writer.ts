import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import type { SteeredOrder } from './steered-cursor.ts';

// The process behind `SteeredCursor`: it holds the database at its argument open, and does what it is told.
const database = new (loadSqlite().DatabaseSync)(process.argv[2]!);

process.on('message', ({ sql, values }: SteeredOrder) => {
  try {
    if (values) process.send!({ rows: database.prepare(sql).all(...values) });
    else process.send!({ rows: database.exec(sql) ?? [] });
  } catch (error) {
    process.send!({ error: String(error) });
  }
});
process.on('disconnect', () => database.close());
