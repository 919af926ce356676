import { expect, test } from 'vitest';
import { IN_MEMORY } from '../../../../src/daemon/disk/database-file.ts';
import type { CountSeen } from '../../../../src/daemon/meters/observation.ts';
import { checkDimensions } from '../../../../src/daemon/meters/store/meter-stats.ts';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import type { Dimension } from '../../../../src/protocol/meters.ts';
import { randomOf } from '../../../support/random.ts';
import { count, storeAt } from './meters-at.ts';

const MINUTE_MS = 60_000;

/** Around changes of summer time in Europe, America, Australia and Chile, and a new year. */
const STARTS = [
  '2026-03-28T20:00Z',
  '2026-03-07T20:00Z',
  '2026-10-24T20:00Z',
  '2026-04-04T10:00Z',
  '2026-04-04T23:00Z',
  '2026-12-31T12:00Z',
];

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'America/Santiago',
  'Asia/Shanghai',
];

/** Minutes in a year's few days, of several tools, models and conversations. */
const seen: readonly CountSeen[] = (() => {
  const random = randomOf(11);
  const of = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
  return Array.from({ length: 1_500 }, (_, at) => {
    const model = of([undefined, 'm1', 'm2']);
    const conversation = of([undefined, 'c1', '__proto__']);
    return count(`k${at}`, 1 + Math.floor(random() * 1_000), {
      meter: of(['claude', 'codex', 'cursor.billed']),
      atMs: Date.parse(of(STARTS)) + Math.floor(random() * 36 * 60 * MINUTE_MS),
      ...(model !== undefined && { model }),
      ...(conversation !== undefined && { conversation }),
      folder: `/w/${of(['p1', 'p2'])}`,
    });
  });
})();

function filled(): MeterStore {
  const store = storeAt(IN_MEMORY);
  store.commit({ parts: [{ observations: seen }] }, 0);
  return store;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' } as const;
  const formatter = new Intl.DateTimeFormat('en-GB', { timeZone, ...parts, timeZoneName: 'longOffset' });
  formatters.set(timeZone, formatter);
  return formatter;
}

/** The local date, and the local hour with its offset, of one instant, asked of the system by itself. */
function localOf(atMs: number, timeZone: string): { readonly day: string; readonly hour: string } {
  const parts = formatterOf(timeZone).formatToParts(atMs);
  const part = new Map(parts.map(({ type, value }) => [type, value]));
  const day = `${part.get('year')}-${part.get('month')}-${part.get('day')}`;
  const offset = part.get('timeZoneName')!.replace('GMT', '') || '+00:00';
  return { day, hour: `${day}T${part.get('hour')}:00:00${offset}` };
}

/** The same by a sum over everything that was seen. */
function naive(
  by: readonly Dimension[],
  timeZone: string,
  sinceMs = 0,
  untilMs = Number.POSITIVE_INFINITY,
): Map<string, string> {
  const sums = new Map<string, [tokens: number, calls: number]>();
  for (const { meter, model, conversation, folder, atMs, tokens } of seen) {
    if (atMs < sinceMs || atMs >= untilMs) continue;
    const { day, hour } = localOf(atMs, timeZone);
    const labels = { tool: meter.split('.')[0], model, project: folder!.slice(3), day, hour, conversation };
    const key = JSON.stringify(by.map((dimension) => labels[dimension] ?? null));
    const [sum, calls] = sums.get(key) ?? [0, 0];
    sums.set(key, [sum + tokens.input, calls + 1]);
  }
  return new Map([...sums].map(([key, sum]) => [key, sum.join('/')]));
}

function asked(
  store: MeterStore,
  by: readonly Dimension[],
  timeZone: string,
  sinceMs?: number,
  untilMs?: number,
): Map<string, string> {
  const rows = store.stats({
    by,
    timeZone,
    ...(sinceMs !== undefined && { sinceMs }),
    ...(untilMs !== undefined && { untilMs }),
  });
  return new Map(
    rows.map((row) => [
      JSON.stringify(by.map((dimension) => row[dimension] ?? null)),
      `${row.tokens.all}/${row.calls}`,
    ]),
  );
}

test.each(ZONES)(
  'sums by local days and hours are those of every single count in %s, over changes of summer time',
  (zone) => {
    const store = filled();
    for (const by of [
      ['day'],
      ['hour'],
      ['day', 'tool'],
      ['hour', 'model', 'project'],
      ['conversation', 'day'],
    ] satisfies Dimension[][]) {
      expect(asked(store, by, zone)).toEqual(naive(by, zone));
    }
  },
);

test.each<[string, Dimension[]]>([
  ['nothing', []],
  ['tool', ['tool']],
  ['model and project', ['model', 'project']],
  ['conversation', ['conversation']],
  ['day', ['day']],
])('sums by %s of any stretch are those of every single count in it, to the millisecond', (_, by) => {
  const store = filled();
  const random = randomOf(5);
  const times = seen.map(({ atMs }) => atMs).toSorted((one, other) => one - other);
  for (let round = 0; round < 40; round++) {
    const edge = () => times[Math.floor(random() * times.length)]! + Math.floor(random() * 3) - 1;
    const [since, until] = round % 4 === 0 ? [edge(), undefined] : [edge(), edge()];
    expect(asked(store, by, 'Asia/Kolkata', since, until)).toEqual(naive(by, 'Asia/Kolkata', since, until));
  }
});

test('rows come in order, and the hour that comes twice in autumn is two, the earlier one first', () => {
  const store = storeAt(IN_MEMORY);
  const at = ['2026-10-25T01:30Z', '2026-10-25T00:30Z', '2026-10-25T02:30Z'];
  store.commit(
    { parts: [{ observations: at.map((time, index) => count(time, index + 1, { atMs: Date.parse(time) })) }] },
    0,
  );
  expect(
    store.stats({ by: ['hour'], timeZone: 'Europe/Berlin' }).map(({ hour, tokens }) => [hour, tokens.all]),
  ).toEqual([
    ['2026-10-25T02:00:00+02:00', 2],
    ['2026-10-25T02:00:00+01:00', 1],
    ['2026-10-25T03:00:00+01:00', 3],
  ]);
});

test('a zone that nobody knows, a sum that nobody can tell exactly and a dimension that is none are refused', () => {
  const store = storeAt(IN_MEMORY);
  const most = (meter: string) => count('a', Number.MAX_SAFE_INTEGER, { meter });
  store.commit({ parts: [{ observations: [most('claude'), most('codex')] }] }, 0);
  expect(() => store.stats({ by: ['day'], timeZone: 'Moon/Base' })).toThrow(
    expect.objectContaining({ kind: 'invalid_params' }),
  );
  expect(() => store.stats({ by: [] })).toThrow(expect.objectContaining({ kind: 'too_large' }));
  expect(store.stats({ by: ['tool'] })).toHaveLength(2);
  expect(() => checkDimensions(['day', 'day'])).toThrow(expect.objectContaining({ kind: 'invalid_params' }));
  expect(() => checkDimensions(['week'])).toThrow(expect.objectContaining({ kind: 'invalid_params' }));
});
