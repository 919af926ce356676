import { beforeAll, describe, expect, test } from 'vitest';
import { useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';

/** Berlin changes to summer time on 2025-03-30 at 01:00 UTC and back on 2025-10-26 at 01:00 UTC. */
const READINGS: readonly (readonly [string, number])[] = [
  ['2025-03-29T22:30:00Z', 1],
  ['2025-03-29T23:30:00Z', 2],
  ['2025-03-30T00:59:59Z', 4],
  ['2025-03-30T01:00:00Z', 8],
  ['2025-03-31T21:59:59Z', 16],
  ['2025-03-31T22:00:00Z', 32],
  ['2025-10-25T21:59:59Z', 64],
  ['2025-10-25T22:00:00Z', 128],
  ['2025-10-26T00:30:00Z', 256],
  ['2025-10-26T01:30:00Z', 512],
  ['2025-10-26T22:59:59Z', 1_024],
  ['2025-10-26T23:00:00Z', 2_048],
];
const SPRING = { since: '2025-03-01T00:00:00Z', until: '2025-04-02T00:00:00Z' };
const AUTUMN = { since: '2025-10-01T00:00:00Z', until: '2025-11-01T00:00:00Z' };

const daemon = useDaemon({ env: { TZ: 'Europe/Berlin' } });

beforeAll(async () => {
  const sessions = READINGS.map(([timestamp, tokens]) => ({ timestamp, tokens }));
  await daemon().rpc('usage.import', { sessions });
  await daemon().rpc('usage.record', { tokens: 77, sync_type: 'auto', timestamp: '2025-03-30T12:00:00Z' });
  await daemon().rpc('usage.undo');
});

async function buckets(params: object): Promise<[string, number, number][]> {
  const answer = await daemon().rpc('usage.stats', params);
  return answer.buckets.map(({ start, tokens, readings }) => [start, tokens, readings]);
}

describe('in the zone of the machine', () => {
  test('the statistics by hour miss no hour and count none twice at a change of summer time', async () => {
    expect(await buckets({ bucket: 'hour', ...SPRING })).toEqual([
      ['2025-03-29T23:00:00+01:00', 1, 1],
      ['2025-03-30T00:00:00+01:00', 2, 1],
      ['2025-03-30T01:00:00+01:00', 4, 1],
      ['2025-03-30T03:00:00+02:00', 8, 1],
      ['2025-03-31T23:00:00+02:00', 16, 1],
      ['2025-04-01T00:00:00+02:00', 32, 1],
    ]);
    expect(await buckets({ bucket: 'hour', ...AUTUMN })).toEqual([
      ['2025-10-25T23:00:00+02:00', 64, 1],
      ['2025-10-26T00:00:00+02:00', 128, 1],
      ['2025-10-26T02:00:00+02:00', 256, 1],
      ['2025-10-26T02:00:00+01:00', 512, 1],
      ['2025-10-26T23:00:00+01:00', 1_024, 1],
      ['2025-10-27T00:00:00+01:00', 2_048, 1],
    ]);
  });

  test('the statistics by day have days of 23 and of 25 hours', async () => {
    expect(await buckets({ bucket: 'day', ...SPRING })).toEqual([
      ['2025-03-29T00:00:00+01:00', 1, 1],
      ['2025-03-30T00:00:00+01:00', 14, 3],
      ['2025-03-31T00:00:00+02:00', 16, 1],
      ['2025-04-01T00:00:00+02:00', 32, 1],
    ]);
    expect(await buckets({ bucket: 'day', ...AUTUMN })).toEqual([
      ['2025-10-25T00:00:00+02:00', 64, 1],
      ['2025-10-26T00:00:00+02:00', 1_920, 4],
      ['2025-10-27T00:00:00+01:00', 2_048, 1],
    ]);
  });

  test('the statistics by week begin on Monday', async () => {
    expect(await buckets({ bucket: 'week' })).toEqual([
      ['2025-03-24T00:00:00+01:00', 15, 4],
      ['2025-03-31T00:00:00+02:00', 48, 2],
      ['2025-10-20T00:00:00+02:00', 1_984, 5],
      ['2025-10-27T00:00:00+01:00', 2_048, 1],
    ]);
  });

  test('the statistics by month begin on the first', async () => {
    expect(await buckets({ bucket: 'month' })).toEqual([
      ['2025-03-01T00:00:00+01:00', 31, 5],
      ['2025-04-01T00:00:00+02:00', 32, 1],
      ['2025-10-01T00:00:00+02:00', 4_032, 6],
    ]);
  });
});

describe('in another zone', () => {
  test.each([
    ['UTC', ['2025-03-01T00:00:00+00:00', '2025-10-01T00:00:00+00:00'], [63, 4_032]],
    [
      'Asia/Shanghai',
      ['2025-03-01T00:00:00+08:00', '2025-04-01T00:00:00+08:00', '2025-10-01T00:00:00+08:00'],
      [15, 48, 4_032],
    ],
    ['America/New_York', ['2025-03-01T00:00:00-05:00', '2025-10-01T00:00:00-04:00'], [63, 4_032]],
  ])('the statistics by month follow the zone %s', async (time_zone, starts, tokens) => {
    expect(await buckets({ bucket: 'month', time_zone })).toEqual(
      starts.map((start, index) => [start, tokens[index], expect.any(Number)]),
    );
  });

  test.each([
    ['Asia/Kolkata', '2025-03-31T00:00:00+05:30', '2025-03-30T04:00:00+05:30'],
    ['Asia/Kathmandu', '2025-03-31T00:00:00+05:45', '2025-03-30T04:00:00+05:45'],
    ['Pacific/Kiritimati', '2025-03-31T00:00:00+14:00', '2025-03-30T12:00:00+14:00'],
  ])('the statistics by week and hour follow the zone %s', async (time_zone, week, hour) => {
    const weeks = await buckets({ bucket: 'week', time_zone, ...SPRING });
    const hours = await buckets({ bucket: 'hour', time_zone, ...SPRING });

    expect(weeks.map(([start]) => start)).toContain(week);
    expect(hours[0]![0]).toBe(hour);
    expect(hours.reduce((sum, [, tokens]) => sum + tokens, 0)).toBe(63);
  });
});

test.each([
  ['since', { since: '2025-10-26T01:00:00Z' }, 3_584],
  ['until', { until: '2025-03-30T01:00:00Z' }, 7],
  ['both', { since: '2025-03-30T01:00:00Z', until: '2025-03-30T01:00:01Z' }, 8],
  ['a time without a reading', { since: '2025-06-01', until: '2025-07-01' }, 0],
])('the statistics sum only readings within %s', async (_, range, expected) => {
  const found = await buckets({ bucket: 'day', ...range });

  expect(found.reduce((sum, [, tokens]) => sum + tokens, 0)).toBe(expected);
});

test.each([
  ['time_zone', { bucket: 'day', time_zone: 'Mars/Olympus' }],
  ['bucket', { bucket: 'year' }],
  ['bucket', {}],
  ['since', { bucket: 'day', since: 'soon' }],
])('the statistics refuse a wrong %s', async (field, params) => {
  expect(await failureOf(daemon().rpc('usage.stats', params))).toMatchObject({ code: expect.any(Number), field });
});
