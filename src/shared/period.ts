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

function parseDay(text: string): Day | undefined {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(year, month - 1, day);
  const isReal = year >= 1970 && date.getMonth() === month - 1 && date.getDate() === day;
  return isReal ? [year, month - 1, day] : undefined;
}
