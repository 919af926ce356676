import type { Alert } from '../../protocol/methods.ts';
import type { Source, TotalChange } from './change.ts';
import { committed } from './record.ts';
import { percentOf, type Snapshot } from './snapshot.ts';

/** Sets the budget. */
export function setTotal(snapshot: Snapshot, total: number, source: Source, nowMs: number): TotalChange {
  return { kind: 'total', ...committed(snapshot, { used: snapshot.used, added: 0, source, nowMs }), total };
}

/** The alerts of a change from one snapshot to the next: one for each threshold, in percent, that it crossed upwards. */
export function crossedThresholds(before: Snapshot, after: Snapshot, thresholds: readonly number[]): Alert[] {
  // Compared unrounded: 79.996 % shows as 80.00 % and has not crossed 80 %.
  const share = ({ used, total }: Snapshot) => (total > 0 ? (used * 100) / total : 0);
  return thresholds
    .filter((level) => share(before) < level && share(after) >= level)
    .toSorted((a, b) => a - b)
    .map((level) => ({ level, percent: percentOf(after.used, after.total), revision: after.revision }));
}
