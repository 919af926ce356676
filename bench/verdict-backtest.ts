import { periodOutlook } from '../src/daemon/rules/budget-outlook.ts';
import { forecastOf } from '../src/daemon/rules/forecast.ts';
import type { UsageAt } from '../src/daemon/rules/pace.ts';
import { EMPTY } from '../src/daemon/rules/snapshot.ts';
import { chanceOf } from './usage-histories.ts';
import { PERIOD_DAYS, USERS, type User } from './period-histories.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2025, 0, 6);
const DAYS_BEFORE = [7, 3, 1] as const;

/** One user at one moment of a period, and whether the budget was used up before its reset. */
export interface Moment {
  readonly usage: readonly UsageAt[];
  readonly startMs: number;
  readonly endMs: number;
  readonly nowMs: number;
  readonly used: number;
  readonly total: number;
  readonly ranOut: boolean;
}

/** How often one way of judging was right, in percent of the moments that ours judges. */
export interface Score {
  readonly right: number;
  /** It said that the budget would run out, and it lasted. */
  readonly falseAlarms: number;
  /** It said that the budget would last, and it ran out. */
  readonly missed: number;
}

export interface Line {
  readonly user: string;
  readonly daysBefore: number;
  readonly ours: Score;
  readonly linear: Score;
  /** The share of moments at which ours says that it does not know, in percent. */
  readonly unknown: number;
}

/** The verdict of the product against "as much a day as since the period began", for each kind of user. */
export function backtest(histories: number): Line[] {
  return USERS.flatMap((user) =>
    DAYS_BEFORE.map((daysBefore) => {
      const moments = momentsOf(user, daysBefore, histories);
      const known = moments.filter((moment) => verdictOf(moment) !== 'unknown');
      return {
        user: user.name,
        daysBefore,
        ours: scoreOf(known, (moment) => verdictOf(moment) === 'short'),
        linear: scoreOf(known, isShortLinearly),
        unknown: (100 * (moments.length - known.length)) / moments.length,
      };
    }),
  );
}

export function momentsOf(user: User, daysBefore: number, histories: number): Moment[] {
  const chance = chanceOf(20_251_118);
  const moments: Moment[] = [];
  while (moments.length < histories) {
    // Four months before the period at most: what the pace looks back on.
    const past = Math.floor(chance.next() * 112);
    const now = past + PERIOD_DAYS - daysBefore - chance.next() * 0.99;
    const all = user.usage(past, now, chance).map(({ at, tokens }) => ({ atMs: START_MS + at * DAY_MS, tokens }));
    const [startMs, endMs] = [past, past + PERIOD_DAYS].map((day) => START_MS + day * DAY_MS) as [number, number];
    const nowMs = START_MS + now * DAY_MS;
    const inPeriod = sumWithin(all, startMs, endMs);
    const used = sumWithin(all, startMs, nowMs);
    // From a budget that is used up well before the reset to one of which a fifth is left.
    const total = Math.max(1, Math.round(inPeriod * Math.exp(0.22 * (2 * chance.next() - 1))));
    const usage = all.filter(({ atMs }) => atMs < nowMs);
    if (used === 0 || used >= total) continue;
    moments.push({ usage, startMs, endMs, nowMs, used, total, ranOut: inPeriod > total });
  }
  return moments;
}

export function verdictOf({ usage, startMs, endMs, nowMs, used, total }: Moment) {
  const countingSinceMs = Math.max(startMs, usage[0]!.atMs);
  const forecast = forecastOf({ ...EMPTY, used, total }, usage, nowMs, countingSinceMs);
  const basis = { nowMs, countingSinceMs, usedToday: 0, isFigureOfPeriod: true };
  return periodOutlook({ used, total }, forecast, { startMs, endMs }, basis).verdict;
}

export function isShortLinearly({ startMs, endMs, nowMs, used, total }: Moment): boolean {
  return (used / (nowMs - startMs)) * (endMs - nowMs) > total - used;
}

function scoreOf(moments: readonly Moment[], isShort: (moment: Moment) => boolean): Score {
  const share = (is: (moment: Moment) => boolean) => (100 * moments.filter(is).length) / moments.length;
  return {
    right: share((moment) => isShort(moment) === moment.ranOut),
    falseAlarms: share((moment) => isShort(moment) && !moment.ranOut),
    missed: share((moment) => !isShort(moment) && moment.ranOut),
  };
}

function sumWithin(usage: readonly UsageAt[], fromMs: number, toMs: number): number {
  return usage.reduce((sum, { atMs, tokens }) => sum + (atMs >= fromMs && atMs < toMs ? tokens : 0), 0);
}

/** Prints the table. */
export function printVerdicts(histories = 2_000): void {
  console.log('| user | days before | right: ours, linear | false alarms | missed | not known |\n|---|---|---|---|---|---|');
  for (const { user, daysBefore, ours, linear, unknown } of backtest(histories)) {
    const pair = (of: keyof Score) => `${ours[of].toFixed(1)}, ${linear[of].toFixed(1)}`;
    console.log(`| ${user} | ${daysBefore} | ${pair('right')}${ours.right<linear.right?' WORSE':''} | ${pair('falseAlarms')} | ${pair('missed')} | ${unknown.toFixed(1)} |`);
  }
}

if (import.meta.main) printVerdicts();
