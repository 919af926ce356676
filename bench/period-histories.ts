import { type Chance, type Day, HABITS } from './usage-histories.ts';

/** The length of a period in days: that of most budgets. */
export const PERIOD_DAYS = 30;

/** An amount of usage at a day, counted from the beginning of the history, and its fraction. */
export interface Amount {
  readonly at: number;
  readonly tokens: number;
}

/** Somebody with a budget, from `past` days before a period on to its end; `now` is the day on which the verdict is asked for. */
export interface User {
  readonly name: string;
  usage(past: number, now: number, chance: Chance): Amount[];
}

export const USERS: readonly User[] = [
  habitual('steady', 'steady'),
  habitual('weekends off', 'weekends off'),
  habitual('bursts', 'bursts'),
  {
    name: 'growing',
    usage: (past, _, chance) => {
      const aDay = 1.01 + 0.02 * chance.next();
      return scaled(daysOf('weekends off', past, chance), (day) => aDay ** day);
    },
  },
  {
    name: 'holiday',
    usage: (past, now, chance) => {
      const from = now - 16 + Math.floor(16 * chance.next());
      const length = 5 + Math.floor(9 * chance.next());
      return scaled(daysOf('weekends off', past, chance), (day) => (day >= from && day < from + length ? 0 : 1));
    },
  },
  {
    name: 'moved work',
    usage: (past, now, chance) => {
      const since = now - 3 - Math.floor(25 * chance.next());
      const level = chance.next() < 0.5 ? 0.3 : 2.5;
      return scaled(daysOf('weekends off', past, chance), (day) => (day < since ? 1 : level));
    },
  },
  {
    name: 'first days',
    usage: (past, now, chance) => {
      const first = Math.max(past, now - 2 - Math.floor(12 * chance.next()));
      return scaled(daysOf('weekends off', past, chance), (day) => (day < first ? 0 : 1));
    },
  },
];

function habitual(name: string, habit: string): User {
  return { name, usage: (past, _, chance) => scaled(daysOf(habit, past, chance), () => 1) };
}

function daysOf(habit: string, past: number, chance: Chance): Day[] {
  return HABITS.find(({ name }) => name === habit)!.days(past + PERIOD_DAYS, chance, past);
}

function scaled(days: readonly Day[], factor: (day: number) => number): Amount[] {
  return days
    .flatMap((amounts, day) =>
      amounts.map(({ at, tokens }) => ({ at: day + at, tokens: Math.round(tokens * factor(day)) })),
    )
    .filter(({ tokens }) => tokens > 0)
    .sort((a, b) => a.at - b.at);
}
