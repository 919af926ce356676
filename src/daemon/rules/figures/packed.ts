import { type Estimate, type Estimates, listOf, newestFirst, sharedNewest } from './estimates.ts';
import { differences, valueAt, withValue } from './shared-map.ts';
import type { LastSight, State } from './state.ts';
import type { Line, Told, World } from './world.ts';

/** The difference of a state to an earlier one, as plain values without long chains. */
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
  /** Without so many of the newest, which are those that `world` has under the same name; none in `world` itself. */
  readonly shared?: number;
  readonly estimates: readonly Estimate[];
}

/** The part of a state that the earlier one does not hold. */
export function packState(earlier: State, { world, without, last }: State): PackedState {
  return {
    world: packWorld(earlier.world, world, packLine),
    ...(without && {
      without: packWorld(world, without, (line, name) => packBeside(line, valueAt(world.lines, name))),
    }),
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

function packWorld(
  earlier: World,
  { lines, ...world }: World,
  pack: (line: Line, name: string) => PackedLine,
): PackedWorld {
  const changed = [...differences(earlier.lines, lines)];
  return { ...world, lines: changed.map(([name, line]) => [name, line && pack(line, name)] as const) };
}

function packLine({ estimates, ...line }: Line): PackedLine {
  return { ...line, estimates: newestFirst(estimates) };
}

/** Both worlds went on with the same estimates since the last figure. */
function packBeside({ estimates, ...line }: Line, beside: Line | undefined): PackedLine {
  const shared = sharedNewest(estimates, beside?.estimates);
  return { ...line, shared, estimates: newestFirst(estimates).slice(shared) };
}

function unpackWorld(earlier: World, { lines, ...world }: PackedWorld): World {
  const all = lines.reduce(
    (map, [name, line]) => withValue(map, name, line && unpackLine(line, valueAt(earlier.lines, name)?.estimates)),
    earlier.lines,
  );
  return { ...world, lines: all };
}

function unpackLine({ estimates, shared = 0, ...line }: PackedLine, beside: Estimates | undefined): Line {
  const newest = shared === 0 ? [] : newestFirst(beside).slice(0, shared);
  const list = listOf([...newest, ...estimates]);
  return { ...line, ...(list && { estimates: list }) };
}
