/** When a budget begins anew: on a day of each month, once after a date, or every so many days from a date on. */
export type Period =
  | { readonly kind: 'monthly'; readonly day: number }
  | { readonly kind: 'until'; readonly date: Day }
  | { readonly kind: 'every'; readonly date: Day; readonly days: number };

type Day = readonly [year: number, month: number, day: number];

/** Reads `15` (a day of the month), `2026-01-31` (the last day), or `2025-11-03/7d` (seven days each, from that day on). */
export function parsePeriod(value: unknown): Period | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  if (/^\d{1,2}$/.test(text)) {
    const day = Number(text);
    return day >= 1 && day <= 31 ? { kind: 'monthly', day } : undefined;
  }
  const parts = /^(\d{4}-\d{2}-\d{2})(?:\/(\d{1,3})d)?$/.exec(text);
  const date = parts ? parseDay(parts[1]!) : undefined;
  if (!date) return undefined;
  if (parts?.[2] === undefined) return { kind: 'until', date };
  const days = Number(parts[2]);
  return days >= 1 ? { kind: 'every', date, days } : undefined;
}

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
  const rounds = Math.max(0, Math.floor(begun / period.days)) + 1;
  return midnight(year, month, day + rounds * period.days);
}

const DAY_MS = 86_400_000;

function parseDay(text: string): Day | undefined {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(year, month - 1, day);
  const isReal = year >= 1970 && date.getMonth() === month - 1 && date.getDate() === day;
  return isReal ? [year, month - 1, day] : undefined;
}

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
