import { describe, expect, test } from 'vitest';
import { type Bucket, bucketsOf, withAmount } from '../../../../../src/client/dashboard/history/plot/buckets.ts';
import { bucketStart } from '../../../../../src/client/dashboard/history/plot/calendar.ts';
import { toLocalTime } from '../../../../../src/protocol/timestamp.ts';

const at = (text: string) => new Date(text).getTime();
const shown = (buckets: readonly Bucket[]) =>
  buckets.map(({ startMs, tokens, readings }) => [toLocalTime(startMs).slice(0, 16), tokens, readings]);

describe('the buckets of a window', () => {
  test('the buckets of a window are all there, those without a reading as 0', () => {
    const window = { fromMs: at('2026-11-18T10:00:00'), toMs: at('2026-11-21T09:00:00') };
    const known = [
      { start: '2026-11-19T00:00:00', tokens: 15_000, readings: 2 },
      { start: 'nonsense', tokens: 1, readings: 1 },
    ];
    expect(shown(bucketsOf(known, 'day', window))).toEqual([
      ['2026-11-18T00:00', 0, 0],
      ['2026-11-19T00:00', 15_000, 2],
      ['2026-11-20T00:00', 0, 0],
      ['2026-11-21T00:00', 0, 0],
    ]);
  });
  test.each([
    ['hour', '2026-11-18T10:59:59', '2026-11-18T10:00'],
    ['day', '2026-11-18T10:59:59', '2026-11-18T00:00'],
    ['week', '2026-11-22T23:59:59', '2026-11-16T00:00'],
    ['week', '2026-11-23T00:00:00', '2026-11-23T00:00'],
    ['month', '2026-11-30T23:59:59', '2026-11-01T00:00'],
  ] as const)('of one %s begin for %s at %s', (name, instant, start) => {
    expect(toLocalTime(bucketStart(at(instant), name)).slice(0, 16)).toBe(start);
  });
  test('buckets step over the ends of months and years', () => {
    const window = { fromMs: at('2026-11-18T00:00:00'), toMs: at('2027-02-01T00:00:00') };
    expect(shown(bucketsOf([], 'month', window)).map(([start]) => start)).toEqual([
      '2026-11-01T00:00',
      '2026-12-01T00:00',
      '2027-01-01T00:00',
    ]);
    expect(bucketsOf([], 'week', window)).toHaveLength(11);
  });
  test('buckets are never more than a page can show', () => {
    expect(bucketsOf([], 'hour', { fromMs: 0, toMs: at('2026-11-18T00:00:00') })).toHaveLength(400);
  });
  test('a bucket takes in a reading as it comes', () => {
    const buckets = bucketsOf([], 'day', { fromMs: at('2026-11-18T00:00:00'), toMs: at('2026-11-20T00:00:00') });
    expect(shown(withAmount(buckets, 'day', at('2026-11-18T23:00:00'), 7))).toEqual([
      ['2026-11-18T00:00', 7, 1],
      ['2026-11-19T00:00', 0, 0],
    ]);
    expect(withAmount(buckets, 'day', at('2026-11-01T23:00:00'), 7)).toBe(buckets);
    expect(withAmount(buckets, 'day', at('2026-11-20T00:00:00'), 7)).toBe(buckets);
  });
});
