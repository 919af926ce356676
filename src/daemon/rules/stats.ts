import { TokenSyncError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/methods.ts';
import { addExactly } from './exact-sum.ts';

export type Bucket = 'hour' | 'day' | 'week' | 'month';
/** An amount at an instant. */
export interface Amount {
  readonly atMs: number;
  readonly tokens: number;
  readonly setAside?: number;
}

export type Buckets = Result<'usage.stats'>['buckets'];

/** Sums consumption, and what was set aside, by bucket; throws `too_large` for a sum beyond 2^53−1. */
export interface Bucketing {
  add(atMs: number, tokens: number, setAside: number): void;
  /** The buckets with a reading, oldest first. */
  buckets(): Buckets;
}

interface Sum {
  readonly startMs: number;
  /** As it is told. */
  readonly start: string;
  tokens: number;
  readings: number;
  setAside: number;
}

/** Buckets in the given time zone, the machine's own by default; throws `invalid_params` for an unknown zone. */
export function createBucketing(bucket: Bucket, timeZone: string | undefined): Bucketing {
  const startAt = localStarts(bucket, timeZone);
  /** By the bucket's beginning: its local hour, and the offset there. */
  const sums = new Map<number, Sum>();
  /** By quarter of an hour, where a quarter lies within one bucket. */
  const known = new Map<number, Sum>();
  let lastQuarter = Number.NaN;
  let lastSum: Sum | undefined;
  return {
    add(atMs, tokens, setAside) {
      const quarter = Math.floor(atMs / QUARTER_MS);
      const sum = (quarter === lastQuarter ? lastSum : known.get(quarter)) ?? sumAt(atMs, quarter);
      if (quarter !== lastQuarter) {
        lastQuarter = quarter;
        lastSum = known.get(quarter);
      }
      sum.tokens = addExactly(sum.tokens, tokens);
      sum.setAside = addExactly(sum.setAside, setAside);
      sum.readings++;
    },
    buckets: () =>
      [...sums.values()]
        .sort((one, other) => one.startMs - other.startMs)
        .map(({ start, tokens, readings, setAside }) => ({
          ...{ start, tokens, readings },
          ...(setAside !== 0 && { set_aside: setAside }),
        })),
  };

  function sumAt(atMs: number, quarter: number): Sum {
    const { startLocalMs, startOffsetMs, offsetMs } = startAt(atMs);
    const key = (startLocalMs / HOUR_MS) * MOST_MINUTES + startOffsetMs / MINUTE_MS;
    let sum = sums.get(key);
    if (!sum) {
      const start = withOffset(startLocalMs, startOffsetMs);
      sum = { startMs: startLocalMs - startOffsetMs, start, tokens: 0, readings: 0, setAside: 0 };
      sums.set(key, sum);
    }
    // Liberia was 44 minutes and a half behind until 1972.
    if (offsetMs % QUARTER_MS === 0) known.set(quarter, sum);
    return sum;
  }
}

/** Consumption, and what was set aside, by bucket. */
export function bucketUsage(usage: Iterable<Amount>, bucket: Bucket, timeZone: string | undefined): Buckets {
  const bucketing = createBucketing(bucket, timeZone);
  for (const { atMs, tokens, setAside = 0 } of usage) bucketing.add(atMs, tokens, setAside);
  return bucketing.buckets();
}

/** Tells in which bucket of a time zone an instant lies, by the local time at which it begins, with its offset; throws `invalid_params` for an unknown zone. */
export function bucketStarts(bucket: Bucket, timeZone: string | undefined): (atMs: number) => string {
  const startAt = localStarts(bucket, timeZone);
  return (atMs) => {
    const { startLocalMs, startOffsetMs } = startAt(atMs);
    return withOffset(startLocalMs, startOffsetMs);
  };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** More than any two offsets lie apart. */
const MOST_MINUTES = 4_096;
const DAY_MS = 24 * HOUR_MS;
/** Every zone's offset changes on a quarter of an hour. */
const QUARTER_MS = HOUR_MS / 4;

/** Where the bucket of an instant begins by the local clock, the offset there, and that at the instant. */
interface LocalStart {
  readonly startLocalMs: number;
  readonly startOffsetMs: number;
  readonly offsetMs: number;
}

function localStarts(bucket: Bucket, timeZone: string | undefined): (atMs: number) => LocalStart {
  const offsetAt = zoneOffset(timeZone);
  return (atMs) => {
    const offsetMs = offsetAt(atMs);
    const startLocalMs = startOfBucket(atMs + offsetMs, bucket);
    const startOffsetMs = bucket === 'hour' ? offsetMs : offsetAtStart(startLocalMs, offsetMs, offsetAt);
    return { startLocalMs, startOffsetMs, offsetMs };
  };
}

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
  const offsetFrom = (startMs: number) => {
    let offset = known.get(startMs);
    if (offset === undefined) {
      offset = localAsUtc(formatter, startMs) - startMs;
      known.set(startMs, offset);
    }
    return offset;
  };
  return (atMs) => {
    // Since 1970 no zone has changed its offset twice within a week.
    const dayMs = Math.floor(atMs / DAY_MS) * DAY_MS;
    const offset = offsetFrom(dayMs);
    return offset === offsetFrom(dayMs + DAY_MS) ? offset : offsetFrom(Math.floor(atMs / QUARTER_MS) * QUARTER_MS);
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
  const minutes = Math.abs(Math.round(offsetMs / MINUTE_MS));
  const pad = (value: number) => String(value).padStart(2, '0');
  const zone = `${offsetMs < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
  // Behind the year 9999, where one zone is already and another not yet, ISO 8601 writes a sign and six digits.
  return `${new Date(localMs).toISOString().slice(0, -'.000Z'.length)}${zone}`;
}
