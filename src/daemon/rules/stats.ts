import { TokenSyncError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/methods.ts';
import type { Consumed } from './consumption.ts';
import { addExactly } from './exact-sum.ts';

export type Bucket = 'hour' | 'day' | 'week' | 'month';
/** An amount at an instant. */
export type Amount = Pick<Consumed, 'atMs' | 'tokens'> & Partial<Pick<Consumed, 'setAside'>>;

export type Buckets = Result<'usage.stats'>['buckets'];

/** Consumption, and what was set aside, by bucket in the given time zone (the machine's own by default), oldest first; throws `invalid_params` for an unknown zone, `too_large` for a sum beyond 2^53−1. */
export function bucketUsage(usage: Iterable<Amount>, bucket: Bucket, timeZone: string | undefined): Buckets {
  const offsetAt = zoneOffset(timeZone);
  const sums = new Map<string, { startMs: number; tokens: number; readings: number; setAside: number }>();
  for (const { atMs, tokens, setAside = 0 } of usage) {
    const offsetMs = offsetAt(atMs);
    const startLocalMs = startOfBucket(atMs + offsetMs, bucket);
    const startOffsetMs = bucket === 'hour' ? offsetMs : offsetAtStart(startLocalMs, offsetMs, offsetAt);
    const start = withOffset(startLocalMs, startOffsetMs);
    const sum = sums.get(start);
    if (sum) {
      sum.tokens = addExactly(sum.tokens, tokens);
      sum.setAside = addExactly(sum.setAside, setAside);
      sum.readings++;
    } else sums.set(start, { startMs: startLocalMs - startOffsetMs, tokens, readings: 1, setAside });
  }
  return [...sums]
    .sort(([, one], [, other]) => one.startMs - other.startMs)
    .map(([start, { tokens, readings, setAside }]) => ({
      ...{ start, tokens, readings },
      ...(setAside !== 0 && { set_aside: setAside }),
    }));
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Every zone's offset changes on a quarter of an hour, so one look-up a quarter is enough. */
const QUARTER_MS = HOUR_MS / 4;

/** The offset at the bucket's own start, which a change of summer time makes another than at the reading. */
function offsetAtStart(startLocalMs: number, offsetMs: number, offsetAt: (atMs: number) => number): number {
  // Where the clock goes back at midnight, midnight comes twice: the day begins with the first.
  const before = offsetAt(startLocalMs - offsetMs - DAY_MS / 2);
  return offsetAt(startLocalMs - before) === before ? before : offsetAt(startLocalMs - offsetMs);
}

function startOfBucket(localMs: number, bucket: Bucket): number {
  if (bucket === 'hour') return Math.floor(localMs / HOUR_MS) * HOUR_MS;
  const dayMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  if (bucket === 'day') return dayMs;
  const day = new Date(dayMs);
  if (bucket === 'month') return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
  return dayMs - ((day.getUTCDay() + 6) % 7) * DAY_MS;
}

function zoneOffset(timeZone: string | undefined): (atMs: number) => number {
  const formatter = formatterFor(timeZone);
  const known = new Map<number, number>();
  return (atMs) => {
    const quarter = Math.floor(atMs / QUARTER_MS);
    let offset = known.get(quarter);
    if (offset === undefined) {
      offset = localAsUtc(formatter, quarter * QUARTER_MS) - quarter * QUARTER_MS;
      known.set(quarter, offset);
    }
    return offset;
  };
}

function formatterFor(timeZone: string | undefined): Intl.DateTimeFormat {
  const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...(timeZone && { timeZone }), ...parts, hourCycle: 'h23' });
  } catch (cause) {
    throw new TokenSyncError(
      'invalid_params',
      { zh: 'time_zone 不是已知的时区', en: 'time_zone is not a known time zone' },
      { field: 'time_zone', hint: { zh: '例如 Asia/Shanghai', en: 'for example Europe/Berlin' }, cause },
    );
  }
}

function localAsUtc(formatter: Intl.DateTimeFormat, atMs: number): number {
  const part: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of formatter.formatToParts(atMs)) part[type] = Number(value);
  return Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day ?? 1, part.hour ?? 0, part.minute ?? 0);
}

function withOffset(localMs: number, offsetMs: number): string {
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const pad = (value: number) => String(value).padStart(2, '0');
  const zone = `${offsetMs < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
  // Behind the year 9999, where one zone is already and another not yet, ISO 8601 writes a sign and six digits.
  return `${new Date(localMs).toISOString().slice(0, -'.000Z'.length)}${zone}`;
}
