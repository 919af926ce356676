export type Bucket = 'hour' | 'day' | 'week' | 'month';

const QUARTER_MS = 15 * 60_000;
const DAY_MS = 86_400_000;

interface Wall {
  /** Such as `2025-10-26`. */
  readonly date: string;
  readonly hour: number;
  readonly offsetMs: number;
}

const starts = new Map<string, string>();

/** Where the bucket of an instant begins, told in that zone; no zone changes its offset within a quarter of an hour. */
export function bucketStart(atMs: number, bucket: Bucket, zone: string): string {
  const key = `${Math.floor(atMs / QUARTER_MS)} ${bucket} ${zone}`;
  const known = starts.get(key) ?? searched(atMs, bucket, zone);
  starts.set(key, known);
  return known;
}

/** Found by looking at one quarter of an hour after another. */
function searched(atMs: number, bucket: Bucket, zone: string): string {
  if (bucket === 'hour') {
    let start = Math.floor(atMs / QUARTER_MS) * QUARTER_MS;
    const { date, hour, offsetMs } = wallOf(atMs, zone);
    for (;;) {
      const earlier = wallOf(start - QUARTER_MS, zone);
      if (earlier.date !== date || earlier.hour !== hour || earlier.offsetMs !== offsetMs) return told(start, zone);
      start -= QUARTER_MS;
    }
  }
  const { date } = wallOf(atMs, zone);
  const day = Date.parse(`${date}T00:00:00Z`);
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const first =
    bucket === 'day' ? day : bucket === 'week' ? day - weekday * DAY_MS : Date.parse(`${date.slice(0, 7)}-01`);
  const wanted = new Date(first).toISOString().slice(0, 10);
  for (let start = first - DAY_MS; ; start += QUARTER_MS) {
    if (wallOf(start, zone).date === wanted) return told(start, zone);
  }
}

function told(atMs: number, zone: string): string {
  const { offsetMs } = wallOf(atMs, zone);
  const wall = new Date(atMs + offsetMs).toISOString().slice(0, 19);
  const minutes = Math.abs(offsetMs) / 60_000;
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${wall}${offsetMs < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

function wallOf(atMs: number, zone: string): Wall {
  const parts = new Map(
    formatOf(zone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, value]),
  );
  const date = `${parts.get('year')}-${parts.get('month')}-${parts.get('day')}`;
  const clock = `${parts.get('hour')}:${parts.get('minute')}:${parts.get('second')}`;
  const second = Math.floor(atMs / 1_000) * 1_000;
  return { date, hour: Number(parts.get('hour')), offsetMs: Date.parse(`${date}T${clock}Z`) - second };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const two = '2-digit' as const;
  const parts = { year: 'numeric', month: two, day: two, hour: two, minute: two, second: two } as const;
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, hourCycle: 'h23', ...parts });
  formats.set(timeZone, format);
  return format;
}
