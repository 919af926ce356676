const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s?(Z|[+-]\d{2}:?\d{2})?$/i;

/** The instant, in milliseconds, of `2025-11-18`, `2025-11-18 20:30:00` or any ISO 8601 form; local time where it names no zone; `undefined` when it is none. */
export function parseTimestamp(text: string): number | undefined {
  const match = PATTERN.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const;
  if (!isCalendarTime(parts)) return undefined;
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3));
  const offsetMs = zone ? zoneOffsetMs(zone) : 0;
  if (offsetMs === undefined) return undefined;
  const instant = (zone ? Date.UTC(...parts) - offsetMs : new Date(...parts).getTime()) + milliseconds;
  // An offset may carry it out of the years that have four digits.
  const shownYear = new Date(instant).getFullYear();
  return shownYear >= 1970 && shownYear <= 9999 ? instant : undefined;
}

/** An instant as the state file's sessions show it: local, `2025-11-18 20:30:00`. */
export function toSessionTime(instantMs: number): string {
  return toLocalTime(instantMs).replace('T', ' ');
}

/** An instant as the state file's `last_updated` shows it: local, `2025-11-18T20:30:00`. */
export function toLocalTime(instantMs: number): string {
  const at = new Date(instantMs);
  const date = `${pad(at.getFullYear(), 4)}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${date}T${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

type TimeParts = readonly [year: number, month: number, day: number, hour: number, minute: number, second: number];

function isCalendarTime([year, month, day, hour, minute, second]: TimeParts): boolean {
  const date = new Date(Date.UTC(year, month, day));
  const isDate = year >= 1970 && date.getUTCMonth() === month && date.getUTCDate() === day;
  return isDate && hour < 24 && minute < 60 && second < 60;
}

/** No zone is further from UTC than 14 hours; `undefined` for anything else. */
function zoneOffsetMs(zone: string): number | undefined {
  if (zone.toUpperCase() === 'Z') return 0;
  const digits = zone.replace(/\D/g, '');
  const hours = Number(digits.slice(0, 2));
  const minutes = Number(digits.slice(2));
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, '0');
}
