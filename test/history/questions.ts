import type { MethodName, Params } from '../../src/protocol/methods.ts';

export interface Question<M extends MethodName = MethodName> {
  readonly method: M;
  readonly params: Params<M>;
}

/** Those on both sides of Greenwich, with halves of hours, and where summer time begins and ends on other days or at midnight. */
const ZONES = [
  'UTC',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Pacific/Auckland',
  'America/Santiago',
  'Africa/Cairo',
] as const;

/** Stretches that begin and end at changes of summer time, within a day, and the wrong way round. */
const STRETCHES = [
  {},
  { since: '2025-10-26 00:00:00' },
  { until: '2025-10-26T01:00:00Z' },
  { since: '2025-10-25T22:00:00Z', until: '2025-10-26T23:00:00Z' },
  { since: '2025-10-26T02:30:00+01:00', until: '2025-10-26T02:30:00+01:00' },
  { since: '2025-10-27', until: '2025-10-20' },
] as const;

const FILTERS: readonly Params<'usage.sum'>[] = [
  ...STRETCHES,
  { sync_type: 'manual' },
  { sync_type: 'auto' },
  { sync_type: 'estimate' },
  { sync_type: 'import' },
  { sync_type: 'correction' },
  { conversation_id: '' },
  { conversation_id: 'a' },
  { conversation_id: 'theirs' },
  { query: 'STEP 1' },
  { query: '完成' },
  { query: 'größe' },
  { query: 'nobody wrote this' },
  { query: 'step', sync_type: 'auto', since: '2025-10-26' },
];

/** All that is asked of a history, but for its pages. */
export const QUESTIONS: readonly Question[] = [
  { method: 'usage.last_reading', params: {} },
  { method: 'usage.changes', params: {} },
  { method: 'usage.changes', params: { limit: 3 } },
  ...FILTERS.map((filter) => ({ method: 'usage.sum', params: filter }) as const),
  ...FILTERS.map((filter) => ({ method: 'usage.history', params: { ...filter, limit: 1_000 } }) as const),
  { method: 'usage.history', params: { limit: 1_000, instants: true } },
  ...(['hour', 'day', 'week', 'month'] as const).flatMap((bucket) =>
    STRETCHES.map((stretch) => ({ method: 'usage.stats', params: { bucket, ...stretch } }) as const),
  ),
  ...ZONES.flatMap((time_zone) =>
    (['hour', 'day', 'week'] as const).map(
      (bucket) => ({ method: 'usage.stats', params: { bucket, time_zone } }) as const,
    ),
  ),
  ...STRETCHES.map((stretch) => ({ method: 'usage.conversations', params: stretch }) as const),
  { method: 'usage.conversations', params: { limit: 1 } },
  ...STRETCHES.map((stretch) => ({ method: 'usage.series', params: stretch }) as const),
  { method: 'usage.estimate_accuracy', params: {} },
];
