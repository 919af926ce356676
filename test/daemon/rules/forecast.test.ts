import { describe, expect, test } from 'vitest';
import { forecastOf, type UsageAt } from '../../../src/daemon/rules/forecast.ts';
import { snapshotOf } from './readings.ts';

const DAY_MS = 86_400_000;
const NOW_MS = Date.UTC(2025, 10, 18, 12);

/** `tokens` on each of the days from `from` to `to` days ago. */
function daily(from: number, to: number, tokens: number): UsageAt[] {
  return Array.from({ length: from - to + 1 }, (_, index) => ({ atMs: NOW_MS - (from - index) * DAY_MS + 1, tokens }));
}

function inDays(days: number): string {
  return new Date(NOW_MS + days * DAY_MS).toISOString();
}

describe('the pace', () => {
  test.each<[string, UsageAt[], number, number]>([
    ['is what was used by the days since the first reading', daily(4, 1, 10_000), 10_000, 4],
    ['is that of the last fourteen days', [...daily(100, 15, 1_000), ...daily(14, 1, 10_000)], 10_000, 14],
    ['shows within two weeks that somebody uses less', [...daily(100, 15, 10_000), ...daily(14, 1, 140)], 140, 14],
    ['counts nothing that is dated ahead', [...daily(4, 1, 10_000), { atMs: NOW_MS + DAY_MS, tokens: 9e9 }], 10_000, 4],
    ['counts nothing that was taken off', [...daily(4, 1, 10_000), ...daily(2, 2, -30_000)], 10_000, 4],
    ['does not care for the order', daily(4, 1, 10_000).reverse(), 10_000, 4],
  ])('%s', (_, usage, perDay, basisDays) => {
    const forecast = forecastOf(snapshotOf(500_000), usage, NOW_MS);

    expect(forecast.tokens_per_day).toBe(perDay);
    expect(forecast.basis_days).toBeCloseTo(basisDays, 5);
  });

  test('and what remains give the day on which the budget runs out', () => {
    const forecast = forecastOf(snapshotOf(900_000), [{ atMs: NOW_MS - 4 * DAY_MS, tokens: 40_000 }], NOW_MS);

    expect(forecast).toEqual({ tokens_per_day: 10_000, basis_days: 4, exhausts_at: inDays(10) });
  });
});

describe('no date is named, but the reason', () => {
  const pace = daily(4, 1, 10_000);
  test.each<[string, UsageAt[], [number, number], object]>([
    ['too_little_data', [], [0, 1_000_000], { tokens_per_day: 0, basis_days: 0 }],
    ['too_little_data', daily(1, 0, 10_000), [0, 1_000_000], { tokens_per_day: 0, basis_days: 1 }],
    ['too_little_data', [{ atMs: NOW_MS + DAY_MS, tokens: 5 }], [0, 1_000_000], { basis_days: 0 }],
    ['no_usage', daily(40, 30, 10_000), [500_000, 1_000_000], { tokens_per_day: 0, basis_days: 14 }],
    ['exhausted', pace, [1_000_000, 1_000_000], { tokens_per_day: 10_000 }],
    ['exhausted', pace, [1_000_001, 1_000_000], { tokens_per_day: 10_000 }],
    ['no_budget', pace, [500, 0], { tokens_per_day: 10_000 }],
    ['beyond_horizon', daily(4, 1, 1), [0, 1_000_000], { tokens_per_day: 1 }],
  ])('%s', (reason, usage, [used, total], expected) => {
    expect(forecastOf(snapshotOf(used, total), usage, NOW_MS)).toMatchObject({
      exhausts_at: null,
      reason,
      ...expected,
    });
  });
});
