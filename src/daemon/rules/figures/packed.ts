import { type Estimate, listOf, newestFirst } from './estimates.ts';
import { differences, withValue } from './shared-map.ts';
import type { LastSight, State } from './state.ts';
import type { Line, Told, World } from './world.ts';

/** What is another in a state than in an earlier one, as plain values without long chains. */
export interface PackedState {
  readonly world: PackedWorld;
  /** As it differs from `world`. */
  readonly without?: PackedWorld;
  readonly last?: LastSight;
}

interface PackedWorld extends Omit<World, 'lines'> {
  /** Those that differ; `undefined` for one that is gone. */
  readonly lines: readonly (readonly [name: string, line: PackedLine | undefined])[];
}

interface PackedLine {
  readonly told?: Told;
  readonly autos: number;
  readonly estimates: readonly Estimate[];
}

/** What a state holds that the earlier one does not. */
export function packState(earlier: State, { world, without, last }: State): PackedState {
  return {
    world: packWorld(earlier.world, world),
    ...(without && { without: packWorld(world, without) }),
    ...(last && { last }),
  };
}

/** The state that `packState` was given, from the same earlier one. */
export function unpackState(earlier: State, packed: PackedState): State {
  const world = unpackWorld(earlier.world, packed.world);
  return {
    world,
    ...(packed.without && { without: unpackWorld(world, packed.without) }),
    ...(packed.last && { last: packed.last }),
  };
}

function packWorld(earlier: World, { lines, ...world }: World): PackedWorld {
  const changed = [...differences(earlier.lines, lines)];
  return { ...world, lines: changed.map(([name, line]) => [name, line && packLine(line)] as const) };
}

function packLine({ estimates, ...line }: Line): PackedLine {
  return { ...line, estimates: newestFirst(estimates) };
}

function unpackWorld(earlier: World, { lines, ...world }: PackedWorld): World {
  const all = lines.reduce((map, [name, line]) => withValue(map, name, line && unpackLine(line)), earlier.lines);
  return { ...world, lines: all };
}

function unpackLine({ estimates, ...line }: PackedLine): Line {
  const list = listOf(estimates);
  return { ...line, ...(list && { estimates: list }) };
}
