import { Chance } from './chance.ts';
import type { Judge } from './judges.ts';
import type { Life, Turn } from './lives.ts';
import { type Month, recordMonth } from './person.ts';
import type { World } from './world.ts';

/** The figures that a judge makes of a world. */
export interface Verdict {
  /** Counted / true, in percent: over the seeds, the median, and that which nine in ten do not exceed. */
  readonly median: number;
  readonly high: number;
  /** False restarts a month, the median. */
  readonly falseResets: number;
}

/** The months of a world, one for each seed from 1. */
export function monthsOf({ life, habits }: Pick<World, 'life' | 'habits'>, seeds: number): Month[] {
  return Array.from({ length: seeds }, (_, index) => {
    return recordMonth(turnsOf(life, index + 1), habits, new Chance(PERSON + index));
  });
}

/** Persons have chances of their own, so that all live the same lives. */
const PERSON = 10_000;

const lived = new Map<Life, Map<number, readonly Turn[]>>();

function turnsOf(life: Life, seed: number): readonly Turn[] {
  const lives = lived.get(life) ?? new Map<number, readonly Turn[]>();
  const turns = lives.get(seed) ?? life(new Chance(seed));
  lived.set(life, lives.set(seed, turns));
  return turns;
}

export function verdictOn(months: readonly Month[], judge: Judge): Verdict {
  const judged = months.map(({ entries, used, restarts }) => {
    const judgement = judge(entries);
    return {
      percent: (100 * judgement.counted) / used,
      falseResets: judgement.restarts.filter((id) => !restarts.has(id)).length,
    };
  });
  const percents = judged.map(({ percent }) => percent);
  return {
    median: quantile(percents, 0.5),
    high: quantile(percents, 0.9),
    falseResets: quantile(
      judged.map(({ falseResets }) => falseResets),
      0.5,
    ),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}
