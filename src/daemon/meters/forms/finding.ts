import type { Observation } from '../observation.ts';

/**
 * What became of a candidate line. `counted`: it held a count that is known, be it one that was counted before. `nothing`: it
 * rightly holds none. `not_understood`: it should hold one and does not; many of these in a row, and none that is
 * counted between them, mean that the tool's form has changed.
 */
export type Outcome = 'counted' | 'nothing' | 'not_understood';

/** What one line, or one row, told. */
export interface Finding {
  readonly outcome: Outcome;
  readonly observations: readonly Observation[];
}

export const NOTHING: Finding = { outcome: 'nothing', observations: [] };
export const NOT_UNDERSTOOD: Finding = { outcome: 'not_understood', observations: [] };
