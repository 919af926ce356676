import { LINE, type PlotData } from './plot-data.ts';
import type { TimeWindow } from './time-window.ts';

/** The plot at one instant: the figure that held then, or the forecast. */
export type Readout =
  | {
      readonly kind: 'past';
      readonly atMs: number;
      readonly used: number;
      readonly budget: number;
      readonly by: number;
    }
  | {
      readonly kind: 'forecast';
      readonly atMs: number;
      readonly likely: number | undefined;
      readonly low: number | undefined;
      readonly high: number | undefined;
    };

/** The readout of an instant, in whole tokens; `undefined` before the first point, and after the last one where there is no forecast. */
export function readoutAt(data: PlotData, atMs: number, { fromMs }: TimeWindow): Readout | undefined {
  const [at] = data;
  const index = at.findLastIndex((seconds) => seconds * 1_000 <= atMs);
  if (index === -1) return undefined;
  const likely = between(data, LINE.likely, index, atMs);
  const low = between(data, LINE.low, index, atMs);
  const high = between(data, LINE.high, index, atMs);
  const pointMs = at[index]! * 1_000;
  if (pointMs !== atMs && (likely !== undefined || low !== undefined)) {
    return { kind: 'forecast', atMs, likely, low, high };
  }
  const used = data[LINE.used][index];
  if (used === null || used === undefined) {
    return likely === undefined && low === undefined ? undefined : { kind: 'forecast', atMs, likely, low, high };
  }
  // A figure recorded before the window holds at its beginning, but did not change there.
  const isBefore = pointMs < fromMs;
  const before = isBefore ? used : (data[LINE.used][index - 1] ?? used);
  const budget = data[LINE.budget][index] ?? 0;
  return { kind: 'past', atMs: isBefore ? fromMs : pointMs, used, budget, by: used - before };
}

/** The next instant in a direction of which there is something to say, for the keyboard; beyond the ends of the window or of the data the last one there. */
export function instantBeside(
  data: PlotData,
  atMs: number,
  steps: number,
  { fromMs, toMs }: TimeWindow,
): number | undefined {
  const instants = data[0].flatMap((seconds, index) => (isTold(data, index) ? [seconds * 1_000] : []));
  if (instants.length === 0) return undefined;
  const here = instants.findLastIndex((instant) => instant <= atMs);
  const there = instants[Math.min(Math.max(here + steps, 0), instants.length - 1)]!;
  return Math.min(Math.max(there, fromMs), toMs);
}

function isTold(data: PlotData, index: number): boolean {
  return [LINE.used, LINE.likely, LINE.low].some((line) => data[line][index] !== null);
}

function between(data: PlotData, line: 3 | 4 | 5, index: number, atMs: number): number | undefined {
  const from = data[line][index];
  const to = data[line][index + 1];
  if (from === null || from === undefined) return undefined;
  const [at] = data;
  if (to === null || to === undefined) return at[index]! * 1_000 === atMs ? Math.round(from) : undefined;
  const share = (atMs / 1_000 - at[index]!) / (at[index + 1]! - at[index]!);
  return Math.round(from + (to - from) * share);
}
