import { forecastOf } from '../src/daemon/rules/forecast.ts';
import type { UsageAt } from '../src/daemon/rules/pace.ts';
import { EMPTY } from '../src/daemon/rules/snapshot.ts';
import { chanceOf, HABITS, type Habit, usageOf } from './usage-histories.ts';

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2025, 0, 6);
const HISTORIES = 2_000;
/** A budget that lasts longer than this from now on is not asked about. */
const FUTURE_DAYS = 45;

/** The errors of one way of forecasting on one kind of history. */
interface Score {
  /** The median distance of the forecast day from the true one, in percent of the time that was left. */
  readonly errorPercent: number;
  /** The share of forecasts that saw less than half of the time that was left. */
  readonly alarmPercent: number;
}

interface Case {
  readonly usage: readonly UsageAt[];
  readonly nowMs: number;
  readonly used: number;
  readonly total: number;
  readonly trueDays: number;
}

type Foretell = (history: Case) => number;

const WAYS: Readonly<Record<string, Foretell>> = {
  ours: (history) => daysUntil(history, forecastOfCase(history).exhausts_at),
  // Everything used since the first amount, by the time since then.
  plain: ({ usage, nowMs, used, total }) => ((total - used) * (nowMs - usage[0]!.atMs)) / DAY_MS / sumSince(usage, 0),
  // The same over the last fourteen days, which is what a forecast did here before.
  'fourteen days': ({ usage, nowMs, used, total }) => {
    const elapsedDays = Math.min(14, (nowMs - usage[0]!.atMs) / DAY_MS);
    return ((total - used) * elapsedDays) / sumSince(usage, nowMs - 14 * DAY_MS);
  },
};

/** Prints how far off the forecast is on each kind of history, against plain extrapolation and the mean of two weeks. */
export function printBacktest(): void {
  console.log(`error of the foretold time left, in percent (median of ${HISTORIES}), and false alarms, in percent`);
  const names = Object.keys(WAYS);
  console.log(
    ['history'.padEnd(26), ...names.map((name) => name.padStart(18)), 'true day in range'.padStart(20)].join(''),
  );
  for (const habit of HABITS) {
    const cases = casesOf(habit);
    const scores = Object.values(WAYS).map((foretell) => scoreOf(cases, foretell));
    const cells = scores.map((score) =>
      `${score.errorPercent.toFixed(1)}  ${score.alarmPercent.toFixed(1)}`.padStart(18),
    );
    console.log([habit.name.padEnd(26), ...cells, `${coverageOf(cases).toFixed(0)} %`.padStart(20)].join(''));
  }
}

/** Histories of 5 to 120 days at any hour, each with a budget that it uses up within the days that follow. */
export function casesOf(habit: Habit): Case[] {
  const chance = chanceOf(20_251_118);
  return Array.from({ length: HISTORIES }, () => {
    const today = 8 + Math.floor(chance.next() * 112);
    const days = habit.days(today + FUTURE_DAYS, chance, today);
    const all = usageOf(days, START_MS);
    const nowMs = START_MS + today * DAY_MS;
    const usage = all.filter(({ atMs }) => atMs <= nowMs);
    const future = all.slice(usage.length);
    const last = Math.floor(future.length * (0.1 + 0.9 * chance.next()));
    const used = sumSince(usage, 0);
    const total = used + sumSince(future.slice(0, last + 1), 0);
    return { usage, nowMs, used, total, trueDays: (future[Math.min(last, future.length - 1)]!.atMs - nowMs) / DAY_MS };
  });
}

function scoreOf(cases: readonly Case[], foretell: Foretell): Score {
  const ratios = cases.map((history) => foretell(history) / history.trueDays);
  const errors = ratios.map((ratio) => Math.abs(ratio - 1)).sort((a, b) => a - b);
  const alarms = ratios.filter((ratio) => ratio < 0.5).length;
  return { errorPercent: 100 * errors[errors.length >> 1]!, alarmPercent: (100 * alarms) / cases.length };
}

function coverageOf(cases: readonly Case[]): number {
  const within = cases.filter((history) => {
    const { range } = forecastOfCase(history);
    if (!range) return false;
    const latest = range.latest === null ? Number.POSITIVE_INFINITY : daysUntil(history, range.latest);
    return daysUntil(history, range.earliest) <= history.trueDays && history.trueDays <= latest;
  });
  return (100 * within.length) / cases.length;
}

function forecastOfCase({ usage, nowMs, used, total }: Case) {
  return forecastOf({ ...EMPTY, used, total }, usage, nowMs);
}

function daysUntil({ nowMs }: Case, at: string | null): number {
  return at === null ? Number.POSITIVE_INFINITY : (Date.parse(at) - nowMs) / DAY_MS;
}

function sumSince(usage: readonly UsageAt[], sinceMs: number): number {
  return usage.reduce((sum, { atMs, tokens }) => sum + (atMs > sinceMs ? tokens : 0), 0);
}

if (import.meta.main) printBacktest();
