import type { Home } from '../../../../bench/meters/home.ts';
import { CLASSES, type Gauge, type GroupBy, type Tally, type UsageWindow } from '../../../../bench/meters/truth.ts';
import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import { meterStats } from '../../../../src/daemon/meters/store/meter-stats.ts';
import { Names } from '../../../../src/daemon/meters/store/names.ts';
import { Statements } from '../../../../src/daemon/store/index/database/statements.ts';
import type { SecondCount } from '../second-count.ts';
import { rowsIn } from '../store/meters-at.ts';

export const GROUPS: readonly GroupBy[] = ['meter', 'model', 'project', 'hour', 'conversation'];

export interface Counted {
  readonly sums: Readonly<Record<GroupBy, ReadonlyMap<string, Tally>>>;
  readonly gauges: ReadonlyMap<string, Gauge>;
  readonly windows: ReadonlyMap<string, UsageWindow>;
}

/** Everything that `meters.db` holds, in the words of a corpus. */
export function countedIn(path: string): Counted {
  // Read only: whoever opens a store becomes its writer.
  const db = new (loadSqlite().DatabaseSync)(path, { readOnly: true });
  try {
    const sums = GROUPS.map((group) => [group, sumsBy(new Statements(db), group)]);
    return { sums: Object.fromEntries(sums), gauges: gaugesIn(path), windows: windowsIn(path) };
  } finally {
    db.close();
  }
}

/** The same, as the generator of a home knows it. */
export function truthOf({ truth }: Pick<Home, 'truth'>): Counted {
  const sums = Object.fromEntries(GROUPS.map((group) => [group, truth.by(group)]));
  return { sums: sums as unknown as Counted['sums'], gauges: truth.gauges, windows: truth.windows };
}

/** The same, as it was counted a second time. */
export function secondOf(count: SecondCount): Counted {
  const sums = Object.fromEntries(GROUPS.map((group) => [group, count.by(group)]));
  return { sums: sums as unknown as Counted['sums'], gauges: count.gauges, windows: count.windows };
}

function sumsBy(statements: Statements, group: GroupBy): Map<string, Tally> {
  const by = group === 'meter' ? (['tool'] as const) : (['tool', group] as const);
  const rows = meterStats(statements, new Names(statements), { by, timeZone: 'UTC' });
  return new Map(
    rows.map((row) => {
      const tally = Object.fromEntries(CLASSES.map((name) => [name, row.tokens[name]]));
      const label = group === 'meter' ? [] : [labelOf(row[group], group)];
      return [JSON.stringify([row.tool, ...label]), { ...tally, calls: row.calls } as Tally];
    }),
  );
}

function labelOf(label: string | undefined, group: GroupBy): string | null {
  if (label === undefined) return null;
  return group === 'hour' ? new Date(label).toISOString() : label;
}

function gaugesIn(path: string): Map<string, Gauge> {
  const rows = rowsIn<{ key: string; used: number; most: number; model: string; at_ms: number }>(
    path,
    `select meter || ' ' || (select text from name where id = conversation) as key, used, most,
       (select text from name where id = model) as model, at_ms from gauge`,
  );
  return new Map(
    rows.map(({ key, used, most, model, at_ms }) => [
      key,
      { used, limit: most ?? undefined, model: model ?? undefined, atMs: at_ms },
    ]),
  );
}

function windowsIn(path: string): Map<string, UsageWindow> {
  const rows = rowsIn<{ meter: string; used_percent: number; resets_ms: number; minutes: number; at_ms: number }>(
    path,
    'select * from window',
  );
  return new Map(
    rows.map(({ meter, used_percent, resets_ms, minutes, at_ms }) => [
      meter,
      { usedPercent: used_percent, resetsAtMs: resets_ms, windowMinutes: minutes, atMs: at_ms },
    ]),
  );
}
