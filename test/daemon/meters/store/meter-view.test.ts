import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { IN_MEMORY } from '../../../../src/daemon/disk/database-file.ts';
import type { GaugeSeen, Observation, WindowSeen } from '../../../../src/daemon/meters/observation.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { count, metersIn, storeAt, tokens } from './meters-at.ts';

const gauge: GaugeSeen = {
  ...{ kind: 'gauge', meter: 'cursor.context', conversation: 'c', used: 30_000, limit: 200_000, model: 'm' },
  ...{ folder: '/w/p', atMs: 2_000, provenance: 'exact' },
};
const week: WindowSeen = {
  ...{ kind: 'window', meter: 'codex.7d', usedPercent: 57.5, resetsAtMs: 9_000, windowMinutes: 10_080, atMs: 3_000 },
  provenance: 'estimated',
};

const GAUGE = {
  ...{
    meter: 'cursor.context',
    kind: 'gauge',
    conversation: 'c',
    used: 30_000,
    limit: 200_000,
    percent: 15,
    model: 'm',
  },
  ...{ project: 'p', provenance: 'exact', observed_at: '1970-01-01T00:00:02.000Z' },
};
const WEEK = {
  ...{
    meter: 'codex.7d',
    kind: 'window',
    used_percent: 57.5,
    resets_at: '1970-01-01T00:00:09.000Z',
    window_minutes: 10_080,
  },
  ...{ provenance: 'estimated', observed_at: '1970-01-01T00:00:03.000Z' },
};
const COUNTER = {
  ...{ meter: 'codex', kind: 'counter', calls: 1, provenance: 'exact', observed_at: '1970-01-01T00:00:01.000Z' },
  tokens: { input: 1, cache_read: 2, cache_write: 4, output: 8, reasoning: 3, fresh: 13, all: 15 },
};
const counted = count('a', 0, { tokens: tokens({ input: 1, cache_read: 2, cache_write: 4, output: 8, reasoning: 3 }) });

const parts = (...observations: Observation[]) => ({ parts: [{ observations }] });

test('every meter is told as the wire has it', () => {
  const store = storeAt(IN_MEMORY);
  store.commit(parts(counted, gauge, week), 0);
  expect(store.meters(8_999).meters).toEqual([COUNTER, WEEK, GAUGE]);
  expect(store.meters(9_000).meters).toContainEqual({ ...WEEK, expired: true });
});

test('a gauge without a limit has no percentage, and a counter of which a part is estimated is estimated', () => {
  const store = storeAt(IN_MEMORY);
  const { limit: _, ...bare } = gauge;
  store.commit(parts(bare, counted, count('b', 1, { provenance: 'estimated' })), 0);
  const [counter, shown] = store.meters(0).meters;
  expect(counter).toMatchObject({ meter: 'codex', provenance: 'estimated' });
  expect(Object.keys(shown!)).not.toContain('percent');
});

test.each<[string, readonly Observation[], readonly unknown[]]>([
  ['a count', [count('b', 5)], [{ meter: 'codex', calls: 2 }]],
  ['the same count again', [counted], []],
  ['a smaller count', [count('a', 3)], []],
  ['a gauge', [{ ...gauge, used: 5, atMs: 2_001 }], [{ meter: 'cursor.context', used: 5 }]],
  ['the same gauge again', [gauge], []],
  ['an older gauge', [{ ...gauge, used: 5, atMs: 1_999 }], []],
  ['a window', [{ ...week, usedPercent: 60 }], [{ meter: 'codex.7d', used_percent: 60 }]],
  ['a window of an earlier reset', [{ ...week, usedPercent: 90, resetsAtMs: 8_999, atMs: 4_000 }], []],
  ['a smaller percentage of the same reset', [{ ...week, usedPercent: 57, atMs: 4_000 }], []],
  ['the same percentage of the same reset, earlier', [{ ...week, atMs: 2_999 }], []],
])('after %s only what changed is told to those who know the rest', (_, seen, changed) => {
  const store = storeAt(IN_MEMORY);
  store.commit(parts(counted, gauge, week), 0);
  const known = store.meters(0);
  const { seq } = store.commit(parts(...seen), 0);
  expect(seq).toBe(known.seq + Math.sign(changed.length));
  expect(store.meters(0, known)).toMatchObject({ epoch: known.epoch, seq, meters: changed });
  expect(store.meters(0, known).meters).toHaveLength(changed.length);
});

test('a window stands where it is furthest, in whichever order its states are read, and whatever times a fork gives to old ones', () => {
  const window = (resetsAtMs: number, usedPercent: number, atMs: number) => ({
    ...week,
    resetsAtMs,
    usedPercent,
    atMs,
  });
  const states = [
    window(9_000, 20, 5_000),
    window(9_000, 60, 4_000),
    window(8_000, 90, 6_000),
    window(9_000, 60, 4_500),
  ];
  for (const order of [states, states.toReversed(), [states[3]!, ...states], [...states.slice(2), ...states]]) {
    const store = storeAt(IN_MEMORY);
    for (const state of order) store.commit(parts(state), 0);
    expect(store.meters(0).meters).toMatchObject([
      { used_percent: 60, resets_at: '1970-01-01T00:00:09.000Z', observed_at: '1970-01-01T00:00:04.500Z' },
    ]);
  }
});

test('who knows a number of another epoch, or one that was never given, is told everything', () => {
  const store = storeAt(IN_MEMORY);
  const { seq } = store.commit(parts(counted, gauge, week), 0);
  const { epoch } = store.meters(0);
  expect(store.meters(0, { epoch, seq }).meters).toHaveLength(0);
  expect(store.meters(0, { epoch, seq: seq + 1 }).meters).toHaveLength(3);
  expect(store.meters(0, { epoch: 'another', seq }).meters).toHaveLength(3);
});

test('a new start goes on with the numbers, and a copy begins another epoch', () => {
  const folder = temporaryFolder(MEMORY);
  const path = metersIn(folder);
  const first = storeAt(path);
  first.commit(parts(counted), 0);
  const known = first.meters(0);
  first.close();
  const second = storeAt(path);
  expect(second.meters(0, known)).toEqual({ ...known, meters: [] });
  second.close();
  const copy = join(folder, 'copy.db');
  copyFileSync(path, copy);
  const third = storeAt(copy).meters(0, known);
  expect(third.epoch).not.toBe(known.epoch);
  expect(third.meters).toEqual(known.meters);
});

test('of a gauge the 50 conversations last written are told, newest first, and all are kept', () => {
  const store = storeAt(IN_MEMORY);
  const talks = Array.from({ length: 60 }, (_, at) => ({ ...gauge, conversation: `c${at}`, atMs: 1_000 + at }));
  store.commit(parts(...talks), 0);
  const told = store.meters(0).meters.map((meter) => (meter.kind === 'gauge' ? meter.conversation : ''));
  expect(told).toEqual(Array.from({ length: 50 }, (_, at) => `c${59 - at}`));
  store.commit(parts({ ...gauge, conversation: 'c3', atMs: 5_000 }), 0);
  expect(store.meters(0).meters[0]).toMatchObject({ conversation: 'c3' });
});

test.each<[string, Observation]>([
  ['a gauge with half a token', { ...gauge, used: 0.5 }],
  ['a gauge with a negative limit', { ...gauge, limit: -1 }],
  ['a gauge without a time', { ...gauge, atMs: Number.NaN }],
  ['a window of no percentage', { ...week, usedPercent: Number.NaN }],
  ['a window that resets at no time', { ...week, resetsAtMs: Number.POSITIVE_INFINITY }],
  ['a window of no length', { ...week, windowMinutes: -5 }],
  ['a window that resets long after it has ended', { ...week, resetsAtMs: 253_402_300_799_000 }],
])('%s is refused, and what was known stays', (_, odd) => {
  const store = storeAt(IN_MEMORY);
  store.commit(parts(gauge, week), 0);
  expect(store.commit(parts(odd), 0).refused).toBe(1);
  expect(store.meters(0).meters).toEqual([WEEK, GAUGE]);
});
