/** When a budget begins anew: on a day of each month, once after a date, or every so many days from a date on. */
export type Period =
  | { readonly kind: 'monthly'; readonly day: number }
  | { readonly kind: 'until'; readonly date: Day }
  | { readonly kind: 'every'; readonly date: Day; readonly days: number };

/** The setting as it may be written: a period, one that counts from the day on which it is set, or none. */
export type PeriodSetting =
  | Period
  | { readonly kind: 'from_today'; readonly days: number }
  | { readonly kind: 'never' };

type Day = readonly [year: number, month: number, day: number];

/**
 * Reads `15` (a day of the month), `2026-01-31` (the last day), `2025-11-03/7d` (seven days each, from that day on), `7d`
 * (the same from the day on which it is set) or `never`; `undefined` for anything else.
 */
export function parsePeriod(value: unknown): PeriodSetting | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  if (text === 'never') return { kind: 'never' };
  if (/^\d{1,2}$/.test(text)) {
    const day = Number(text);
    return day >= 1 && day <= 31 ? { kind: 'monthly', day } : undefined;
  }
  const [, from, each, alone] = /^(?:(\d{4}-\d{2}-\d{2})(?:\/(\d{1,3})d)?|(\d{1,3})d)$/.exec(text) ?? [];
  const days = Number(each ?? alone ?? 1);
  if (days === 0) return undefined;
  if (alone !== undefined) return { kind: 'from_today', days };
  const date = from === undefined ? undefined : parseDay(from);
  if (!date) return undefined;
  return each === undefined ? { kind: 'until', date } : { kind: 'every', date, days };
}

/** The period that a setting means when it is set, or first met, at that instant; `undefined` for none. */
export function periodFrom(setting: PeriodSetting, nowMs: number): Period | undefined {
  if (setting.kind === 'never') return undefined;
  if (setting.kind !== 'from_today') return setting;
  const now = new Date(nowMs);
  return {
    kind: 'every',
    date: [now.getFullYear(), now.getMonth(), now.getDate()],
    days: setting.days,
  };
}

/** A period as `parsePeriod` reads it; `never` for none. */
export function writtenPeriod(period: Period | undefined): string {
  if (!period) return 'never';
  if (period.kind === 'monthly') return String(period.day);
  const [year, month, day] = period.date;
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month + 1)}-${two(day)}`;
  return period.kind === 'until' ? date : `${date}/${period.days}d`;
}

function parseDay(text: string): Day | undefined {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const date = new Date(year, month - 1, day);
  const isReal = year >= 1970 && date.getMonth() === month - 1 && date.getDate() === day;
  return isReal ? [year, month - 1, day] : undefined;
}
