import type { FigureReading } from './entry.ts';
import { type Estimate, type Estimates, joined, withEstimate } from './estimates.ts';
import { EMPTY_MAP, type SharedMap, valueAt, withValue } from './shared-map.ts';

/** The last value of a counter. */
export interface Told {
  readonly value: number;
  /** The unit of `value`. */
  readonly unit: number;
  /** The own time of the reading that said it; none where no reading did. */
  readonly atMs?: number;
}

/** The knowledge of one counter, or of a conversation. */
export interface Line {
  /** None for a conversation whose counter has not been seen, but of which amounts are known. */
  readonly told?: Told;
  /** The exact amounts that were added since. */
  readonly autos: number;
  readonly estimates?: Estimates | undefined;
}

/** All that later readings depend on. */
export interface World {
  readonly used: number;
  /** The name of the line that was told last, `NAMELESS` for the one without; none before the first figure. */
  readonly current?: string;
  readonly lines: SharedMap<Line>;
  /** How many entries made it. */
  readonly order: number;
  /** The last instant at which the budget began anew; none where it never did. */
  readonly renewedMs?: number;
  /**
   * When `used` was set as a whole last since the budget began anew: by an edit that made it less, so that it is no older figure with
   * something added, and where it adds up by a first figure or a correction.
   */
  readonly setMs?: number;
  /** The latest time of what a source told; what is older shows nothing that was not counted. */
  readonly fedMs?: number;
  /** The time of what a person read last while a source fed the budget: it shows whatever was used before. */
  readonly readMs?: number;
  /** The conversation of a followed gauge that `used` shows, and when that was written last. */
  readonly shown?: { readonly conversation: string; readonly atMs: number };
}

/** Where lines are kept by conversation, that of the counter without one. */
export const NAMELESS = '';

/** Before anything was recorded. */
export const NO_WORLD: World = { used: 0, lines: EMPTY_MAP, order: 0 };

const NO_LINE: Line = { autos: 0 };

/** The line under a name; none for `undefined`. */
export function lineAt({ lines }: World, name: string | undefined): Line | undefined {
  return name === undefined ? undefined : valueAt(lines, name);
}

/** The world with another line under a name; `undefined` forgets it. */
export function withLine(world: World, name: string, line: Line | undefined): World {
  return { ...world, lines: withValue(world.lines, name, line) };
}

/** The world after a line was told: it is the current one, and its value is `used`. */
export function told(world: World, name: string, said: Told, used = said.value): World {
  return { ...withLine(world, name, { told: said, autos: 0 }), current: name, used };
}

/** The tokens that were added to a line since it was told. */
export function addedTo(line: Line | undefined): number {
  return line ? line.autos + (line.estimates?.sum ?? 0) : 0;
}

/** The present height of a line: its last value plus the amounts added since. */
export function topOf(line: Line & { readonly told: Told }): number {
  return line.told.value + addedTo(line);
}

/** True when a value may be the same counter, gone on; a coarse one may show less than there is. */
export function fits(value: number, unit: number, said: Told | undefined): boolean {
  return !said || value > said.value - Math.max(unit, said.unit);
}

/** A conversation's line together with the amounts that waited for its name. */
export function joinedLine(line: Line, waiting: Line = NO_LINE): Line {
  return {
    ...(line.told && { told: line.told }),
    autos: line.autos + waiting.autos,
    estimates: joined(line.estimates, waiting.estimates),
  };
}

/** The world in which nothing was added to these lines since they were told; amounts that only waited for a name are forgotten. */
export function settled(world: World, names: readonly (string | undefined)[]): World {
  return names.reduce<World>((after, name) => {
    const line = lineAt(after, name);
    if (!line || addedTo(line) === 0) return after;
    return withLine(after, name!, line.told && { told: line.told, autos: 0 });
  }, world);
}

/** True of what is dated since the budget began anew, and so is part of `used` where that adds up. */
export function isOfPeriod({ renewedMs }: World, atMs: number): boolean {
  return renewedMs === undefined || atMs >= renewedMs;
}

/** The world in which a source told something of that time. */
export function fedAt(world: World, atMs: number): World {
  return { ...world, fedMs: Math.max(atMs, world.fedMs ?? atMs) };
}

/** True of what a source tells late: a person has read a figure since that shows it already. */
export function isInReading({ readMs }: World, { isFed, atMs }: FigureReading): boolean {
  return isFed === true && readMs !== undefined && atMs < readMs;
}

/** The world after an amount was added (SPEC §3: `auto`, `estimate`, `import`); `adds` where the budget adds up. */
export function withAmount(world: World, reading: FigureReading, adds?: true): World {
  const { id, value, sync_type, conversation_id, atMs, isFed } = reading;
  if (isInReading(world, reading)) return { ...fedAt(world, atMs), order: world.order + 1 };
  // A source's conversations are its own: what it counts is in the figure that a person reads next, whatever name they give it.
  const name = conversation_id === '' || isFed ? world.current : conversation_id;
  // A past count is no part of what a counter shows.
  const isOfLine = sync_type !== 'import' && name !== undefined && value > 0;
  const { current, order } = world;
  const lines = isOfLine
    ? withValue(world.lines, name, grown(lineAt(world, name), { order, id, atMs, counted: value }, sync_type))
    : world.lines;
  // Written out, here and below: a ledger of a million amounts is folded at a start, and spreading takes most of that.
  const used = adds && !isOfPeriod(world, atMs) ? world.used : world.used + value;
  if (isFed) return { ...fedAt(world, atMs), used, lines, order: order + 1 };
  const { renewedMs, setMs, fedMs, readMs } = world;
  if (renewedMs !== undefined || setMs !== undefined || fedMs !== undefined || readMs !== undefined) {
    return { ...world, used, lines, order: order + 1 };
  }
  return current === undefined ? { used, lines, order: order + 1 } : { used, current, lines, order: order + 1 };
}

function grown(line: Line | undefined, amount: Estimate, sync_type: FigureReading['sync_type']): Line {
  let { autos, estimates } = line ?? NO_LINE;
  if (sync_type === 'auto') autos += amount.counted;
  else {
    const after = withEstimate(estimates, amount);
    autos += after.settled;
    estimates = after.estimates;
  }
  return line?.told ? { told: line.told, autos, estimates } : { autos, estimates };
}
