import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import type { CountSeen, TokenCounts } from '../../../../src/daemon/meters/observation.ts';
import type { MeterSettings } from '../../../../src/daemon/meters/store/feeding.ts';
import { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';

export const SETTINGS: MeterSettings = {
  followed: ['claude', 'codex', 'cursor'],
  main: [],
  count: 'fresh',
  projects: 'name',
};

/** A store that is closed when the test is over. */
export function storeAt(path: string, settings: Partial<MeterSettings> = {}, nowMs = 0): MeterStore {
  const store = MeterStore.open(path, { ...SETTINGS, ...settings }, nowMs);
  onTestFinished(() => store.close());
  return store;
}

export function metersIn(folder: string): string {
  return join(folder, 'meters.db');
}

/** Counts of which only some classes are named. */
export function tokens(counts: Partial<TokenCounts>): TokenCounts {
  return { input: 0, cache_read: 0, cache_write: 0, output: 0, reasoning: 0, ...counts };
}

/** A count of so many tokens of input. */
export function count(key: string, input: number, rest: Partial<CountSeen> = {}): CountSeen {
  return { kind: 'count', meter: 'codex', key, tokens: tokens({ input }), atMs: 1_000, provenance: 'exact', ...rest };
}

/** A part of a file; how far it is read is the number of its observations. */
export function part(path: string, observations: readonly CountSeen[]) {
  return { file: { path, source: 'codex', place: { offset: observations.length } }, observations };
}

/** The rows of a question to the database as it lies there. */
export function rowsIn<Row>(path: string, sql: string): Row[] {
  const { DatabaseSync } = loadSqlite();
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => ({ ...row })) as Row[];
  } finally {
    db.close();
  }
}

const CLASSES = ['input', 'cache_read', 'cache_write', 'output', 'reasoning'] as const;

/** The sums that the store keeps, and the same summed over its cells: roll-ups and counters. */
export function sumsIn(path: string): { readonly kept: unknown; readonly summed: unknown } {
  const sums = CLASSES.map((name) => `sum(${name}) as ${name}`).join(', ');
  const names = 'counter, model, project, estimated';
  return {
    kept: {
      rollups: rowsIn(path, `select slot, ${names}, ${CLASSES.join()}, calls from rollup order by slot, ${names}`),
      counters: rowsIn(path, `select id, ${CLASSES.join()}, calls, estimated from counter where calls > 0 order by id`),
    },
    summed: {
      rollups: rowsIn(
        path,
        `select at_ms / 900000 as slot, ${names}, ${sums}, count(*) as calls from cell group by slot, ${names} order by slot, ${names}`,
      ),
      counters: rowsIn(
        path,
        `select counter as id, ${sums}, count(*) as calls, sum(estimated) as estimated from cell group by counter order by counter`,
      ),
    },
  };
}
