import type { UsageAt } from '../src/daemon/rules/pace.ts';

/** A way in which tokens are used, day after day, from a source of chance. */
export interface Habit {
  readonly name: string;
  /** The tokens of each of so many days, and when in the day. */
  days(count: number, chance: Chance, today: number): Day[];
}

/** The amounts of one day, each at a fraction of it. */
export type Day = readonly { readonly at: number; readonly tokens: number }[];

/** Chance that is the same in every run. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  /** Around 0, with a deviation of 1. */
  normal(): number;
}

/** A generator with a seed (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { next, normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()) };
}

const TOKENS_A_DAY = 20_000;

/** One day's tokens in a few amounts over a working day. */
function worked(tokens: number, chance: Chance): Day {
  const amounts = 1 + Math.floor(chance.next() * 6);
  const shares = Array.from({ length: amounts }, () => 0.2 + chance.next());
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => ({
    at: (9 + 9 * chance.next()) / 24,
    tokens: Math.max(1, Math.round((tokens * share) / sum)),
  }));
}

function varied(mean: number, spread: number, chance: Chance): number {
  return mean * Math.exp(spread * chance.normal() - (spread * spread) / 2);
}

function steady(count: number, chance: Chance, level: (day: number) => number = () => 1): Day[] {
  return Array.from({ length: count }, (_, day) => worked(varied(TOKENS_A_DAY * level(day), 0.5, chance), chance));
}

function add(days: Day[], at: number, more: Day): Day[] {
  return days.map((day, index) => (index === at ? [...day, ...more] : day));
}

/** The habits that the forecast is held against; `today` is the first day that it does not see. */
export const HABITS: readonly Habit[] = [
  { name: 'steady', days: (count, chance) => steady(count, chance) },
  {
    name: 'bursts',
    days: (count, chance) => {
      let isBurst = false;
      return Array.from({ length: count }, () => {
        isBurst = chance.next() < (isBurst ? 0.6 : 0.15);
        return worked(varied(isBurst ? 60_000 : 3_000, 0.6, chance), chance);
      });
    },
  },
  {
    name: 'weekends off',
    days: (count, chance) => {
      const first = Math.floor(chance.next() * 7);
      return steady(count, chance).map((day, index) => ((index + first) % 7 < 5 ? day : []));
    },
  },
  {
    name: 'one huge import',
    days: (count, chance, today) => {
      const size = TOKENS_A_DAY * (10 + 40 * chance.next());
      const at = chance.next();
      const import_ = Array.from({ length: 50 }, () => ({ at, tokens: Math.round(size / 50) }));
      return add(steady(count, chance), Math.floor(chance.next() * today), import_);
    },
  },
  {
    name: 'one busy hour, just now',
    days: (count, chance, today) => {
      const size = TOKENS_A_DAY * (5 + 10 * chance.next());
      const hour = Array.from({ length: 20 }, (_, index) => ({
        at: 0.95 + index / 1_000,
        tokens: Math.round(size / 20),
      }));
      return add(steady(count, chance), today - 1, hour);
    },
  },
  {
    name: 'more since three weeks',
    days: (count, chance, today) => steady(count, chance, (day) => (day < today - 21 ? 0.25 : 1)),
  },
  {
    name: 'less since three weeks',
    days: (count, chance, today) => steady(count, chance, (day) => (day < today - 21 ? 4 : 1)),
  },
  {
    name: 'once a week, by hand',
    days: (count, chance) => {
      const first = Math.floor(chance.next() * 7);
      const days = steady(count, chance);
      const tokensOf = (day: Day) => day.reduce((sum, { tokens }) => sum + tokens, 0);
      return days.map((_, index) => {
        if ((index + first) % 7 !== 0) return [];
        const tokens = days.slice(Math.max(0, index - 6), index + 1).reduce((sum, day) => sum + tokensOf(day), 0);
        return [{ at: 0.7, tokens }];
      });
    },
  },
];

const DAY_MS = 86_400_000;

/** A history with amounts at their instants, oldest first. */
export function usageOf(days: readonly Day[], startMs: number): UsageAt[] {
  return days
    .flatMap((day, index) => day.map(({ at, tokens }) => ({ atMs: startMs + (index + at) * DAY_MS, tokens })))
    .sort((a, b) => a.atMs - b.atMs);
}
