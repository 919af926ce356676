import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecastOf } from '../../../src/daemon/rules/forecast.ts';
import type { UsageAt } from '../../../src/daemon/rules/pace.ts';
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
  ])('the pace %s', (_, usage, perDay, basisDays) => {
    const forecast = forecastOf(snapshotOf(500_000), usage, NOW_MS);

    expect(forecast.tokens_per_day).toBe(perDay);
    expect(forecast.basis_days).toBeCloseTo(basisDays, 5);
  });

  test('the pace and what remains give the day on which the budget runs out', () => {
    const forecast = forecastOf(snapshotOf(900_000), [{ atMs: NOW_MS - 4 * DAY_MS, tokens: 40_000 }], NOW_MS);

    expect(forecast).toMatchObject({ tokens_per_day: 10_000, basis_days: 4, exhausts_at: inDays(10) });
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
    ['no_budget', pace, [40_000, 0], { tokens_per_day: 10_000 }],
    ['beyond_horizon', daily(4, 1, 1), [4, 1_000_000], { tokens_per_day: 1 }],
  ])('a forecast without a date names the reason %s', (reason, usage, [used, total], expected) => {
    expect(forecastOf(snapshotOf(used, total), usage, NOW_MS)).toMatchObject({
      exhausts_at: null,
      reason,
      ...expected,
    });
  });
});

describe('the window', () => {
  test.each<[string, UsageAt[], number, number]>([
    ['is everything while the habit is the same', varied(60, 1, 10_000), 10_000, 60],
    ['goes back no further than sixteen weeks', varied(300, 1, 10_000), 10_000, 112],
    ['is two weeks when more is used since', [...varied(60, 15, 1_000), ...varied(14, 1, 10_000)], 10_000, 14],
    ['is two weeks when less is used since', [...varied(60, 15, 10_000), ...varied(14, 1, 1_000)], 1_000, 14],
    [
      'is everything when only one of two weeks was busy',
      [...varied(60, 8, 10_000), ...varied(7, 1, 16_000)],
      10_700,
      60,
    ],
  ])('the window %s', (_, usage, perDay, basisDays) => {
    const used = usage.reduce((sum, { tokens }) => sum + tokens, 0);

    const forecast = forecastOf(snapshotOf(used, 5_000_000), usage, NOW_MS);

    expect(forecast.basis_days).toBeCloseTo(basisDays, 1);
    expect(forecast.tokens_per_day / perDay).toBeCloseTo(1, 1);
  });
});

describe('no false alarm is raised', () => {
  const sixty = varied(60, 1, 10_000);
  const now = (tokens: number) => ({ atMs: NOW_MS - 60_000, tokens });
  test.each<[string, UsageAt[]]>([
    ['by one huge reading just now', [...sixty, now(500_000)]],
    ['by a huge import at one instant', [...sixty, ...Array.from({ length: 500 }, () => now(1_000))]],
    ['by one a week ago', [...sixty, { atMs: NOW_MS - 7 * DAY_MS, tokens: 500_000 }]],
    ['by two of them', [...sixty, now(500_000), { atMs: NOW_MS - 3 * DAY_MS, tokens: 500_000 }]],
    [
      'where only a few days are known',
      [...daily(3, 1, 10_000), { atMs: NOW_MS - 4 * DAY_MS, tokens: 5_000 }, now(300_000)],
    ],
  ])('no false alarm is raised %s', (_, usage) => {
    const used = usage.reduce((sum, { tokens }) => sum + tokens, 0);

    const { tokens_per_day } = forecastOf(snapshotOf(used, 3_000_000), usage, NOW_MS);

    expect(tokens_per_day).toBeLessThan(15_000);
  });

  test('no false alarm is raised by two busy weeks of which one is quiet: the pace is no more than used by the days', () => {
    const usage = [...daily(40, 8, 100), ...daily(7, 1, 50_000)];
    const used = 3_300 + 350_000;

    expect(forecastOf(snapshotOf(used), usage, NOW_MS).tokens_per_day).toBeLessThanOrEqual(Math.ceil(used / 40));
  });

  test('no false alarm is raised by a slip that was corrected to less than it had added', () => {
    const usage = [...daily(3, 2, 10_000), { atMs: NOW_MS - 1, tokens: 3_000_000 }];

    expect(forecastOf(snapshotOf(30_000), usage, NOW_MS).tokens_per_day).toBe(10_000);
  });
});

test('a counter that began anew an hour ago does not hide the pace of the weeks before', () => {
  const usage = daily(30, 1, 10_000);
  const anew = snapshotOf(500);

  expect(forecastOf(anew, usage, NOW_MS, NOW_MS - DAY_MS / 24).tokens_per_day).toBe(10_000);
  expect(forecastOf(anew, usage, NOW_MS, Number.POSITIVE_INFINITY).tokens_per_day).toBe(10_000);
});

describe('the pace towards a reset', () => {
  const startDaysAgo = (days: number) => NOW_MS - days * DAY_MS;
  const paceWith = (usage: UsageAt[], used: number, countingDays: number, periodDays?: number) =>
    forecastOf(
      snapshotOf(used, 9_000_000),
      usage,
      NOW_MS,
      startDaysAgo(countingDays),
      periodDays === undefined ? undefined : startDaysAgo(periodDays),
    ).tokens_per_day;

  // A week of 4,000 a day and three of 700: 1,525 a day since the reset.
  const slower = [...daily(100, 29, 1_000), ...daily(28, 22, 4_000), ...daily(21, 1, 700)];
  const withoutTwoDays = daily(60, 1, 1_000).filter(({ atMs }) => atMs < startDaysAgo(20) || atMs > startDaysAgo(18));

  test.each<[string, number, UsageAt[], used: number, countingDays: number, periodDays: number | undefined]>([
    ['is that of the period', 1_525, slower, 42_700, 28, 28],
    ['is of no matter without a period', 1_147, slower, 42_700, 28, undefined],
    ['is of no matter before two weeks of it', 700, slower, 9_100, 13, 13],
    ['counts from the reset where the first figure is two days late', 900, withoutTwoDays, 18_000, 18, 20],
    ['counts from a restart of the counter in the midst of the period', 1_000, daily(60, 1, 1_000), 15_000, 15, 25],
    ['counts from the first figure of all', 1_000, daily(15, 1, 1_000), 15_000, 15, 17],
  ])('the pace towards a reset %s', (_, pace, ...basis) => {
    expect(paceWith(...basis)).toBe(pace);
  });
});

describe('the range', () => {
  test('the range is the pace itself where no day differs from another', () => {
    const { range, exhausts_at } = forecastOf(snapshotOf(300_000), daily(30, 1, 10_000), NOW_MS);

    expect(range).toEqual({
      tokens_per_day_low: 10_000,
      tokens_per_day_high: 10_000,
      earliest: exhausts_at,
      latest: exhausts_at,
    });
  });

  test('the range is wider the more the days differ', () => {
    const width = (usage: UsageAt[]) => {
      const { range } = forecastOf(snapshotOf(300_000), usage, NOW_MS);
      return range!.tokens_per_day_high - range!.tokens_per_day_low;
    };
    const uneven = [...daily(30, 1, 5_000), ...daily(30, 1, 10_000).filter((_, day) => day % 2 === 0)];

    expect(width(uneven)).toBeGreaterThan(width(varied(30, 1, 10_000)));
  });

  test('the range has no latest day where the pace may well be nothing', () => {
    const { range } = forecastOf(snapshotOf(900_000), [{ atMs: NOW_MS - 4 * DAY_MS, tokens: 400_000 }], NOW_MS);

    expect(range).toMatchObject({ tokens_per_day_low: 0, latest: null, earliest: expect.any(String) });
  });
});

describe('whatever was used', () => {
  const amount = fc.record({
    atMs: fc.integer({ min: -200 * 24, max: 24 }).map((hours) => NOW_MS + hours * 3_600_000 + 1),
    tokens: fc.oneof(fc.nat({ max: 100_000 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.integer()),
  });
  const figure = fc.oneof(fc.nat({ max: 5_000_000 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }));
  const since = fc.option(
    fc.nat({ max: 300 * 24 }).map((hours) => NOW_MS - hours * 3_600_000),
    { nil: undefined },
  );
  const history = fc.array(amount, { maxLength: 80 });
  const period = fc.option(
    fc.nat({ max: 40 }).map((days) => NOW_MS - days * DAY_MS),
    { nil: undefined },
  );

  test('whatever was used, the answer is a forecast: finite, not in the past, within its range, and with a date or a reason', () => {
    fc.assert(
      fc.property(history, figure, figure, since, period, (usage, used, total, sinceMs, periodMs) => {
        const { range, ...forecast } = forecastOf(snapshotOf(used, total), usage, NOW_MS, sinceMs, periodMs);
        const { tokens_per_day, basis_days, exhausts_at, reason } = forecast;
        expect(Number.isSafeInteger(tokens_per_day) && tokens_per_day >= 0).toBe(true);
        expect(basis_days >= 0 && basis_days <= 112).toBe(true);
        expect(exhausts_at === null).toBe(reason !== undefined);
        expect(range === undefined).toBe(exhausts_at === null);
        if (!range || !exhausts_at) return;
        const { tokens_per_day_low: low, tokens_per_day_high: high, earliest, latest } = range;
        expect(0 <= low && low <= tokens_per_day && tokens_per_day <= high).toBe(true);
        expect(NOW_MS <= Date.parse(earliest!)).toBe(true);
        expect(Date.parse(earliest!)).toBeLessThanOrEqual(Date.parse(exhausts_at));
        if (latest !== null) expect(Date.parse(latest)).toBeGreaterThanOrEqual(Date.parse(exhausts_at));
      }),
    );
  });

  test('neither the order of usage nor what is dated ahead or took off changes the forecast', () => {
    fc.assert(
      fc.property(history, figure, fc.infiniteStream(fc.nat()), (usage, used, places) => {
        const counted = usage
          .filter(({ atMs }) => atMs <= NOW_MS)
          .map(({ atMs, tokens }) => ({ atMs, tokens: Math.max(0, tokens % 1_000_000) }));
        const shuffled = counted
          .map((each) => ({ each, place: places.next().value ?? 0 }))
          .sort((a, b) => a.place - b.place)
          .map(({ each }) => each);
        const more = [
          { atMs: NOW_MS + 1, tokens: 9e9 },
          ...shuffled,
          ...shuffled.map((each) => ({ ...each, tokens: -5 })),
        ];
        expect(forecastOf(snapshotOf(used), more, NOW_MS)).toEqual(forecastOf(snapshotOf(used), counted, NOW_MS));
      }),
    );
  });

  test('counting in thousands changes no forecast date', () => {
    const small = fc.array(fc.record({ atMs: amount.map(({ atMs }) => atMs), tokens: fc.nat({ max: 100_000 }) }));
    fc.assert(
      fc.property(small, fc.nat({ max: 1_000_000 }), (usage, used) => {
        const thousand = usage.map(({ atMs, tokens }) => ({ atMs, tokens: tokens * 1_024 }));
        const ones = forecastOf(snapshotOf(used, 1_000_000), usage, NOW_MS);
        const thousands = forecastOf(snapshotOf(used * 1_024, 1_024_000_000), thousand, NOW_MS);
        expect(thousands.reason).toBe(ones.reason);
        expect(thousands.exhausts_at).toBe(ones.exhausts_at);
        expect(thousands.range?.earliest).toBe(ones.range?.earliest);
      }),
    );
  });

  test('using more now never moves the forecast date away', () => {
    const known = fc.array(fc.nat({ max: 30_000 }), { minLength: 4, maxLength: 100 });
    fc.assert(
      fc.property(
        known,
        fc.nat({ max: 13 }),
        fc.integer({ min: 1, max: 200_000 }),
        period,
        (amounts, daysAgo, more, periodMs) => {
          const forecast = (used: number, usage: UsageAt[]) =>
            dateOf(forecastOf(snapshotOf(used, total), usage, NOW_MS, undefined, periodMs));
          const usage = amounts.map((tokens, day) => ({ atMs: NOW_MS - (day + 1) * DAY_MS + 1, tokens: tokens + 1 }));
          const used = usage.reduce((sum, { tokens }) => sum + tokens, 0);
          const days = Math.min(daysAgo, amounts.length - 1);
          const added = [...usage, { atMs: NOW_MS - (days + 1) * DAY_MS + 2, tokens: more }];
          const total = used + 2_000_000;
          const before = forecast(used, usage);
          expect(forecast(used + more, added)).toBeLessThanOrEqual(before);
          expect(forecast(used + more, usage)).toBeLessThanOrEqual(before);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

/** A tenth more and less in turn. */
function varied(from: number, to: number, tokens: number): UsageAt[] {
  return daily(from, to, tokens).map(({ atMs }, day) => ({ atMs, tokens: tokens * (day % 2 === 0 ? 0.9 : 1.1) }));
}

function dateOf({ exhausts_at }: { exhausts_at: string | null }): number {
  return exhausts_at === null ? Number.POSITIVE_INFINITY : Date.parse(exhausts_at);
}
