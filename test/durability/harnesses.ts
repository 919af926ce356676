import { CRASH } from './crash.ts';
import { DAMAGE } from './damage.ts';
import { EDITS } from './edits.ts';
import { EXT4 } from './ext4.ts';
import { FAULTS } from './faults.ts';
import type { Harness } from './harness.ts';
import { KILLS } from './kills.ts';
import { LOCK } from './lock.ts';
import { METERS } from './meters.ts';
import { POWER } from './power.ts';

/** Every harness by its name. */
export const HARNESSES: readonly Harness[] = [POWER, EXT4, CRASH, FAULTS, KILLS, DAMAGE, EDITS, LOCK, METERS];

/** The harness of a name. */
export function harnessOf(name: string): Harness {
  const found = HARNESSES.find((harness) => harness.name === name);
  if (!found) throw new Error(`no such harness: ${name}; there are ${HARNESSES.map((one) => one.name).join(', ')}`);
  return found;
}
