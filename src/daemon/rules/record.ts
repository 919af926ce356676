import { effectOf } from '../../protocol/effect.ts';
import { TokenSyncError } from '../../protocol/errors.ts';
import { MAX_TOKENS } from '../../protocol/fields.ts';
import type { SyncType } from '../../protocol/methods.ts';
import { toLocalTime, toSessionTime } from '../../protocol/timestamp.ts';
import type { ImportChange, ReadingChange, RecordedReading, Source, UndoChange } from './change.ts';
import type { Snapshot } from './snapshot.ts';

/** One value offered for recording, already understood. */
export interface Reading {
  readonly id: string;
  readonly tokens: number;
  /** One unit of the value's last shown digit: 1 for an exact one, 1,000 for `350K`. */
  readonly unit: number;
  readonly sync_type: SyncType;
  readonly event: string;
  readonly conversation_id: string;
  /** The instant in milliseconds when the caller named one. */
  readonly datedMs?: number | undefined;
}

/** Records one reading; throws `value_refused` when the figure would exceed 2^53−1. */
export function recordReading(snapshot: Snapshot, reading: Reading, source: Source, nowMs: number): ReadingChange {
  const recorded = applyReading(snapshot, reading, nowMs);
  return {
    kind: 'reading',
    ...committed(snapshot, { used: recorded.used, added: 1, source, nowMs }),
    reading: recorded,
  };
}

/** Records past counts as one change; throws `value_refused` when the figure would exceed 2^53−1. */
export function importReadings(
  snapshot: Snapshot,
  readings: readonly Reading[],
  source: Source,
  nowMs: number,
): ImportChange {
  const recorded: RecordedReading[] = [];
  let used = snapshot.used;
  for (const reading of readings) {
    const next = applyReading({ used, total: snapshot.total }, reading, nowMs);
    used = next.used;
    recorded.push(next);
  }
  return {
    kind: 'import',
    ...committed(snapshot, { used, added: recorded.length, source, nowMs }),
    readings: recorded,
  };
}

/** What is asked for, and what the store knows of the session that leaves. */
export interface UndoRequest {
  readonly id: string;
  /** False when an edit took it out of the state file before, so that it is not counted any more. */
  readonly isListed: boolean;
  /** The session, as JSON text, that takes its place in the state file. */
  readonly backfill: string | undefined;
}

/** Takes `target` back: `used` returns to what it was before it. */
export function undoReading(
  snapshot: Snapshot,
  target: RecordedReading,
  request: UndoRequest,
  source: Source,
  nowMs: number,
): UndoChange {
  return {
    kind: 'undo',
    ...committed(snapshot, { used: target.before, added: request.isListed ? -1 : 0, source, nowMs }),
    id: request.id,
    undone: target.id,
    increment: target.before - snapshot.used,
    ...(request.backfill !== undefined && { backfill: request.backfill }),
  };
}

interface Commit {
  readonly used: number;
  readonly added: number;
  readonly source: Source;
  readonly nowMs: number;
}

/** The figures after a commit. */
export function committed(snapshot: Snapshot, { used, added, source, nowMs }: Commit) {
  return {
    revision: snapshot.revision + 1,
    used,
    total: snapshot.total,
    sessions_count: Math.max(0, snapshot.sessions_count + added),
    last_updated: toLocalTime(nowMs),
    committed_at: new Date(nowMs).toISOString(),
    meter: 'main' as const,
    source,
  };
}

function applyReading(
  { used: before, total }: Pick<Snapshot, 'used' | 'total'>,
  reading: Reading,
  nowMs: number,
): RecordedReading {
  const { used, increment, reset, rounded } = effectOf(before, reading);
  if (used > MAX_TOKENS) throw tooLarge();
  const atMs = reading.datedMs ?? nowMs;
  return {
    id: reading.id,
    value: reading.tokens,
    sync_type: reading.sync_type,
    event: reading.event,
    conversation_id: reading.conversation_id,
    at: new Date(atMs).toISOString(),
    timestamp: toSessionTime(atMs),
    ...(reading.datedMs !== undefined && { dated: true }),
    increment,
    before,
    used,
    total,
    ...(reset && { reset }),
    ...(rounded && { rounded }),
  };
}

function tooLarge(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    {
      zh: '总数会超过 9,007,199,254,740,991（2^53−1），无法精确记录',
      en: 'the total would exceed 9,007,199,254,740,991 (2^53−1), which cannot be recorded exactly',
    },
    {
      field: 'tokens',
      hint: { zh: '请检查数值，或用 correct 更正总数', en: 'check the value, or correct the total first' },
    },
  );
}
