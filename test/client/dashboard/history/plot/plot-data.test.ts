import { describe, expect, test } from 'vitest';
import { plotData, scalePoints, verticalRange } from '../../../../../src/client/dashboard/history/plot/plot-data.ts';
import { instantBeside, readoutAt } from '../../../../../src/client/dashboard/history/plot/readout.ts';
import {
  drops,
  pointsOf,
  since,
  standing,
  thinned,
  withPoints,
} from '../../../../../src/client/dashboard/history/plot/timeline.ts';

const DAY = 86_400_000;
const points = [
  { atMs: 1 * DAY, used: 100, total: 1_000 },
  { atMs: 2 * DAY, used: 300, total: 1_000 },
  { atMs: 4 * DAY, used: 400, total: 1_000 },
];
const NOW = 5 * DAY;
const WINDOW = { fromMs: 0, toMs: 20 * DAY };
const days = (seconds: readonly number[]) => seconds.map((at) => (at * 1_000) / DAY);
const pace = { tokens_per_day: 100, exhausts_at: '', basis_days: 4 };
const range = { tokens_per_day_low: 50, tokens_per_day_high: 200, earliest: null, latest: null };

describe('the lines', () => {
  test('the lines are empty before the first reading', () => {
    expect(plotData([], pace, WINDOW, NOW)).toEqual([[], [], [], [], [], []]);
  });

  test('the lines hold the last figure up to now and the budget over the whole window', () => {
    const [at, used, budget, ...forecast] = plotData(points, undefined, WINDOW, NOW);
    expect(days(at)).toEqual([1, 2, 4, 5, 20]);
    expect(used).toEqual([100, 300, 400, 400, null]);
    expect(budget).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
    expect(forecast.flat().every((value) => value === null)).toBe(true);
  });

  test('the lines of the forecast rise and end at the budget, the fastest pace first', () => {
    const [at, used, , low, likely, high] = plotData(points, { ...pace, range }, WINDOW, NOW);
    expect(days(at)).toEqual([1, 2, 4, 5, 8, 11, 17, 20]);
    expect(used).toEqual([100, 300, 400, 400, null, null, null, null]);
    expect(low.slice(3)).toEqual([400, 550, 700, 1_000, null]);
    expect(likely.slice(3)).toEqual([400, 700, 1_000, null, null]);
    expect(high.slice(3)).toEqual([400, 1_000, 1_000, 1_000, null]);
  });

  test('the line of a pace that does not reach the budget goes on to the end of the window', () => {
    const slow = { ...range, tokens_per_day_low: 0, tokens_per_day_high: 120 };
    const [at, , , low, likely, high] = plotData(points, { ...pace, range: slow }, { fromMs: 0, toMs: 7 * DAY }, NOW);
    expect(days(at).slice(3)).toEqual([5, 7]);
    expect([low, likely, high].map((line) => line.slice(3))).toEqual([
      [400, 400],
      [400, 600],
      [400, 640],
    ]);
  });

  test('a forecast without a range is drawn without a band', () => {
    const [at, , , low, likely] = plotData(points, pace, WINDOW, NOW);
    expect(days(at)).toEqual([1, 2, 4, 5, 11, 20]);
    expect(likely.slice(3)).toEqual([400, 1_000, null]);
    expect(low.every((value) => value === null)).toBe(true);
  });

  test.each([
    ['over budget', [{ atMs: DAY, used: 1_200, total: 1_000 }], pace],
    ['without a budget', [{ atMs: DAY, used: 1_200, total: 0 }], pace],
    ['without usage', points, { ...pace, tokens_per_day: 0 }],
  ])('no forecast is drawn %s', (_, given, forecast) => {
    const [, , , , likely] = plotData(given, forecast, WINDOW, NOW);
    expect(likely.every((value) => value === null)).toBe(true);
  });

  test('the lines begin with the figure that held at the start of the window', () => {
    const [at] = plotData(points, undefined, { fromMs: 3 * DAY, toMs: 6 * DAY }, NOW);
    expect(days(at)).toEqual([2, 4, 5, 6]);
  });
});

describe('the vertical axis', () => {
  const data = plotData(points, { ...pace, range }, WINDOW, NOW);
  test('the vertical axis reaches from 0 to above the budget', () => {
    expect(verticalRange(data, WINDOW, 'budget')).toEqual([0, 1_080]);
    expect(
      verticalRange(plotData([{ atMs: 0, used: 2_000, total: 1_000 }], undefined, WINDOW, NOW), WINDOW, 'budget'),
    ).toEqual([0, 2_160]);
    expect(verticalRange(plotData([], undefined, WINDOW, NOW), WINDOW, 'budget')).toEqual([0, 1]);
  });
  test('the vertical axis fitted to the usage lies close around the figures of the window alone', () => {
    expect(verticalRange(data, WINDOW, 'usage')).toEqual([64, 436]);
    expect(verticalRange(data, { fromMs: 2.5 * DAY, toMs: 4.5 * DAY }, 'usage')).toEqual([288, 412]);
    expect(verticalRange(data, { fromMs: 4.2 * DAY, toMs: 4.5 * DAY }, 'usage')).toEqual([399, 401]);
  });
});

describe('a mistake that was taken back', () => {
  const line = (...figures: number[]) => figures.map((used, day) => ({ atMs: day * DAY, used, total: 1_000 }));
  const figures = (shown: readonly { used: number }[]) => shown.map(({ used }) => used);

  test.each([
    ['between what stood before and after it', [300, 3_500, 300, 350], undefined, [300, 300, 350]],
    ['with another mistake on top', [300, 3_500, 35_000, 3_500, 300, 350], undefined, [300, 300, 350]],
    ['of several points at one figure', [300, 3_500, 3_500, 300], undefined, [300, 300]],
    ['twice', [300, 3_500, 300, 35_000, 300, 350], undefined, [300, 300, 300, 350]],
    ['where it was the very first reading', [3_500, 0, 350], 0, [0, 350]],
  ])('an undone mistake is left out: %s', (_, given, from, expected) => {
    expect(figures(standing(line(...given), from))).toEqual(expected);
  });

  test.each([
    ['a counter that started anew', [300, 900, 20, 350]],
    ['a mistake that is still there', [300, 3_500]],
    ['a figure of which nobody knows what was before', [3_500, 0, 350]],
    ['a figure that fell and rose again', [900, 300, 900]],
  ])('a figure that fell stays in the line: %s', (_, given) =>
    expect(figures(standing(line(...given), undefined))).toEqual(given),
  );

  test('a mistake that was undone does not stretch the axis, unless the window shows nothing else', () => {
    const slip = line(300, 3_500, 300, 350);
    const rangeOf = (window: { fromMs: number; toMs: number }) =>
      verticalRange(plotData(scalePoints(slip, window, undefined), undefined, window, NOW), window, 'budget');
    expect(rangeOf(WINDOW)).toEqual([0, 1_080]);
    expect(rangeOf({ fromMs: 1.2 * DAY, toMs: 1.8 * DAY })).toEqual([0, 3_500 * 1.08]);
  });
});

describe('the readout', () => {
  const data = plotData(points, { ...pace, range }, WINDOW, NOW);
  test.each([
    ['before everything', 0.5, undefined],
    ['on the first point', 1, { kind: 'past', atMs: DAY, used: 100, budget: 1_000, by: 0 }],
    ['between two points', 3, { kind: 'past', atMs: 2 * DAY, used: 300, budget: 1_000, by: 200 }],
    ['now', 5, { kind: 'past', atMs: 5 * DAY, used: 400, budget: 1_000, by: 0 }],
    [
      'where only the slow pace has budget left',
      14,
      { kind: 'forecast', atMs: 14 * DAY, low: 850, likely: undefined, high: 1_000 },
    ],
    ['in the future', 6.5, { kind: 'forecast', atMs: 6.5 * DAY, low: 475, likely: 550, high: 700 }],
  ])('the readout %s says the figure that holds', (_, at, expected) =>
    expect(readoutAt(data, at * DAY, WINDOW)).toEqual(expected),
  );
  test('the readout is empty in a future without a forecast', () => {
    expect(readoutAt(plotData(points, undefined, WINDOW, NOW), 20 * DAY, WINDOW)).toBeUndefined();
  });
  test('the cursor walks from instant to instant and stops at the ends', () => {
    expect([1, -1, -9, 99].map((steps) => instantBeside(data, 2 * DAY, steps, WINDOW)! / DAY)).toEqual([4, 1, 1, 17]);
    expect(instantBeside(plotData([], undefined, WINDOW, NOW), 0, 1, WINDOW)).toBeUndefined();
  });
  test.each([
    ['a forecast that goes on beyond the window', { fromMs: 0, toMs: 7 * DAY }],
    ['a history that began before the window', { fromMs: 3 * DAY, toMs: 7.3 * DAY }],
    ['a window of the past', { fromMs: 1.5 * DAY, toMs: 3 * DAY }],
  ])('the readout tells whole tokens inside the window at both ends and beside them, with %s', (_, window) => {
    const uneven = { ...pace, tokens_per_day: 100.7, range: { ...range, tokens_per_day_low: 33.3 } };
    const shown = plotData(points, uneven, window, NOW + 1_234_567);
    const ends = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].map(
      (steps) => instantBeside(shown, 4.5 * DAY, steps, window)!,
    );
    for (const atMs of [...ends, window.toMs]) {
      const said = readoutAt(shown, atMs, window)!;
      expect(said.atMs).toBeGreaterThanOrEqual(window.fromMs);
      expect(said.atMs).toBeLessThanOrEqual(window.toMs);
      const figures = said.kind === 'past' ? [said.used, said.by] : [said.low, said.likely, said.high];
      expect(figures.every((figure) => Number.isSafeInteger(figure))).toBe(true);
    }
  });
});

describe('the points', () => {
  test('points are read in order, without those that name no time', () => {
    const read = pointsOf([
      { at: '2026-11-02T00:00:00Z', used: 2, total: 9 },
      { at: 'never', used: 3, total: 9 },
      { at: '2026-11-01T00:00:00Z', used: 1, total: 9 },
    ]);
    expect(read.map(({ used }) => used)).toEqual([1, 2]);
  });
  test('points stay few in a flood, and the latest figure stands', () => {
    const flood = Array.from({ length: 10_000 }, (_, index) => ({
      atMs: 5 * DAY + index,
      used: 400 + index,
      total: 1_000,
    }));
    const after = withPoints(points, flood, 1_000);
    expect(after.length).toBeLessThan(30);
    expect(after.at(-1)).toMatchObject({ used: 10_399 });
  });
  test('points do not go back in time when the clock does', () => {
    expect(withPoints(points, [{ atMs: 3 * DAY, used: 500, total: 1_000 }], 1).at(-1)).toEqual({
      atMs: 4 * DAY,
      used: 500,
      total: 1_000,
    });
  });
  test('points of a window keep the one before it, whose figure still holds', () => {
    expect(since(points, 3 * DAY)).toEqual(points.slice(1));
    expect(since(points, 9 * DAY)).toEqual(points.slice(2));
    expect(since(points, 0)).toEqual(points);
  });
  test('points tell where the figure fell', () => {
    expect(drops([...points, { atMs: 5 * DAY, used: 15, total: 1_000 }])).toEqual([
      { atMs: 5 * DAY, used: 15, total: 1_000 },
    ]);
  });
  test('points are thinned with both ends kept', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({ atMs: index, used: index, total: 1 }));
    const few = thinned(many, 40);
    expect([few.length, few[0]?.atMs, few.at(-1)?.atMs]).toEqual([40, 0, 999]);
    expect(thinned(points, 40)).toBe(points);
  });
});
