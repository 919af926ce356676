import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { DatabaseFault, LaterForm } from '../../disk/database-fault.ts';
import { setAside } from '../../disk/database-file.ts';
import { codeOf, isDiskError } from '../../disk/storage-failure.ts';
import type { MeterSettings } from './feeding.ts';
import { MeterStore } from './meter-store.ts';
import { damagedMeters, refusedMeters } from './meter-words.ts';

export interface MetersOptions {
  /** The path of `meters.db`. */
  readonly path: string;
  readonly settings: MeterSettings;
  readonly now: () => number;
  /** Hears why a database was set aside. */
  readonly onSetAside: (text: Bilingual) => void;
  /** The error for which the store was closed. */
  readonly after?: unknown;
}

/**
 * Opens the store; a database that is damaged, as the one before it may have turned out to be, is set aside and an empty one
 * begun. Throws a `TokenSyncError` with text and hint where it cannot be opened as it is: in use by another program, without
 * room, of a later form. What it holds cannot be had again, so nothing that may still be read is put away.
 */
export function openMeters({ path, settings, now, onSetAside, after }: MetersOptions): MeterStore {
  const open = () => MeterStore.open(path, settings, now());
  try {
    if (after === undefined || !isDamage(after)) return open();
  } catch (error) {
    if (!isDamage(error)) throw metersFailure(error);
    after = error;
  }
  try {
    setAside(path, 'damaged', now());
    onSetAside(damagedMeters(after));
    return open();
  } catch (error) {
    throw metersFailure(error);
  }
}

/** The failure to tell where the store could not be opened, or a call of it failed; bugs stay as they are. */
export function metersFailure(error: unknown): unknown {
  const refusal = refusalOf(error);
  if (!refusal) return error;
  const { text, hint } = refusedMeters(refusal);
  return new TokenSyncError(refusal === 'busy' ? 'busy' : 'storage_failed', text, { hint, cause: error });
}

/** True where the database is of no use any more: close the store, and open it again `after` this error. */
export function isDamage(error: unknown): boolean {
  return refusalOf(error) === 'damaged';
}

export type Refusal = 'busy' | 'room' | 'later' | 'denied' | 'disk' | 'damaged';

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof LaterForm) return 'later';
  if (error instanceof DatabaseFault) return error.fault;
  if (isDiskError(error)) return OF_SYSTEM.get(codeOf(error)) ?? 'disk';
  const { code, errcode = 0 } = (error ?? {}) as { readonly code?: string; readonly errcode?: number };
  if (code !== 'ERR_SQLITE_ERROR') return undefined;
  return errcode === SHORT_READ ? 'damaged' : (OF_SQLITE.get(errcode & 0xff) ?? 'disk');
}

const OF_SYSTEM = new Map<string, Refusal>([
  ['ENOSPC', 'room'],
  ['EDQUOT', 'room'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EROFS', 'denied'],
  ['EISDIR', 'damaged'],
]);

/** A page that its own file does not reach to. */
const SHORT_READ = 522;

/** By the low byte: https://www.sqlite.org/rescode.html; 1 is a table or a column that is not there, 19 a row that ought not to be. */
const OF_SQLITE = new Map<number, Refusal>([
  [1, 'damaged'],
  [3, 'denied'],
  [5, 'busy'],
  [6, 'busy'],
  [8, 'denied'],
  [11, 'damaged'],
  [13, 'room'],
  [19, 'damaged'],
  [20, 'damaged'],
  [26, 'damaged'],
]);
