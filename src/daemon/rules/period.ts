import type { Period } from '../../shared/period.ts';

/** The end of the period that `nowMs` lies in, in milliseconds: a midnight in local time; `undefined` where there is none any more. */
export function periodEnd(period: Period, nowMs: number): number | undefined {
  const now = new Date(nowMs);
  if (period.kind === 'until') {
    const [year, month, day] = period.date;
    return later(nowMs, midnight(year, month, day + 1));
  }
  if (period.kind === 'monthly') {
    const thisMonth = dayOfMonth(now.getFullYear(), now.getMonth(), period.day);
    return later(nowMs, thisMonth) ?? dayOfMonth(now.getFullYear(), now.getMonth() + 1, period.day);
  }
  const [year, month, day] = period.date;
  const begun = Math.round(
    (midnight(now.getFullYear(), now.getMonth(), now.getDate()) - midnight(year, month, day)) / DAY_MS,
  );
  // Before the first one begins, its beginning ends what there is now.
  const rounds = begun < 0 ? 0 : Math.floor(begun / period.days) + 1;
  return midnight(year, month, day + rounds * period.days);
}

const DAY_MS = 86_400_000;

/** A day that the month does not have is its last one. */
function dayOfMonth(year: number, month: number, day: number): number {
  const last = new Date(year, month + 1, 0).getDate();
  return midnight(year, month, Math.min(day, last));
}

/** By the calendar, so that days of 23 and 25 hours count as one. */
function midnight(year: number, month: number, day: number): number {
  return new Date(year, month, day).getTime();
}

function later(nowMs: number, endMs: number): number | undefined {
  return endMs > nowMs ? endMs : undefined;
}
