import type { Period } from '../../shared/period.ts';

/** One stretch of a period, from a local midnight up to before another, in milliseconds. */
export interface Span {
  /** None where nothing tells when it began: of a last day alone, and before the first of several. */
  readonly startMs: number | undefined;
  readonly endMs: number;
}

/** The stretch of the period that `nowMs` lies in; `undefined` where there is none any more. */
export function spanAt(period: Period, nowMs: number): Span | undefined {
  const now = new Date(nowMs);
  if (period.kind === 'until') {
    const [year, month, day] = period.date;
    const endMs = midnight(year, month, day + 1);
    return endMs > nowMs ? { startMs: undefined, endMs } : undefined;
  }
  if (period.kind === 'monthly') {
    const resetOf = (month: number) => dayOfMonth(now.getFullYear(), month, period.day);
    const month = now.getMonth();
    return resetOf(month) > nowMs
      ? { startMs: resetOf(month - 1), endMs: resetOf(month) }
      : { startMs: resetOf(month), endMs: resetOf(month + 1) };
  }
  const [year, month, day] = period.date;
  const startOf = (round: number) => midnight(year, month, day + round * period.days);
  const round = Math.floor(localDays(startOf(0), nowMs) / period.days);
  // Before the first one begins, its beginning ends what there is now.
  return round < 0 ? { startMs: undefined, endMs: startOf(0) } : { startMs: startOf(round), endMs: startOf(round + 1) };
}

/** The last instant up to `nowMs` at which a budget of this period began anew; `undefined` before the first. */
export function lastReset(period: Period, nowMs: number): number | undefined {
  if (period.kind !== 'until') return spanAt(period, nowMs)?.startMs;
  const [year, month, day] = period.date;
  const resetMs = midnight(year, month, day + 1);
  return resetMs <= nowMs ? resetMs : undefined;
}

/** How many local midnights lie between two instants: by the calendar, so that days of 23 and 25 hours count as one. */
export function localDays(fromMs: number, toMs: number): number {
  return Math.round((dateOf(toMs) - dateOf(fromMs)) / DAY_MS);
}

/** The local midnight that began the day of an instant; where summer time leaves it out, the first instant of the day. */
export function dayStart(ms: number): number {
  const date = new Date(ms);
  return midnight(date.getFullYear(), date.getMonth(), date.getDate());
}

/** The local midnight that ends the day of an instant. */
export function dayEnd(ms: number): number {
  const date = new Date(ms);
  return midnight(date.getFullYear(), date.getMonth(), date.getDate() + 1);
}

const DAY_MS = 86_400_000;

/** The local date, as the instant at which it begins in UTC. */
function dateOf(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
}

/** A day that the month does not have is its last one. */
function dayOfMonth(year: number, month: number, day: number): number {
  const last = new Date(year, month + 1, 0).getDate();
  return midnight(year, month, Math.min(day, last));
}

function midnight(year: number, month: number, day: number): number {
  return new Date(year, month, day).getTime();
}
