import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { removeDatabase, setAside } from '../../disk/database-file.ts';
import { isDiskError } from '../../disk/storage-failure.ts';
import type { Warnings } from '../../process/warnings.ts';
import { decodeLine } from '../ledger/ledger-line.ts';
import type { Segments } from '../ledger/segments.ts';
import { type Position, readPosition } from './database/position.ts';
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
  return crcAt(segments, position) === position.crc;
}

/** The checksum of the line in a place of the ledger; `undefined` where none can be read. */
function crcAt(segments: Segments, { segment, start, end }: Position): string | undefined {
  try {
    const bytes = segments.read(segment, start, end);
    const decoded = bytes && decodeLine(bytes);
    return decoded?.ok ? decoded.crc : undefined;
  } catch (error) {
    if (isDiskError(error)) return undefined;
    throw error;
  }
}

/**
 * Looks once through every database that was set aside: one that knows readings which the ledger lacks stays as a lost one,
 * whatever it was set aside for. Of the damaged ones that know no more, or that nobody can read, the last is kept.
 */
export function compareLost(db: DatabaseSync, path: string, nowMs: number): void {
  try {
    compare(db, path, nowMs);
  } catch (error) {
    // One that another program holds open is looked through another time.
    if (!isDiskError(error)) throw error;
  }
}

function compare(db: DatabaseSync, path: string, nowMs: number): void {
  const statements = new Statements(db);
  const folder = dirname(path);
  for (const [index, name] of namesOf(path, 'damaged').entries()) {
    if (index > 0 || !statements.get(IS_COMPARED, name)) {
      if (readingsOnlyIn(db, join(folder, name))) setAside(join(folder, name), 'lost', nowMs, path);
      else if (index > 0) removeDatabase(join(folder, name));
      else statements.run(COMPARED, name, 0);
    }
  }
  for (const name of namesOf(path, 'lost')) {
    if (statements.get(IS_COMPARED, name)) continue;
    // Of one that cannot be read nobody knows.
    const readings = readingsOnlyIn(db, join(folder, name)) ?? 1;
    if (readings === 0) removeDatabase(join(folder, name));
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

/** How many readings only another database has, those without an id by their number; `undefined` where it cannot be read. */
function readingsOnlyIn(db: DatabaseSync, path: string): number | undefined {
  try {
    db.prepare('attach database ? as lost').run(path);
    try {
      return (db.prepare(ONLY_THERE).get() as { readings: number }).readings;
    } finally {
      db.exec('detach database lost');
    }
  } catch {
    return undefined;
  }
}

/** The names say when: the last is the first of them. */
function namesOf(path: string, reason: 'lost' | 'damaged'): string[] {
  const start = `${basename(path, '.db')}.${reason}-`;
  const names = readdirSync(dirname(path)).filter((name) => name.startsWith(start) && name.endsWith('.db'));
  return names.toSorted().reverse();
}

const SEGMENTS = 'select number, fingerprint from segment order by number';
const IS_COMPARED = 'select 1 from lost_history where name = ?';
const COMPARED = 'insert or replace into lost_history (name, readings) values (?, ?)';
const LOST = 'select name, readings from lost_history where readings > 0 order by name';
const ONLY_THERE = `
  select (
    select count(*) from lost.session as other
    where other.id is not null and not exists (select 1 from main.session where session.id = other.id)
  ) + max(0,
    (select count(*) from lost.session where id is null) - (select count(*) from main.session where id is null)
  ) as readings`;
