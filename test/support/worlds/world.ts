import type { Life } from './lives.ts';
import type { Habits } from './person.ts';

/** A life and a person's habits, with what the rules must make of it. */
export interface World {
  readonly name: string;
  readonly life: Life;
  readonly habits: Habits;
  /**
   * Counted / true in percent in the simulation by which the rules were found, of the rules of 0.1.0 and of today's:
   * another one than this, so what is near is a confirmation, and what is not says that the lives differ.
   */
  readonly found?: { readonly old?: number; readonly ours?: number };
  /** Counted / true in percent, the median over the seeds, from and to. */
  readonly counted: readonly [number, number];
  /** False restarts a month, the median over the seeds, at most. */
  readonly falseResets: number;
  /** The least or the most that the rules of 0.1.0 count here, in percent: a proof that the bounds bite. */
  readonly oldAtLeast?: number;
  readonly oldAtMost?: number;
}
