import { type Estimate, type Estimates, listOf, newestFirst, sharedNewest } from './estimates.ts';
import { differences, valueAt, withValue } from './shared-map.ts';
import type { LastSight, State } from './state.ts';
import { type Line, NO_WORLD, type Told, type World } from './world.ts';

/** A state as plain values that JSON tells exactly, without long chains; equal states are packed alike. */
export interface PackedState {
  readonly world: PackedWorld;
  /** As it differs from `world`. */
  readonly without?: PackedWorld;
  readonly last?: LastSight;
}

interface PackedWorld extends Omit<World, 'lines'> {
  /** Those that differ, by name; the name alone for one that is gone. */
  readonly lines: readonly (readonly [name: string, line?: PackedLine])[];
}

interface PackedLine {
  readonly told?: Told;
  readonly autos: number;
  /** Without so many of the newest, which are those that `world` has under the same name; none in `world` itself. */
  readonly shared?: number;
  readonly estimates?: readonly Estimate[];
}

/** The state as it is kept. */
export function packState({ world, without, last }: State): PackedState {
  return {
    world: packWorld(NO_WORLD, world),
    ...(without && { without: packWorld(world, without) }),
    ...(last && { last }),
  };
}

/** The state that `packState` was given. */
export function unpackState(packed: PackedState): State {
  const world = unpackWorld(NO_WORLD, packed.world);
  return {
    world,
    ...(packed.without && { without: unpackWorld(world, packed.without) }),
    ...(packed.last && { last: packed.last }),
  };
}

function packWorld(beside: World, { lines, ...world }: World): PackedWorld {
  const packed = [...differences(beside.lines, lines)].map(([name, line]): PackedWorld['lines'][number] =>
    line ? [name, packLine(line, valueAt(beside.lines, name))] : [name],
  );
  return { ...world, lines: packed.sort(([one], [other]) => (one < other ? -1 : 1)) };
}

/** Both worlds of a state went on with the same estimates since the last figure. */
function packLine({ told, autos, estimates }: Line, beside: Line | undefined): PackedLine {
  const shared = sharedNewest(estimates, beside?.estimates);
  const others = newestFirst(estimates).slice(shared);
  return {
    ...(told && { told }),
    autos,
    ...(shared > 0 && { shared }),
    ...(others.length > 0 && { estimates: others }),
  };
}

function unpackWorld(beside: World, { lines, ...world }: PackedWorld): World {
  const all = lines.reduce(
    (map, [name, line]) => withValue(map, name, line && unpackLine(line, valueAt(beside.lines, name)?.estimates)),
    beside.lines,
  );
  return { ...world, lines: all };
}

function unpackLine({ estimates = [], shared = 0, ...line }: PackedLine, beside: Estimates | undefined): Line {
  const newest = shared === 0 ? [] : newestFirst(beside).slice(0, shared);
  const list = listOf([...newest, ...estimates]);
  return { ...line, ...(list && { estimates: list }) };
}
