import { LINE, type PlotData } from './plot-data.ts';

/** What the plot says at one instant: the figure that held then, or what is foreseen. */
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

/** What to say of an instant; `undefined` before the first point, and after the last where nothing is foreseen. */
export function readoutAt(data: PlotData, atMs: number): Readout | undefined {
  const [at] = data;
  const index = at.findLastIndex((seconds) => seconds * 1_000 <= atMs);
  if (index === -1) return undefined;
  const likely = between(data, LINE.likely, index, atMs);
  const low = between(data, LINE.low, index, atMs);
  const high = between(data, LINE.high, index, atMs);
  const isNow = at[index]! * 1_000 === atMs;
  if (!isNow && (likely !== undefined || low !== undefined)) return { kind: 'forecast', atMs, likely, low, high };
  const used = data[LINE.used][index];
  if (used === null || used === undefined) {
    return likely === undefined && low === undefined ? undefined : { kind: 'forecast', atMs, likely, low, high };
  }
  const before = data[LINE.used][index - 1] ?? used;
  return { kind: 'past', atMs: at[index]! * 1_000, used, budget: data[LINE.budget][index] ?? 0, by: used - before };
}

/** The nearest instant of the data in a direction, for the keyboard; the first or last one beyond the ends. */
export function instantBeside([at]: PlotData, atMs: number, steps: number): number | undefined {
  if (at.length === 0) return undefined;
  const here = at.findLastIndex((seconds) => seconds * 1_000 <= atMs);
  return at[Math.min(Math.max(here + steps, 0), at.length - 1)]! * 1_000;
}

function between(data: PlotData, line: 3 | 4 | 5, index: number, atMs: number): number | undefined {
  const from = data[line][index];
  const to = data[line][index + 1];
  if (from === null || from === undefined) return undefined;
  const [at] = data;
  if (to === null || to === undefined) return at[index]! * 1_000 === atMs ? from : undefined;
  const share = (atMs / 1_000 - at[index]!) / (at[index + 1]! - at[index]!);
  return Math.round(from + (to - from) * share);
}
