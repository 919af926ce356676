import type { Usage } from '../../protocol/methods.ts';

/** The figures of the whole state at one revision; never changed afterwards. */
export interface Snapshot {
  readonly revision: number;
  readonly used: number;
  /** The budget; 0 where an adopted file names none. */
  readonly total: number;
  readonly sessions_count: number;
  /** Local time as the state file shows it, or whatever an adopted file says. */
  readonly last_updated: string;
}

/** The state before anything was recorded: a million tokens are the budget until somebody sets another. */
export const EMPTY: Snapshot = { revision: 0, used: 0, total: 1_000_000, sessions_count: 0, last_updated: '' };

/** The figures as every client sees them, with the mark of their revision. */
export function usageOf(snapshot: Snapshot, mark: string): Usage {
  const { revision, used, total, sessions_count, last_updated } = snapshot;
  return {
    used,
    total,
    percent: percentOf(used, total),
    remaining: total === 0 ? 0 : total - used,
    sessions_count,
    last_updated,
    revision,
    mark,
  };
}

/** `used` of `total` in percent, to two decimals unless told otherwise; 0 where there is no budget. */
export function percentOf(used: number, total: number, decimals = 2): number {
  if (total <= 0) return 0;
  const scale = 10 ** decimals;
  // Multiplied first: a quotient is rounded already, and 1.005 % would become 1.00 %.
  return Math.round((used * 100 * scale) / total) / scale;
}
