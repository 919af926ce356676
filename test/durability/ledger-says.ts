import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a ledger says by itself, read here without the program under test. */
export interface LedgerSays {
  /** The ids of the sessions that stand, and of those that do not, in the order in which they came; `undefined` for one without. */
  readonly ids: readonly (string | undefined)[];
  /** How many sessions stand, and what they count together. */
  readonly readings: number;
  readonly tokens: number;
  /** The reading that an undo takes back next. */
  readonly last: string | undefined;
}

interface Entry {
  readonly id: string | undefined;
  readonly isOurs: boolean;
  tokens: number;
  stands: boolean;
}

/** Reads the ledger of a data folder; lines that do not parse say nothing. */
export function ledgerSays(folder: string): LedgerSays {
  const entries: Entry[] = [];
  const entryOf = (id: string) => entries.find((entry) => entry.id === id);
  for (const change of changesIn(join(folder, 'ledger'))) {
    const readings = change.readings ?? (change.reading ? [change.reading] : []);
    for (const { id, counted } of readings) entries.push({ id, isOurs: true, tokens: counted, stands: true });
    for (const { json, restored } of change.sessions?.added ?? []) {
      if (restored) continue;
      const { id, tokens = 0 } = JSON.parse(json);
      entries.push({ id, isOurs: false, tokens: Math.max(0, Math.round(tokens)), stands: true });
    }
    for (const { id, counted } of change.touched ?? []) entryOf(id)!.tokens = counted;
    if (change.kind === 'undo') entryOf(change.undone)!.stands = false;
  }
  const standing = entries.filter(({ stands }) => stands);
  return {
    ids: entries.map(({ id }) => id),
    readings: standing.length,
    tokens: standing.reduce((sum, { tokens }) => sum + tokens, 0),
    last: standing.findLast(({ isOurs }) => isOurs)?.id,
  };
}

/** The changes, oldest first, without those that were refused: the next segment's checkpoint does not know them. */
// biome-ignore lint/suspicious/noExplicitAny: the form of the ledger is looked at here by hand
function changesIn(ledger: string): any[] {
  const names = readdirSync(ledger).filter((name) => /^\d{6,}\.jsonl$/.test(name));
  const segments = names.toSorted().map((name) => linesIn(join(ledger, name)));
  return segments.flatMap((lines, index) => {
    const next = segments[index + 1]?.[0]?.checkpoint?.revision ?? Number.POSITIVE_INFINITY;
    return lines.flatMap(({ changes = [] }) => changes).filter(({ revision }) => revision <= next);
  });
}

// biome-ignore lint/suspicious/noExplicitAny: as above
function linesIn(path: string): any[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}
