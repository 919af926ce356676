/** The stretches of the local calendar that bars stand for; weeks begin on Monday. */
export type BucketName = 'hour' | 'day' | 'week' | 'month';

/** The beginning of the bucket that an instant lies in. */
export function bucketStart(atMs: number, name: BucketName): number {
  const at = new Date(atMs);
  if (name === 'hour') return at.setMinutes(0, 0, 0);
  const day = new Date(at.getFullYear(), at.getMonth(), name === 'month' ? 1 : at.getDate());
  if (name === 'week') day.setDate(day.getDate() - ((day.getDay() + 6) % 7));
  return day.getTime();
}

/** The beginning of the bucket after the one that begins at an instant. */
export function nextStart(startMs: number, name: BucketName): number {
  if (name === 'hour') return bucketStart(startMs + 3_600_000, 'hour');
  const at = new Date(startMs);
  const days = name === 'week' ? 7 : name === 'day' ? 1 : 0;
  const months = name === 'month' ? 1 : 0;
  return new Date(at.getFullYear(), at.getMonth() + months, at.getDate() + days).getTime();
}
