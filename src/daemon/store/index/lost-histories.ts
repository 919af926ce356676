import { existsSync, readdirSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Warnings } from '../../process/warnings.ts';
import { decodeLine } from '../ledger/ledger-line.ts';
import type { Segments } from '../ledger/segments.ts';
import { removeDatabase, SIDE_FILES } from './database/database.ts';
import { readPosition } from './database/position.ts';
import { Statements } from './database/statements.ts';
import { lostHistory } from './history-warnings.ts';

/** Whether a database is derived from this ledger, as it lies there now or was some lines ago. */
export function isOfLedger(db: DatabaseSync, segments: Segments): boolean {
  const { position } = readPosition(db);
  if (!position) return true;
  const known = new Statements(db).all<{ number: number; fingerprint: string }>(SEGMENTS);
  const numbers = segments.numbers().filter((number) => number <= position.segment);
  if (numbers.join() !== known.map(({ number }) => number).join()) return false;
  const isUnchanged = ({ number, fingerprint }: { number: number; fingerprint: string }) =>
    number === position.segment || segments.fingerprint(number) === fingerprint;
  if (!known.every(isUnchanged)) return false;
  const bytes = segments.read(position.segment, position.start, position.end);
  const decoded = bytes && decodeLine(bytes);
  return decoded?.ok === true && decoded.crc === position.crc;
}

/** Gives a database another name, which says when and why, and is never given twice. Of those that were damaged the last is kept: the ledger has it all. */
export function setAside(path: string, reason: 'lost' | 'damaged', nowMs: number): void {
  const when = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 17);
  const nameOf = (attempt: number) => path.replace(/\.db$/, `.${reason}-${when}${attempt > 1 ? `-${attempt}` : ''}.db`);
  if (reason === 'damaged') for (const name of namesOf(path, reason)) removeDatabase(join(dirname(path), name));
  let attempt = 1;
  while (existsSync(nameOf(attempt))) attempt++;
  for (const side of ['', ...SIDE_FILES]) {
    if (existsSync(`${path}${side}`)) renameSync(`${path}${side}`, `${nameOf(attempt)}${side}`);
  }
}

/** Looks once through every database that was set aside because it was not of this ledger: one that knows nothing more goes. */
export function compareLost(db: DatabaseSync, path: string): void {
  const statements = new Statements(db);
  for (const name of namesOf(path, 'lost')) {
    if (statements.get(IS_COMPARED, name)) continue;
    const readings = readingsOnlyIn(db, join(dirname(path), name));
    if (readings === 0) removeDatabase(join(dirname(path), name));
    else statements.run(COMPARED, name, readings);
  }
}

/** Warns of the databases that know more than the ledger, as long as they lie there. */
export function tellLost(
  db: DatabaseSync,
  { path, warnings }: { readonly path: string; readonly warnings: Warnings },
): void {
  const names = namesOf(path, 'lost');
  const lost = new Statements(db)
    .all<{ name: string; readings: number }>(LOST)
    .filter(({ name }) => names.includes(name));
  const [first] = lost;
  if (!first) return;
  const readings = lost.reduce((sum, each) => sum + each.readings, 0);
  warnings.raise('history_lost', lostHistory(lost.map(({ name }) => name).join(', '), readings));
  warnings.endWhen('history_lost', () => !lost.some(({ name }) => existsSync(join(dirname(path), name))));
}

/** Every reading counts that has an id, and of a database that cannot be read one that nobody knows. */
function readingsOnlyIn(db: DatabaseSync, path: string): number {
  try {
    db.prepare('attach database ? as lost').run(path);
    try {
      return (db.prepare(ONLY_THERE).get() as { readings: number }).readings;
    } finally {
      db.exec('detach database lost');
    }
  } catch {
    return 1;
  }
}

function namesOf(path: string, reason: 'lost' | 'damaged'): string[] {
  const start = `${basename(path, '.db')}.${reason}-`;
  return readdirSync(dirname(path)).filter((name) => name.startsWith(start) && name.endsWith('.db'));
}

const SEGMENTS = 'select number, fingerprint from segment order by number';
const IS_COMPARED = 'select 1 from lost_history where name = ?';
const COMPARED = 'insert into lost_history (name, readings) values (?, ?)';
const LOST = 'select name, readings from lost_history order by name';
const ONLY_THERE = `
  select count(*) as readings from lost.session as other
  where other.id is not null and not exists (select 1 from main.session where session.id = other.id)`;
