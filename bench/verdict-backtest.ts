import { periodOutlook } from '../src/daemon/rules/budget-outlook.ts';
import { forecastOf } from '../src/daemon/rules/forecast.ts';
import type { UsageAt } from '../src/daemon/rules/pace.ts';
import { EMPTY } from '../src/daemon/rules/snapshot.ts';
import { PERIOD_DAYS, USERS, type User } from './period-histories.ts';
import { chanceOf } from './usage-histories.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2025, 0, 6);
const DAYS_BEFORE = [7, 3, 1] as const;

/** The most days before the period of which a history knows: what a pace looks back on. */
const LONGEST_PAST = 112;

/** How much the budget may differ from what the period uses, as a factor and its inverse, before the question is no question. */
const WIDEST = 1.25;

/** How the verdicts on one kind of user came out, in numbers of moments. */
export interface Line {
  readonly user: string;
  readonly daysBefore: number;
  /** The moments at which ours says something; the scores are of these. */
  readonly judged: number;
  readonly unknown: number;
  readonly ours: Score;
  readonly linear: Score;
  /** The moments at which the two ways differ, by which of them was right. */
  readonly onlyOursRight: number;
  readonly onlyLinearRight: number;
}

export interface Score {
  readonly right: number;
  /** It said that the budget would run out, and it lasted. */
  readonly falseAlarms: number;
  /** It said nothing of the kind, and the budget ran out. */
  readonly missed: number;
}

/** The verdict of the product beside "as much a day as since the period began", a week, three days and one day before the reset. */
export function backtest(histories: number): Line[] {
  return USERS.flatMap((user) =>
    DAYS_BEFORE.map((daysBefore) => {
      const moments = momentsOf(user, daysBefore, histories);
      const judged = moments.flatMap((moment) => {
        const verdict = verdictOf(moment);
        return verdict === 'unknown' ? [] : [{ ...moment, ours: verdict === 'short', linear: isShortLinearly(moment) }];
      });
      const differing = judged.filter(({ ours, linear }) => ours !== linear);
      const onlyOursRight = differing.filter(({ ours, ranOut }) => ours === ranOut).length;
      return {
        user: user.name,
        daysBefore,
        judged: judged.length,
        unknown: moments.length - judged.length,
        ours: scoreOf(judged.map(({ ours, ranOut }) => ({ alarm: ours, ranOut }))),
        linear: scoreOf(judged.map(({ linear, ranOut }) => ({ alarm: linear, ranOut }))),
        onlyOursRight,
        onlyLinearRight: differing.length - onlyOursRight,
      };
    }),
  );
}

/**
 * Whether linear is right more often than chance explains: by more than two standard errors of a fair coin, tossed for each
 * moment at which the two differ (the sign test).
 */
export function isWorse({ onlyOursRight, onlyLinearRight }: Line): boolean {
  return onlyLinearRight - onlyOursRight > 2 * Math.sqrt(onlyLinearRight + onlyOursRight);
}

/** Prints the table; `WORSE` marks a line of which `isWorse` is true. */
export function printVerdicts(histories = 2_000): void {
  console.log(`verdicts of ${histories} moments each, ours and linear, in percent; true is that the budget ran out`);
  console.log('| user | days before the reset | right | false alarms | missed | not known |');
  console.log('|---|---|---|---|---|---|');
  for (const line of backtest(histories)) {
    const share = (count: number, of: number) => ((100 * count) / of).toFixed(1);
    const pair = (key: keyof Score) =>
      `${share(line.ours[key], line.judged)} / ${share(line.linear[key], line.judged)}`;
    const cells = [line.user, line.daysBefore, pair('right'), pair('falseAlarms'), pair('missed')];
    const unknown = share(line.unknown, line.judged + line.unknown);
    console.log(`| ${[...cells, unknown].join(' | ')} |${isWorse(line) ? ' WORSE' : ''}`);
  }
}

/** One user at one moment of a period, and whether the budget was used up before its reset. */
interface Moment {
  readonly usage: readonly UsageAt[];
  readonly startMs: number;
  readonly endMs: number;
  readonly nowMs: number;
  readonly used: number;
  readonly total: number;
  readonly ranOut: boolean;
}

function momentsOf(user: User, daysBefore: number, histories: number): Moment[] {
  const chance = chanceOf(20_251_118);
  const moments: Moment[] = [];
  while (moments.length < histories) {
    const past = Math.floor(chance.next() * LONGEST_PAST);
    // At any hour of that day.
    const now = past + PERIOD_DAYS - daysBefore - chance.next();
    const all = user.usage(past, now, chance).map(({ at, tokens }) => ({ atMs: START_MS + at * DAY_MS, tokens }));
    const [startMs, endMs, nowMs] = [past, past + PERIOD_DAYS, now].map((day) => START_MS + day * DAY_MS) as [
      number,
      number,
      number,
    ];
    const ofPeriod = sumWithin(all, startMs, endMs);
    const used = sumWithin(all, startMs, nowMs);
    const total = Math.max(1, Math.round(ofPeriod * WIDEST ** (2 * chance.next() - 1)));
    // Of a budget that nobody has used, or that is used up, there is nothing to foretell.
    if (used === 0 || used >= total) continue;
    const usage = all.filter(({ atMs }) => atMs < nowMs);
    moments.push({ usage, startMs, endMs, nowMs, used, total, ranOut: ofPeriod > total });
  }
  return moments;
}

function verdictOf({ usage, startMs, endMs, nowMs, used, total }: Moment) {
  // The counter began anew with the first usage since the reset.
  const countingSinceMs = usage.find(({ atMs }) => atMs >= startMs)!.atMs;
  const forecast = forecastOf({ ...EMPTY, used, total }, usage, nowMs, countingSinceMs, startMs);
  const basis = { nowMs, countingSinceMs, usedToday: 0, isFigureOfPeriod: true };
  return periodOutlook({ used, total }, forecast, { startMs, endMs }, basis).verdict;
}

function isShortLinearly({ startMs, endMs, nowMs, used, total }: Moment): boolean {
  return used + (used / (nowMs - startMs)) * (endMs - nowMs) > total;
}

function scoreOf(verdicts: readonly { readonly alarm: boolean; readonly ranOut: boolean }[]): Score {
  const count = (alarms: boolean, ran: boolean) =>
    verdicts.filter(({ alarm, ranOut }) => alarm === alarms && ranOut === ran).length;
  return {
    right: count(true, true) + count(false, false),
    falseAlarms: count(true, false),
    missed: count(false, true),
  };
}

function sumWithin(usage: readonly UsageAt[], fromMs: number, toMs: number): number {
  return usage.reduce((sum, { atMs, tokens }) => sum + (atMs >= fromMs && atMs < toMs ? tokens : 0), 0);
}

if (import.meta.main) printVerdicts();
