import type { Forecast } from '../../../../protocol/methods.ts';
import type { TimeWindow } from './time-window.ts';
import { type Point, since, standing } from './timeline.ts';

type Values = (number | null)[];

/** The lists to draw, all of one length: seconds, the figure, the budget, and the forecast with its range. */
export type PlotData = readonly [at: number[], used: Values, budget: Values, low: Values, likely: Values, high: Values];

/** The place of each line in `PlotData`. */
export const LINE = { used: 1, budget: 2, low: 3, likely: 4, high: 5 } as const;

/** The lines of a window: the figure up to now, the budget over all of it, the forecast from now on up to the budget. */
export function plotData(
  points: readonly Point[],
  forecast: Forecast | undefined,
  window: TimeWindow,
  nowMs: number,
): PlotData {
  const data: [number[], Values, Values, Values, Values, Values] = [[], [], [], [], [], []];
  const last = points.at(-1);
  if (!last) return data;
  const add = (atMs: number, ...values: (number | null)[]) => {
    const [at, ...lines] = data;
    at.push(atMs / 1_000);
    for (const [index, line] of lines.entries()) line.push(values[index] ?? null);
  };
  for (const { atMs, used, total } of since(points, window.fromMs)) add(atMs, used, total || null);
  const budget = last.total || null;
  const startMs = Math.max(nowMs, last.atMs);
  const steps = forecastSteps(forecast, last, startMs, window.toMs);
  if (startMs > last.atMs || steps.length > 0) add(startMs, last.used, budget, ...linesAt(steps[0]));
  for (const step of steps.slice(1)) add(step.atMs, null, budget, ...linesAt(step));
  const end = steps.at(-1)?.atMs ?? startMs;
  if (window.toMs > end) add(window.toMs, null, budget);
  return data;
}

/**
 * The points that the vertical axis is made for: a mistake that was taken back presses no real usage flat, unless the
 * window shows nothing else. `from` is the figure before the first point, where it is known.
 */
export function scalePoints(
  points: readonly Point[],
  { fromMs, toMs }: TimeWindow,
  from: number | undefined,
): readonly Point[] {
  const kept = standing(points, from);
  const isKept = new Set(kept);
  const shown = since(points, fromMs).filter(({ atMs }) => atMs <= toMs);
  return shown.some((point) => isKept.has(point)) ? kept : points;
}

/** The ends of the vertical axis: from 0 to above the budget, or close around the figure that the window shows. */
export function verticalRange(data: PlotData, window: TimeWindow, fit: 'budget' | 'usage'): [number, number] {
  const { lowest, highest } = extremes(data, window, fit === 'budget' ? ALL_LINES : [LINE.used]);
  if (fit === 'budget') return [0, Math.max(highest * 1.08, 1)];
  const room = Math.max((highest - lowest) * 0.12, highest * 0.001, 1);
  return [Math.max(0, lowest - room), highest + room];
}

interface Step {
  readonly atMs: number;
  readonly low: number | null;
  readonly likely: number | null;
  readonly high: number | null;
}

const DAY_MS = 86_400_000;
const ALL_LINES = [LINE.used, LINE.budget, LINE.low, LINE.likely, LINE.high] as const;

/** The forecast's corners: now, where each pace meets the budget, and the window's end; each line ends at the budget. None when there is nothing to foresee. */
function forecastSteps(forecast: Forecast | undefined, { used, total }: Point, nowMs: number, untilMs: number): Step[] {
  const pace = forecast?.tokens_per_day ?? 0;
  if (pace <= 0 || untilMs <= nowMs || total <= 0 || used >= total) return [];
  const { tokens_per_day_low: slow, tokens_per_day_high: fast } = forecast?.range ?? {};
  const reached = (perDay: number) => (perDay > 0 ? nowMs + ((total - used) / perDay) * DAY_MS : untilMs);
  const ends = { likely: reached(pace), band: Math.max(reached(slow ?? pace), reached(pace)) };
  const corners = [nowMs, reached(fast ?? pace), ends.likely, ends.band, untilMs];
  const lastMs = Math.min(untilMs, ends.band);
  const instants = [...new Set(corners.filter((atMs) => atMs >= nowMs && atMs <= lastMs))].sort((a, b) => a - b);
  const level = (perDay: number, atMs: number) => Math.min(total, used + (perDay * (atMs - nowMs)) / DAY_MS);
  return instants.map((atMs) => ({
    atMs,
    low: slow === undefined ? null : level(slow, atMs),
    likely: atMs > ends.likely ? null : level(pace, atMs),
    high: fast === undefined ? null : level(fast, atMs),
  }));
}

function linesAt(step: Step | undefined): (number | null)[] {
  return step ? [step.low, step.likely, step.high] : [];
}

function extremes(data: PlotData, { fromMs, toMs }: TimeWindow, lines: readonly (1 | 2 | 3 | 4 | 5)[]) {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  const [at] = data;
  for (const line of lines) {
    for (let index = 0; index < at.length; index++) {
      const value = data[line][index];
      // The point before the window still holds at its beginning.
      const isPast = (at[index + 1] ?? Number.POSITIVE_INFINITY) * 1_000 < fromMs;
      if (value === null || value === undefined || isPast || at[index]! * 1_000 > toMs) continue;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
  }
  return { lowest: Math.min(lowest, highest), highest };
}
