import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { periodOutlook } from '../../../src/daemon/rules/budget-outlook.ts';
import { spanAt } from '../../../src/daemon/rules/period.ts';
import type { Forecast } from '../../../src/protocol/methods.ts';
import { parsePeriod, periodFrom } from '../../../src/shared/period.ts';

const ZONE = process.env.TZ;

afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

/** A forecast with these dates, or one that names none. */
function forecastOf(exhausts: string | null, earliest: string | null = null, reason?: Forecast['reason']): Forecast {
  const base = { tokens_per_day: 10_000, basis_days: 14, exhausts_at: exhausts };
  if (exhausts === null) return { ...base, ...(reason && { reason }) };
  return { ...base, range: { tokens_per_day_low: 1, tokens_per_day_high: 2, earliest, latest: null } };
}

interface Case {
  readonly zone?: string;
  readonly period?: string;
  readonly now: string;
  readonly figures: readonly [used: number, total: number];
  readonly usedToday?: number;
  readonly isFigureOfPeriod?: boolean;
  readonly forecast?: Forecast;
}

function outlookOf({ zone = 'UTC', period = '15', now, figures: [used, total], ...more }: Case) {
  process.env.TZ = zone;
  const nowMs = new Date(now).getTime();
  const span = spanAt(periodFrom(parsePeriod(period)!, nowMs)!, nowMs)!;
  const basis = {
    nowMs,
    countingSinceMs: nowMs - 86_400_000,
    usedToday: more.usedToday ?? 0,
    isFigureOfPeriod: more.isFigureOfPeriod ?? true,
  };
  return periodOutlook({ used, total }, more.forecast ?? forecastOf('2027-01-01T00:00:00Z'), span, basis);
}

describe('the allowance', () => {
  test.each<[what: string, given: Case, daysLeft: number, perDay: number, today: number]>([
    // 15 November to 15 December, at noon of the 18th: 27 days with today.
    [
      'is what is left by the days left',
      { now: '2025-11-18T12:00:00', figures: [190_000, 1_000_000] },
      27,
      30_000,
      30_000,
    ],
    [
      'of today is less what was used today',
      { now: '2025-11-18T12:00:00', figures: [200_000, 1_000_000], usedToday: 10_000 },
      ...([27, 30_000, 20_000] as const),
    ],
    [
      'of today is never below 0',
      { now: '2025-11-18T12:00:00', figures: [240_000, 1_000_000], usedToday: 50_000 },
      ...([27, 30_000, 0] as const),
    ],
    [
      'is whole, and never adds up to more than is left',
      { now: '2025-11-18T12:00:00', figures: [0, 1_000_000] },
      27,
      37_037,
      37_037,
    ],
    [
      'on the last day is all that is left',
      { now: '2025-12-14T23:59:59', figures: [900_000, 1_000_000] },
      1,
      100_000,
      100_000,
    ],
    [
      'at the reset is of the whole new period',
      { now: '2025-12-15T00:00:00', figures: [0, 310_000] },
      31,
      10_000,
      10_000,
    ],
    ['over budget is none', { now: '2025-11-18T12:00:00', figures: [1_200_000, 1_000_000] }, 27, 0, 0],
    [
      'on the day on which the budget was used up is what the morning had',
      { now: '2025-12-13T12:00:00', figures: [1_000_000, 1_000_000], usedToday: 60_000 },
      ...([2, 30_000, 0] as const),
    ],
    ['without a budget is none', { now: '2025-11-18T12:00:00', figures: [5_000, 0], usedToday: 5_000 }, 27, 0, 0],
    [
      'of a counter that began anew today is of the budget, and no more',
      { now: '2025-12-14T12:00:00', figures: [5_000, 100_000], usedToday: 40_000 },
      ...([1, 100_000, 60_000] as const),
    ],
    [
      'counts the days that summer time shortens',
      { zone: 'Europe/Berlin', period: '30', now: '2026-03-28T12:00:00', figures: [0, 200] },
      ...([2, 100, 100] as const),
    ],
    [
      'counts the days that summer time lengthens',
      { zone: 'Europe/Berlin', period: '26', now: '2026-10-25T00:30:00', figures: [0, 200] },
      ...([1, 200, 200] as const),
    ],
    [
      'counts a day without a midnight',
      { zone: 'America/Santiago', period: '7', now: '2026-09-06T01:00:00', figures: [0, 200] },
      ...([1, 200, 200] as const),
    ],
    [
      'ends with the last day of a short month',
      { period: '31', now: '2026-02-27T08:00:00', figures: [0, 200] },
      ...([1, 200, 200] as const),
    ],
    [
      'goes on over New Year',
      { period: '2025-12-29/7d', now: '2025-12-31T08:00:00', figures: [0, 500] },
      ...([5, 100, 100] as const),
    ],
  ])('the allowance %s', (_, given, daysLeft, perDay, today) => {
    const { days_left, allowance_per_day, allowance_today } = outlookOf(given);

    expect([days_left, allowance_per_day, allowance_today]).toEqual([daysLeft, perDay, today]);
  });
});

describe('the share that an even pace would have used', () => {
  test.each<[period: string, now: string, percent: number]>([
    ['15', '2025-11-15T00:00:00', 0],
    ['15', '2025-11-30T00:00:00', 50],
    ['15', '2025-12-14T12:00:00', 98.33],
    ['2025-11-17/7d', '2025-11-18T12:00:00', 21.43],
    ['2026-12-31', '2025-11-18T12:00:00', 0.24],
  ])('with %s at %s is %d %%', (period, now, percent) => {
    expect(outlookOf({ period, now, figures: [0, 1] }).expected_percent).toBe(percent);
  });
});

describe('the verdict', () => {
  const NOON = { now: '2025-11-18T12:00:00', figures: [500_000, 1_000_000] } as const;
  test.each<[exhausts: string, earliest: string | null, verdict: string, spare: number]>([
    ['2025-12-27T00:00:00Z', '2025-12-20T00:00:00Z', 'lasts', 12],
    ['2025-12-27T00:00:00Z', '2025-12-15T00:00:00Z', 'lasts', 12],
    ['2025-12-27T00:00:00Z', '2025-12-14T23:59:59Z', 'tight', 12],
    ['2025-12-15T00:00:00Z', null, 'lasts', 0],
    ['2025-12-14T23:59:59Z', '2025-12-01T00:00:00Z', 'short', -0],
    ['2025-12-09T12:00:00Z', '2025-12-01T00:00:00Z', 'short', -5.5],
  ])('of a budget that runs out at %s, at the earliest at %s, is %s', (exhausts, earliest, verdict, spare) => {
    const told = outlookOf({ ...NOON, forecast: forecastOf(exhausts, earliest) });

    expect(told).toMatchObject({ verdict, ends_at: '2025-12-15T00:00:00.000Z' });
    expect(told.spare_days).toBeCloseTo(spare, 5);
    expect(told).not.toHaveProperty('reason');
  });

  test.each(['too_little_data', 'no_usage', 'exhausted', 'no_budget', 'beyond_horizon'] as const)(
    'without a date is unknown for the same reason, %s',
    (reason) => {
      const told = outlookOf({ ...NOON, forecast: forecastOf(null, null, reason) });

      expect(told).toMatchObject({ verdict: 'unknown', reason });
      expect(told).not.toHaveProperty('spare_days');
    },
  );

  test('before the first reading of a period is unknown, whatever the figure of the period before said', () => {
    const stale = { ...NOON, isFigureOfPeriod: false };

    for (const forecast of [forecastOf('2025-11-20T00:00:00Z'), forecastOf(null, null, 'exhausted')]) {
      expect(outlookOf({ ...stale, forecast })).toMatchObject({ verdict: 'unknown', reason: 'no_reading_in_period' });
    }
  });

  test('without a budget is unknown for that reason, also before the first reading', () => {
    const none = { ...NOON, figures: [0, 0], isFigureOfPeriod: false } as const;

    expect(outlookOf({ ...none, forecast: forecastOf(null, null, 'no_budget') })).toMatchObject({
      verdict: 'unknown',
      reason: 'no_budget',
    });
  });
});

describe('told again, hour by hour', () => {
  test.each(['UTC', 'Europe/Berlin', 'America/Santiago'])(
    'in %s whoever uses each day what is allowed comes out at the reset with nothing left and nothing owed',
    (zone) => {
      const dates = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
      process.env.TZ = zone;
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 31 }),
          fc.integer({ min: 0, max: 365 }),
          fc.nat(5_000_000),
          (day, from, total) => {
            // Walked by the clock, an hour at a time, with no calendar of our own: a new date on the clock is a new day.
            let now = new Date(2026, 0, 1 + from, 9).getTime();
            const dateOf = (ms: number) => dates.format(ms);
            const days: number[] = [];
            const isReset = (ms: number) => {
              const [year, month, date] = dateOf(ms).split('-').map(Number) as [number, number, number];
              const isLastOfMonth = new Date(Date.UTC(year, month, 0)).getUTCDate() === date;
              return date === day || (isLastOfMonth && date < day);
            };
            do {
              days.push(now);
              const date = dateOf(now);
              while (dateOf(now) === date) now += 3_600_000;
            } while (!isReset(now));
            let used = 0;
            for (const [index, at] of days.entries()) {
              const given = { zone, period: String(day), now: new Date(at).toISOString() };
              const told = outlookOf({ ...given, figures: [used, total] });
              expect(told.days_left).toBe(days.length - index);
              expect(told.allowance_today).toBe(told.allowance_per_day);
              used += told.allowance_today;
              // The same day, after it was used.
              const after = outlookOf({ ...given, figures: [used, total], usedToday: told.allowance_today });
              expect([after.allowance_per_day, after.allowance_today]).toEqual([told.allowance_per_day, 0]);
            }
            expect(used).toBe(total);
          },
        ),
        { numRuns: 40 },
      );
    },
  );
});
