import type { Flags } from './entry.ts';
import { giveWay, type Touch } from './estimates.ts';
import {
  addedTo,
  fits,
  joinedLine,
  type Line,
  lineAt,
  NAMELESS,
  settled,
  type Told,
  told,
  topOf,
  type World,
  withLine,
} from './world.ts';

/** A counter's value as somebody has read it. */
export interface Sight extends Told {
  /** Empty for none. */
  readonly conversation: string;
}

/** The effect of a counter's figure on a world. */
export interface Telling {
  readonly world: World;
  readonly counted: number;
  readonly setAside: number;
  readonly flags: Flags;
  /** The estimates that gave way. */
  readonly touches: readonly Touch[];
  /** The line, by its name before, that the figure was compared with; none for the first figure and for a new line. */
  readonly from?: string;
}

/** The reading that a correction restates. */
interface Known extends Pick<Telling, 'from'> {
  /** True when the counter began with it, or began anew. */
  readonly isAnew: boolean;
}

type ToldLine = Line & { readonly told: Told };

/** A manual value in a world in which a reading that it replaces has never been (SPEC §3, rows 4 to 10). */
export function tellManual(world: World, sight: Sight): Telling {
  if (world.current === undefined) return tellFirst(world, sight);
  const place = placeOf(world, sight);
  if (!place.line) return tellNew(place, sight);
  return isCovered(world, place.from!) ? tellCovered(place, sight) : tellKnown(place, place.line, sight);
}

/** True of a line that nobody told since a source did: what it grew by meanwhile, the source has counted. */
function isCovered(world: World, name: string): boolean {
  const atMs = lineAt(world, name)?.told?.atMs;
  return name !== world.current && world.fedMs !== undefined && atMs !== undefined && atMs < world.fedMs;
}

/** A figure of a conversation that a source may have followed since it was told: it sets the figure, and counts nothing twice. */
function tellCovered({ world, to, from }: Place, { conversation: _, ...said }: Sight): Telling {
  return {
    world: told(world, to, said),
    ...{ counted: 0, setAside: said.value - world.used },
    flags: { calibrated: true },
    touches: [],
    from: from!,
  };
}

/** The first figure of all: nobody knows when its tokens were used. */
export function tellFirst(world: World, { conversation, ...said }: Sight): Telling {
  return {
    world: told(world, conversation, said),
    counted: 0,
    setAside: said.value - world.used,
    flags: { first: true },
    touches: [],
  };
}

/**
 * A correction, in a world in which the counter's reading that it restates has never been. It is no restart unless that
 * reading was one, even where its value does not fit the line.
 */
export function tellCorrected(world: World, sight: Sight, known: Known): Telling {
  if (world.current === undefined) return { ...tellFirst(world, sight), flags: {} };
  const { conversation, ...said } = sight;
  const { value, unit } = said;
  const likely = placeOf(world, sight);
  const doesFit = likely.line !== undefined && fits(value, unit, likely.line.told);
  const { from = conversation, isAnew } = known;
  if (!doesFit && isAnew) return { ...anew(world, from, conversation, said), flags: {} };
  const place = doesFit ? likely : placeAt(world, from, from === NAMELESS ? conversation : from);
  const line = place.line!;
  const loss = Math.min(line.estimates?.sum ?? 0, Math.max(0, topOf(line) - value));
  return {
    world: told(place.world, place.to, said),
    counted: Math.max(0, value - topOf(line)),
    setAside: Math.min(0, value - line.told.value),
    flags: loss > 0 ? { gave_way: loss } : {},
    touches: giveWay(line.estimates, loss),
  };
}

interface Place {
  /** The world in which the line stands under its name. */
  readonly world: World;
  readonly line: ToldLine | undefined;
  readonly from?: string;
  readonly to: string;
  readonly isAdopted?: true;
}

/** The line that a figure belongs to (row 5): without a name the one told last, which may be a named one. */
function placeOf(world: World, { conversation, value, unit }: Sight): Place {
  const name = conversation === '' ? world.current! : conversation;
  const line = lineAt(world, name);
  if (line?.told && fits(value, unit, line.told) && !isCovered(world, name)) return placeAt(world, name, name);
  if (conversation !== '' && world.current === NAMELESS) {
    if (fits(value, unit, lineAt(world, NAMELESS)?.told)) {
      return { ...placeAt(world, NAMELESS, conversation), isAdopted: true };
    }
  }
  return line?.told ? placeAt(world, name, name) : { world, line: undefined, to: name };
}

function placeAt(world: World, from: string, to: string): Place {
  const line = lineAt(world, from) as ToldLine;
  if (from === to) return { world, line, from, to };
  // A named conversation goes on where the nameless counter stood.
  const joined = joinedLine(line, lineAt(world, to)) as ToldLine;
  return { world: withLine(withLine(world, NAMELESS, undefined), to, joined), line: joined, from, to };
}

/** A conversation that was not known, or of which only amounts were (row 6). */
function tellNew({ world, to }: Place, { conversation: _, ...said }: Sight): Telling {
  const isReset = said.value < world.used;
  return {
    ...anew(world, to, to, said),
    flags: { new: true, ...(isReset && { reset: true }) },
  };
}

/** A figure of a line that was told before (rows 7 to 10). */
function tellKnown({ world, from, to, isAdopted }: Place, line: ToldLine, sight: Sight): Telling {
  const { conversation, ...said } = sight;
  const { value, unit } = said;
  const top = topOf(line);
  const base = { from: from!, touches: [], setAside: 0 };
  const flags: Flags = isAdopted ? { adopts: true } : {};
  if (value >= top) {
    return { ...base, world: told(world, to, furthest(line.told, said)), counted: value - top, flags };
  }
  if (unit > 1 && top - value < unit) {
    const seen = withLine(world, to, { ...line, told: { ...line.told, ...atOf(said) } });
    // The figure shown stays, unless it is another line's: then this one takes its place.
    const used = from === world.current ? world.used : top;
    return { ...base, world: { ...seen, current: to, used }, counted: 0, flags: { ...flags, rounded: true } };
  }
  if (fits(value, unit, line.told)) {
    const used = unit === 1 ? value : Math.max(value, line.told.value);
    const loss = Math.min(line.estimates?.sum ?? 0, top - used);
    const isCoarse = value < line.told.value;
    return {
      ...base,
      world: told(world, to, furthest(line.told, said), used),
      counted: 0,
      flags: { ...flags, ...(loss > 0 ? { gave_way: loss } : isCoarse && { rounded: true }) },
      touches: giveWay(line.estimates, loss),
    };
  }
  // Without a name nobody knows whether a named conversation has begun anew, so that one stays as it is.
  const anewAt = conversation === '' ? NAMELESS : to;
  return { ...anew(world, to, anewAt, said), from: from!, flags: { ...flags, reset: true } };
}

/** A counter that begins anew under a name; amounts added since the last figure, or waiting for `name`, are part of its value. */
function anew(world: World, name: string, to: string, said: Told): Omit<Telling, 'flags'> {
  const names = [...new Set([world.current, name])];
  const added = names.reduce((sum, each) => sum + addedTo(lineAt(world, each)), 0);
  return {
    world: told(settled(world, names), to, said),
    counted: Math.max(0, said.value - added),
    setAside: 0,
    touches: [],
  };
}

/** The higher of two values: a coarse one may lie below the one known already. The unit is that of the value that stands. */
function furthest(before: Told, said: Told): Told {
  if (said.value > before.value) return said;
  const unit = said.value === before.value ? Math.min(said.unit, before.unit) : before.unit;
  return { value: before.value, unit, ...atOf(said) };
}

function atOf({ atMs }: Told) {
  return atMs === undefined ? {} : { atMs };
}
