import type { Flags } from './entry.ts';
import type { Touch } from './estimates.ts';
import type { Sight, Telling } from './telling.ts';
import { NO_WORLD, type World } from './world.ts';

/** The state after some entries, without the steps that an undo needs. */
export interface State {
  readonly world: World;
  /** The same as if `last` had never been, for one that turns out to be a slip, or is restated. */
  readonly without?: World;
  readonly last?: LastSight;
}

/** The last reading of a counter, and its effect. */
export interface LastSight extends Sight, Pick<Telling, 'from'> {
  readonly id: string;
  readonly atMs: number;
  readonly dated: boolean;
  readonly committedMs: number;
  readonly counted: number;
  readonly setAside: number;
  /** True for the first counter's figure of the ledger. */
  readonly isFirst: boolean;
  /** True when the counter began with it, or began anew. */
  readonly isAnew: boolean;
  /** A correction has put it right since, so it is no slip any more: a value that differs from the correction is meant. */
  readonly isRestated?: true;
  /** The budget has begun anew since, so that no correction reaches back to it. */
  readonly isRenewed?: true;
  /** The amounts that it took from estimates of `without`. */
  readonly touches: readonly Touch[];
}

/** The step from one state to the next; `used` and `increment` follow from it. */
export interface Step {
  readonly state: State;
  readonly counted: number;
  readonly setAside: number;
  readonly flags: Flags;
  /** The earlier readings that count something else since, without the entry itself. */
  readonly touches: readonly Touch[];
}

/** Before anything was recorded. */
export const NO_STATE: State = { world: NO_WORLD };
