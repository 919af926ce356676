import type { Result } from '../../../../protocol/methods.ts';
import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { type BucketName, bucketStart, nextStart } from './calendar.ts';
import type { TimeWindow } from './time-window.ts';

/** Usage from one instant up to the start of the next bucket. */
export interface Bucket {
  readonly startMs: number;
  readonly tokens: number;
  readonly readings: number;
  /** By how much the figure moved without any usage, such as by the first figure of all; 0 mostly. */
  readonly setAside: number;
}

type KnownBucket = Result<'usage.stats'>['buckets'][number];

/** Every bucket of a window, oldest first, those without a reading as 0; local calendar, weeks from Monday. */
export function bucketsOf(known: readonly KnownBucket[], name: BucketName, { fromMs, toMs }: TimeWindow): Bucket[] {
  const byStart = new Map<number, Bucket>();
  for (const { start, tokens, readings, set_aside = 0 } of known) {
    const atMs = parseTimestamp(start);
    if (atMs === undefined) continue;
    const startMs = bucketStart(atMs, name);
    const sum = byStart.get(startMs) ?? emptyBucket(startMs);
    byStart.set(startMs, {
      startMs,
      tokens: sum.tokens + tokens,
      readings: sum.readings + readings,
      setAside: sum.setAside + set_aside,
    });
  }
  const buckets: Bucket[] = [];
  for (let startMs = bucketStart(fromMs, name); startMs < toMs; startMs = nextStart(startMs, name)) {
    buckets.push(byStart.get(startMs) ?? emptyBucket(startMs));
    if (buckets.length === MOST) break;
  }
  return buckets;
}

function emptyBucket(startMs: number): Bucket {
  return { startMs, tokens: 0, readings: 0, setAside: 0 };
}

/** With an amount added to the bucket that its instant lies in; the same list when it lies in none. */
export function withAmount(
  buckets: readonly Bucket[],
  name: BucketName,
  atMs: number,
  tokens: number,
): readonly Bucket[] {
  const start = bucketStart(atMs, name);
  const index = buckets.findLastIndex(({ startMs }) => startMs === start);
  const bucket = buckets[index];
  if (!bucket) return buckets;
  return buckets.with(index, { ...bucket, tokens: bucket.tokens + tokens, readings: bucket.readings + 1 });
}

/** A window that was zoomed out has at most this many bars. */
const MOST = 400;
