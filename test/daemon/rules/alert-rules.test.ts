import { describe, expect, test } from 'vitest';
import { checkForecast, crossThresholds, standingThreshold } from '../../../src/daemon/rules/alert-rules.ts';
import type { Forecast } from '../../../src/protocol/methods.ts';
import { snapshotOf } from './readings.ts';

const LEVELS = [80, 90, 100];
const DAY_MS = 86_400_000;

/** The levels that are told while used and total go through these figures. */
function toldAlong(figures: readonly (readonly [used: number, total: number])[], levels = LEVELS): number[] {
  let told: readonly number[] = [];
  return figures.flatMap(([used, total]) => {
    const crossing = crossThresholds(told, snapshotOf(used, total), levels);
    told = crossing.told;
    return crossing.alerts.map(({ level }) => level);
  });
}

test('before the first reading of a period the figure of the one before brings no alert, and takes none back', () => {
  const nowMs = Date.UTC(2025, 10, 18);
  const endMs = nowMs + 20 * DAY_MS;
  const figures = { tokens_per_day: 9, basis_days: 9, exhausts_at: new Date(nowMs + DAY_MS).toISOString() };
  const period = { ...PERIOD, verdict: 'unknown', reason: 'no_reading_in_period' } as const;
  const check = (warnedEndMs: number | undefined, forecast: Forecast) =>
    checkForecast(warnedEndMs, forecast, snapshotOf(900_000), { nowMs, endMs });
  expect(check(undefined, { ...figures, period })).toEqual({ alert: undefined, isNew: false });
  expect(check(endMs, { ...figures, period })).toMatchObject({ alert: undefined, warnedEndMs: endMs });
  expect(check(undefined, { ...figures, period: { ...PERIOD, verdict: 'short' } })).toMatchObject({ isNew: true });
});

const PERIOD = {
  starts_at: '2025-11-18T00:00:00Z',
  ends_at: '2025-12-08T00:00:00Z',
  days_left: 20,
  expected_percent: 0,
  allowance_per_day: 1,
  allowance_today: 1,
};

describe('an alert', () => {
  test.each<[string, [number, number][], number[]]>([
    [
      'comes at the level itself',
      [
        [799_999, 1_000_000],
        [800_000, 1_000_000],
      ],
      [80],
    ],
    ['does not come just below it, however that is rounded', [[799_999, 1_000_000]], []],
    [
      'comes once, not again further on',
      [
        [800_000, 1_000_000],
        [850_000, 1_000_000],
      ],
      [80],
    ],
    ['comes for each level that one step crosses, lowest first', [[2_000_000, 1_000_000]], [80, 90, 100]],
    [
      'does not come downwards',
      [
        [950_000, 1_000_000],
        [100_000, 1_000_000],
      ],
      [80, 90],
    ],
    [
      'comes again after the counter began anew',
      [
        [850_000, 1_000_000],
        [0, 1_000_000],
        [850_000, 1_000_000],
      ],
      [80, 80],
    ],
    [
      'comes once for an undo and its redo',
      [
        [810_000, 1_000_000],
        [790_000, 1_000_000],
        [810_000, 1_000_000],
      ],
      [80],
    ],
    [
      'comes again after a fall by a twentieth',
      [
        [810_000, 1_000_000],
        [759_999, 1_000_000],
        [810_000, 1_000_000],
      ],
      [80, 80],
    ],
    [
      'comes when the budget shrinks',
      [
        [500_000, 1_000_000],
        [500_000, 550_000],
      ],
      [80, 90],
    ],
    ['does not come when the budget grows', [[950_000, 2_000_000]], []],
    ['never comes without a budget', [[5, 0]], []],
    [
      'comes when a budget is set that is passed already',
      [
        [5, 0],
        [5, 5],
      ],
      [80, 90, 100],
    ],
  ])('an alert %s', (_, figures, expected) => {
    expect(toldAlong(figures)).toEqual(expected);
  });

  test('an alert comes at every whole percentage exactly, whatever binary fractions make of it', () => {
    for (let level = 1; level <= 200; level++) {
      const at = (level * 1_000_000) / 100;
      expect([level, toldAlong([[at - 1, 1_000_000]], [level])]).toEqual([level, []]);
      expect([level, toldAlong([[at, 1_000_000]], [level])]).toEqual([level, [level]]);
    }
  });

  test('an alert tells the level, the percentage and the revision', () => {
    expect(crossThresholds([], snapshotOf(812_345), [90, 80])).toEqual({
      told: [80],
      alerts: [{ level: 80, percent: 81.23, revision: 7 }],
    });
  });

  test('levels that are no longer in the settings are forgotten', () => {
    expect(crossThresholds([50, 80], snapshotOf(812_345), [80]).told).toEqual([80]);
  });

  test('the standing alert is that of the highest level reached', () => {
    expect(standingThreshold(snapshotOf(912_345), LEVELS)).toMatchObject({ level: 90 });
    expect(standingThreshold(snapshotOf(712_345), LEVELS)).toBeUndefined();
  });
});

describe('a forecast', () => {
  const nowMs = Date.parse('2025-11-18T12:00:00Z');
  const endMs = nowMs + 10 * DAY_MS;

  function forecastIn(days: number | null, reason?: Forecast['reason']): Forecast {
    const exhausts_at = days === null ? null : new Date(nowMs + days * DAY_MS).toISOString();
    return { tokens_per_day: 1_000, exhausts_at, basis_days: 9, ...(reason && { reason }) };
  }

  /** Whether something new is told while the budget is foretold to last so many days. */
  function toldAlong(days: readonly (number | null)[], reason?: Forecast['reason']): boolean[] {
    let told: number | undefined;
    return days.map((left) => {
      const found = checkForecast(told, forecastIn(left, left === null ? reason : undefined), snapshotOf(500_000), {
        nowMs,
        endMs,
      });
      told = found.warnedEndMs;
      return found.isNew;
    });
  }

  test.each<[string, (number | null)[], Forecast['reason'], boolean[]]>([
    ['that the budget ends before its period is told', [9.9], undefined, [true]],
    ['that the budget ends with its period is not told', [10], undefined, [false]],
    ['without a date is not told', [null], 'too_little_data', [false]],
    ['is told once a period', [9, 8, 7], undefined, [true, false, false]],
    ['that wavers about the end is told once', [9, 10.5, 9], undefined, [true, false, false]],
    ['that looked well in between is told again', [9, 12, 9], undefined, [true, false, true]],
    ['that went away without a date is told again', [9, null, 9], 'no_usage', [true, false, true]],
    ['is not told again after the budget was used up', [9, null, 9], 'exhausted', [true, false, false]],
  ])('a forecast %s', (_, days, reason, expected) => {
    expect(toldAlong(days, reason)).toEqual(expected);
  });

  test('a forecast is told again in the next period', () => {
    const found = checkForecast(endMs - 30 * DAY_MS, forecastIn(9), snapshotOf(500_000), { nowMs, endMs });
    expect(found.isNew).toBe(true);
    expect(found.alert).toEqual({
      level: 100,
      percent: 50,
      forecast: forecastIn(9),
      period_ends_at: new Date(endMs).toISOString(),
      revision: 7,
    });
  });
});
