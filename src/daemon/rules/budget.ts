import type { Source, TotalChange } from './change.ts';
import { committed } from './record.ts';
import type { Snapshot } from './snapshot.ts';

/** Sets the budget. */
export function setTotal(snapshot: Snapshot, total: number, source: Source, nowMs: number): TotalChange {
  return { kind: 'total', ...committed(snapshot, { used: snapshot.used, added: 0, source, nowMs }), total };
}
