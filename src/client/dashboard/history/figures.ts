import type { Language } from '../../../protocol/language.ts';

/** Tokens as an axis has room for: `35万`, `1.2亿` in Chinese, `350K`, `1.2M` in English. */
export function compactTokens(tokens: number, language: Language): string {
  return COMPACT[language].format(tokens);
}

/** A day and a time of day, such as `11月18日 20:30` or `Nov 18, 20:30`; with the year when it is not that of `nowMs`. */
export function timeText(atMs: number, language: Language, nowMs: number): string {
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? MINUTE : MINUTE_OF_YEAR)[language].format(atMs);
}

/** A day, such as `11月18日` or `Nov 18`; with the year when it is not that of `nowMs`. */
export function dayText(atMs: number, language: Language, nowMs: number): string {
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? DAY : DAY_OF_YEAR)[language].format(atMs);
}

/** The day of the week, such as `周二` or `Tue`. */
export function weekdayText(atMs: number, language: Language): string {
  return WEEKDAY[language].format(atMs);
}

/** A stretch of time between two instants in ISO 8601, whole days as days; without an end it goes on. */
export function spanText(
  { since, until }: { readonly since: string; readonly until: string },
  language: Language,
  nowMs: number,
): string {
  const [fromMs, toMs] = [Date.parse(since), until === '' ? undefined : Date.parse(until)];
  const isDays = [fromMs, toMs ?? fromMs].every((atMs) => new Date(atMs).setHours(0, 0, 0, 0) === atMs);
  const text = isDays ? dayText : timeText;
  const from = text(fromMs, language, nowMs);
  if (toMs === undefined) return { zh: `${from}起`, en: `since ${from}` }[language];
  const to = text(isDays ? toMs - 1 : toMs, language, nowMs);
  return from === to ? from : `${from} – ${to}`;
}

/** One label a tick: the time of day within a day, the day at its midnight, month and year where ticks are months apart. */
export function tickLabels(ticksMs: readonly number[], stepMs: number, language: Language): string[] {
  return ticksMs.map((atMs, index) => {
    const at = new Date(atMs);
    const before = index > 0 ? new Date(ticksMs[index - 1]!) : undefined;
    const isNewYear = before !== undefined && before.getFullYear() !== at.getFullYear();
    if (stepMs >= 27 * DAY_MS) return MONTH[language].format(at);
    if (stepMs >= DAY_MS) return (isNewYear ? DAY_OF_YEAR : DAY)[language].format(at);
    if (at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0) return DAY[language].format(at);
    return (stepMs < MINUTE_MS ? SECOND : CLOCK)[language].format(at);
  });
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const COMPACT = perLanguage(
  (locale) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 2 }),
);
const CLOCK = times({ hour: '2-digit', minute: '2-digit' });
const SECOND = times({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = times({ month: 'short', day: 'numeric' });
const DAY_OF_YEAR = times({ year: 'numeric', month: 'short', day: 'numeric' });
const WEEKDAY = times({ weekday: 'short' });
const MONTH = times({ year: 'numeric', month: 'short' });
const MINUTE = times({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
const MINUTE_OF_YEAR = times({ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });

function times(options: Intl.DateTimeFormatOptions): Readonly<Record<Language, Intl.DateTimeFormat>> {
  return perLanguage((locale) => new Intl.DateTimeFormat(locale, { ...options, hourCycle: 'h23' }));
}

function perLanguage<T>(make: (locale: string) => T): Readonly<Record<Language, T>> {
  return { zh: make('zh-CN'), en: make('en') };
}
