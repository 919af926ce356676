import type { RecordedReading } from '../../../src/daemon/rules/change.ts';
import type { Reading } from '../../../src/daemon/rules/record.ts';
import { EMPTY, type Snapshot } from '../../../src/daemon/rules/snapshot.ts';
import type { SyncType } from '../../../src/protocol/methods.ts';

/** 2025-11-18 20:30:00 in the zone of the machine. */
export const NOW_MS = new Date(2025, 10, 18, 20, 30, 0).getTime();

/** The figures so far. */
export function snapshotOf(used: number, total = 1_000_000): Snapshot {
  return { ...EMPTY, revision: 7, used, total, sessions_count: 3, last_updated: '2025-11-18T20:00:00' };
}

/** A value offered for recording. */
export function readingOf(sync_type: SyncType, tokens: number, more: Partial<Reading> = {}): Reading {
  return { id: 'r1', tokens, unit: 1, sync_type, event: '完成架构设计', conversation_id: 'manual-001', ...more };
}

/** The part of a recorded reading that is its effect. */
export function effectOf({ used, increment, reset, rounded }: RecordedReading) {
  return { used, increment, ...(reset && { reset }), ...(rounded && { rounded }) };
}
