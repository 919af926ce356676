import { describe, expect, test } from 'vitest';
import {
  bucketFor,
  panned,
  rangeWindow,
  windowBetween,
  zoomed,
} from '../../../../../src/client/dashboard/history/plot/time-window.ts';

const DAY = 86_400_000;
const HOUR = DAY / 24;
const NOW = new Date('2026-11-18T12:30:00').getTime();

describe('a range', () => {
  test.each([
    ['24h', '2026-11-17T13:00:00'],
    ['7d', '2026-11-12T00:00:00'],
    ['30d', '2026-10-20T00:00:00'],
  ] as const)(
    'the range of %s begins with the first of as many hours or days, the present one among them',
    (range, start) => {
      expect(rangeWindow(range, { nowMs: NOW, hasPace: false }).fromMs).toBe(new Date(start).getTime());
    },
  );

  test('the range of all days begins a little before the first reading', () => {
    const fromOf = (firstMs?: number) => rangeWindow('all', { nowMs: NOW, firstMs, hasPace: false }).fromMs;
    expect((fromOf(NOW - 100 * DAY) - NOW) / DAY).toBeCloseTo(-102, 6);
    expect((fromOf() - NOW) / HOUR).toBeCloseTo(-1.02, 6);
  });

  test.each([
    ['a thirtieth of its past without a forecast', { hasPace: false }, 0.03],
    ['a third with a pace and no date', { hasPace: true }, 0.3],
    ['a tenth where the budget ends in an hour', { hasPace: true, exhaustsMs: NOW + HOUR }, 0.1],
    ['half where the budget ends in a year', { hasPace: true, exhaustsMs: NOW + 365 * DAY }, 0.5],
  ] as const)('a range shows as its future %s', (_, facts, share) => {
    const { fromMs, toMs } = rangeWindow('7d', { nowMs: NOW, ...facts });
    expect((toMs - NOW) / (NOW - fromMs)).toBeCloseTo(share, 6);
  });

  test('a range shows a little more than the day on which the budget ends', () => {
    const { toMs } = rangeWindow('7d', { nowMs: NOW, hasPace: true, exhaustsMs: NOW + DAY });
    expect((toMs - NOW) / DAY).toBeCloseTo(1.1, 6);
  });
});

describe('a window', () => {
  const window = { fromMs: 0, toMs: 10 * DAY };
  test('a zoomed window keeps the instant under the pointer in its place', () => {
    expect(zoomed(window, 2, 2 * DAY)).toEqual({ fromMs: DAY, toMs: 6 * DAY });
    expect(zoomed(window, 0.5)).toEqual({ fromMs: -5 * DAY, toMs: 15 * DAY });
  });
  test('a window is never shorter than a minute nor longer than forty years', () => {
    const tiny = zoomed(window, 1e12);
    expect(tiny.toMs - tiny.fromMs).toBeCloseTo(60_000, 0);
    const vast = zoomed(window, 1e-12);
    expect(vast.toMs - vast.fromMs).toBeLessThanOrEqual(40 * 365 * DAY);
    expect(windowBetween(5, 5)).toEqual({ fromMs: 5, toMs: 60_005 });
  });
  test('a window moves by a share of itself, and takes its ends in either order', () => {
    expect(panned(window, -0.5)).toEqual({ fromMs: -5 * DAY, toMs: 5 * DAY });
    expect(windowBetween(9 * DAY, DAY)).toEqual({ fromMs: DAY, toMs: 9 * DAY });
  });
  test.each([
    [1, 'hour'],
    [7, 'day'],
    [45, 'day'],
    [300, 'week'],
    [1_000, 'month'],
  ])('a window of %d days has bars of one %s', (days, bucket) =>
    expect(bucketFor({ fromMs: 0, toMs: days * DAY })).toBe(bucket),
  );
});
