import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, bucketUsage } from '../../../src/daemon/rules/stats.ts';

function starts(bucket: Bucket, timeZone: string, ...times: string[]): string[] {
  const usage = times.map((time) => ({ atMs: Date.parse(time), tokens: 1 }));
  return bucketUsage(usage, bucket, timeZone).map(({ start, readings }) => `${start} ×${readings}`);
}

test('buckets sum tokens and count readings, oldest first, without empty ones', () => {
  const usage = [
    { atMs: Date.parse('2025-11-18T12:00:00Z'), tokens: 5 },
    { atMs: Date.parse('2025-11-16T12:00:00Z'), tokens: 7 },
    { atMs: Date.parse('2025-11-18T13:00:00Z'), tokens: -2 },
  ];

  expect(bucketUsage(usage, 'day', 'UTC')).toEqual([
    { start: '2025-11-16T00:00:00+00:00', tokens: 7, readings: 1 },
    { start: '2025-11-18T00:00:00+00:00', tokens: 3, readings: 2 },
  ]);
});

describe('a bucket begins where it does on the clock of the zone', () => {
  test.each<[Bucket, string, string, string]>([
    ['day', 'Asia/Shanghai', '2025-11-17T15:59:59Z', '2025-11-17T00:00:00+08:00'],
    ['day', 'Asia/Shanghai', '2025-11-17T16:00:00Z', '2025-11-18T00:00:00+08:00'],
    ['day', 'America/New_York', '2025-11-18T04:59:59Z', '2025-11-17T00:00:00-05:00'],
    ['hour', 'Asia/Kolkata', '2025-11-18T12:29:59Z', '2025-11-18T17:00:00+05:30'],
    ['hour', 'Asia/Kathmandu', '2025-11-18T12:15:00Z', '2025-11-18T18:00:00+05:45'],
    ['week', 'UTC', '2025-11-17T00:00:00Z', '2025-11-17T00:00:00+00:00'],
    ['week', 'UTC', '2025-11-16T23:59:59Z', '2025-11-10T00:00:00+00:00'],
    ['week', 'Asia/Shanghai', '2025-11-16T16:00:00Z', '2025-11-17T00:00:00+08:00'],
    ['week', 'UTC', '2026-01-01T00:00:00Z', '2025-12-29T00:00:00+00:00'],
    ['month', 'UTC', '2024-02-29T23:59:59Z', '2024-02-01T00:00:00+00:00'],
    ['month', 'Asia/Shanghai', '2024-02-29T16:00:00Z', '2024-03-01T00:00:00+08:00'],
    // Weeks and months that begin before a change of summer time and are looked at after it.
    ['week', 'Europe/Berlin', '2025-03-30T12:00:00Z', '2025-03-24T00:00:00+01:00'],
    ['month', 'Europe/Berlin', '2025-10-31T12:00:00Z', '2025-10-01T00:00:00+02:00'],
    ['day', 'Europe/Berlin', '2025-03-30T10:00:00Z', '2025-03-30T00:00:00+01:00'],
    ['day', 'Europe/Berlin', '2025-10-26T10:00:00Z', '2025-10-26T00:00:00+02:00'],
  ])('the bucket of a %s in %s at %s begins on the clock of the zone', (bucket, zone, time, start) => {
    expect(starts(bucket, zone, time)).toEqual([`${start} ×1`]);
  });
});

describe('a day is one bucket, however long it is', () => {
  test.each([
    ['spring, 23 hours', 'Europe/Berlin', '2025-03-30T00:00:00+01:00', 23],
    ['autumn, 25 hours', 'Europe/Berlin', '2025-10-26T00:00:00+02:00', 25],
    ['midnight comes twice', 'America/Havana', '2025-11-02T00:00:00-04:00', 25],
    ['midnight comes twice in the west', 'Atlantic/Azores', '2025-10-26T00:00:00+00:00', 25],
    ['midnight does not exist', 'Asia/Beirut', '2025-03-30T00:00:00+02:00', 23],
    ['half an hour longer', 'Australia/Lord_Howe', '2025-04-06T00:00:00+11:00', 24.5],
  ])('a day is one bucket however long it is: %s', (_, zone, start, hours) => {
    const first = Date.parse(start);
    const times = Array.from({ length: hours * 4 }, (_, quarter) => new Date(first + quarter * 900_000).toISOString());
    const before = new Date(first - 1_000).toISOString();
    const after = new Date(first + hours * 3_600_000).toISOString();

    const days = starts('day', zone, before, ...times, after);

    expect(days).toHaveLength(3);
    expect(days[1]).toBe(`${start} ×${times.length}`);
  });

  test('the hours of a day are told apart where the clock shows one twice', () => {
    expect(starts('hour', 'Europe/Berlin', '2025-10-26T00:30:00Z', '2025-10-26T01:30:00Z')).toEqual([
      '2025-10-26T02:00:00+02:00 ×1',
      '2025-10-26T02:00:00+01:00 ×1',
    ]);
  });
});

test('every reading is in exactly one bucket, which begins at or before it, in order', () => {
  const zones = ['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'America/Havana', 'Pacific/Kiritimati'];
  const time = fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) });
  const bucket = fc.constantFrom<Bucket>('hour', 'day', 'week', 'month');
  fc.assert(
    fc.property(
      fc.array(time, { minLength: 1, maxLength: 20 }),
      bucket,
      fc.constantFrom(...zones),
      (times, kind, zone) => {
        const usage = times.map((atMs) => ({ atMs, tokens: 1 }));
        const buckets = bucketUsage(usage, kind, zone);
        const instants = buckets.map(({ start }) => Date.parse(start));
        expect(buckets.reduce((sum, { readings }) => sum + readings, 0)).toBe(times.length);
        expect(instants).toEqual([...new Set(instants)].sort((a, b) => a - b));
        expect(instants[0]).toBeLessThanOrEqual(Math.min(...times));
        expect(instants.at(-1)!).toBeLessThanOrEqual(Math.max(...times));
      },
    ),
    { numRuns: 200 },
  );
});

test('an unknown zone is refused by name', () => {
  expect(() => bucketUsage([], 'day', 'Mars/Olympus')).toThrow(
    expect.objectContaining({ kind: 'invalid_params', field: 'time_zone' }),
  );
});

test('a day behind the year 9999, where another zone is further, has a name that programs read', () => {
  const lastMs = Date.UTC(9999, 11, 31, 20);
  const usage = [
    { atMs: lastMs, tokens: 2 },
    { atMs: lastMs - 86_400_000, tokens: 1 },
  ];
  const buckets = bucketUsage(usage, 'day', 'Asia/Shanghai');
  expect(buckets.map(({ start, tokens }) => [start, tokens])).toEqual([
    ['9999-12-31T00:00:00+08:00', 1],
    ['+010000-01-01T00:00:00+08:00', 2],
  ]);
  expect(Date.parse(buckets[1]!.start)).toBe(Date.UTC(9999, 11, 31, 16));
});

test('a sum is exact up to 2^53−1, and refused beyond', () => {
  const most = Number.MAX_SAFE_INTEGER;
  const usage = [
    { atMs: 0, tokens: most - 1 },
    { atMs: 1, tokens: 1 },
  ];
  expect(bucketUsage(usage, 'day', 'UTC')).toMatchObject([{ tokens: most }]);
  expect(() => bucketUsage([...usage, { atMs: 2, tokens: 1 }], 'day', 'UTC')).toThrow(
    expect.objectContaining({ kind: 'too_large' }),
  );
  expect(bucketUsage([...usage, { atMs: 3_600_000, tokens: 1 }], 'hour', 'UTC')).toHaveLength(2);
});
