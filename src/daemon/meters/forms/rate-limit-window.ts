import type { WindowSeen } from '../observation.ts';
import { type Fields, fieldsOf } from './json-line.ts';
import { readCount } from './token-counts.ts';

const HOUR = 60;
const DAY = 24 * HOUR;
/** How far a tool's minutes may lie from the hours or days that are meant: Codex told 299 and 10,079 for a time. */
const SLACK = 5;
/** Seconds since 1970 of a year that nobody plans for; a larger figure is of another unit. */
const LAST_SECOND = 1e11;

/** `5h`, `7d`: a window by its length, whichever place the tool keeps it at; `90m` where it is no whole hours or days. */
export function windowSpan(minutes: number): string {
  return wholeUnits(minutes, DAY, 'd') ?? wholeUnits(minutes, HOUR, 'h') ?? `${minutes}m`;
}

/** A window `{used_percent, window_minutes, resets_at}` (s since 1970) as the tool tells it; undefined where one of them is missing. */
export function readWindow(tool: string, value: unknown, atMs: number): WindowSeen | undefined {
  const fields = fieldsOf(value);
  const usedPercent = readDecimal(fields?.used_percent);
  const resetsAt = readDecimal(fields?.resets_at);
  const windowMinutes = readCount(fields?.window_minutes);
  if (usedPercent === undefined || resetsAt === undefined || resetsAt > LAST_SECOND || !windowMinutes) return undefined;
  return {
    kind: 'window',
    meter: `${tool}.${windowSpan(windowMinutes)}`,
    usedPercent,
    resetsAtMs: Math.round(resetsAt * 1000),
    windowMinutes,
    atMs,
    provenance: 'exact',
  };
}

/** The windows of Codex's `rate_limits`. Those of a limit of its own (one model's, say) bear its name. */
export function readCodexWindows(value: unknown, atMs: number): WindowSeen[] {
  const limits = fieldsOf(value);
  const tool = limits && limitName(limits);
  if (limits === undefined || tool === undefined) return [];
  return [limits.primary, limits.secondary].flatMap((window) => readWindow(tool, window, atMs) ?? []);
}

function limitName({ limit_id: id }: Fields): string | undefined {
  if (id === undefined || id === null || id === 'codex') return 'codex';
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? `codex.${id}` : undefined;
}

function wholeUnits(minutes: number, unit: number, letter: string): string | undefined {
  const count = Math.round(minutes / unit);
  return count > 0 && Math.abs(minutes - count * unit) <= SLACK ? `${count}${letter}` : undefined;
}

function readDecimal(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,16}(?:\.\d{1,16})?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}
