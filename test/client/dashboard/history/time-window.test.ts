import { describe, expect, it } from 'vitest';
import {
  bucketFor,
  panned,
  rangeWindow,
  windowBetween,
  zoomed,
} from '../../../../src/client/dashboard/history/time-window.ts';

const DAY = 86_400_000;
const NOW = 1_000 * DAY;

describe('a range', () => {
  it.each([
    ['a day without a forecast', '24h', { hasPace: false }, [-1, 0.03]],
    ['a day with a pace and no date', '24h', { hasPace: true }, [-1, 0.3]],
    ['a week whose budget ends tomorrow', '7d', { hasPace: true, exhaustsMs: NOW + DAY }, [-7, 1.1]],
    ['a week whose budget ends in an hour', '7d', { hasPace: true, exhaustsMs: NOW + DAY / 24 }, [-7, 0.7]],
    ['a month whose budget ends in a year', '30d', { hasPace: true, exhaustsMs: NOW + 365 * DAY }, [-30, 15]],
    ['all of a hundred days', 'all', { hasPace: false, firstMs: NOW - 100 * DAY }, [-102, 3.06]],
    ['all of nothing', 'all', { hasPace: false }, [-1.02 / 24, (1.02 / 24) * 0.03]],
  ] as const)('shows %s', (_, range, facts, [from, to]) => {
    const window = rangeWindow(range, { nowMs: NOW, ...facts });
    expect((window.fromMs - NOW) / DAY).toBeCloseTo(from, 6);
    expect((window.toMs - NOW) / DAY).toBeCloseTo(to, 6);
  });
});

describe('a window', () => {
  const window = { fromMs: 0, toMs: 10 * DAY };
  it('keeps what is under the pointer in its place while it is zoomed', () => {
    expect(zoomed(window, 2, 2 * DAY)).toEqual({ fromMs: DAY, toMs: 6 * DAY });
    expect(zoomed(window, 0.5)).toEqual({ fromMs: -5 * DAY, toMs: 15 * DAY });
  });
  it('is never shorter than a minute nor longer than anybody needs', () => {
    const tiny = zoomed(window, 1e12);
    expect(tiny.toMs - tiny.fromMs).toBeCloseTo(60_000, 0);
    const vast = zoomed(window, 1e-12);
    expect(vast.toMs - vast.fromMs).toBeLessThanOrEqual(40 * 365 * DAY);
    expect(windowBetween(5, 5)).toEqual({ fromMs: 5, toMs: 60_005 });
  });
  it('moves by a share of itself, and takes its ends in either order', () => {
    expect(panned(window, -0.5)).toEqual({ fromMs: -5 * DAY, toMs: 5 * DAY });
    expect(windowBetween(9 * DAY, DAY)).toEqual({ fromMs: DAY, toMs: 9 * DAY });
  });
  it.each([
    [1, 'hour'],
    [7, 'day'],
    [45, 'day'],
    [300, 'week'],
    [1_000, 'month'],
  ])('of %d days has bars of one %s', (days, bucket) =>
    expect(bucketFor({ fromMs: 0, toMs: days * DAY })).toBe(bucket),
  );
});
