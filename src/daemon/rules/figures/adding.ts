import type { FigureEntry, FigureReading } from './entry.ts';
import type { Touch } from './estimates.ts';
import type { LastSight, State, Step } from './state.ts';
import type { Telling } from './telling.ts';
import { isOfPeriod, lineAt, topOf, type World } from './world.ts';

/**
 * `used` where the budget adds up (SPEC §3): what was counted since the reset, the ledger's first figure with it. Whatever
 * is dated before the reset counts in its own day, and neither it nor what gives way there is part of `used`.
 */
export function addedUp(base: World, reading: FigureReading, telling: Telling): Telling {
  if (telling.flags.first) return { ...telling, world: { ...telling.world, setMs: reading.atMs } };
  const { counted, touches, world } = telling;
  const used = base.used + partOf(base, counted, reading.atMs) + sumOf(base, touches);
  return { ...telling, setAside: 0, world: { ...world, used: Math.max(0, used) } };
}

/** How far a step moves `used` beside what it counts there. */
export function movedAside(before: World, { state: { world }, counted, touches }: Step, atMs: number): number {
  return world.used - before.used - partOf(before, counted, atMs) - sumOf(before, touches);
}

/**
 * The value of the counter that a correction of `used` comes to: the line of the last reading, moved by as much as the
 * figure. Where the budget follows its counter that is the corrected figure itself.
 */
export function correctedValue(world: World, used: number): number {
  const line = lineAt(world, world.current);
  const top = line?.told ? topOf({ ...line, told: line.told }) : world.used;
  return Math.max(0, top + used - world.used);
}

/** What `used` comes to where the budget begins anew at an instant that has passed: what was set since stands, with all that was added to it. */
export function usedSince(
  { used, setMs = Number.NEGATIVE_INFINITY }: World,
  { atMs, nowMs }: { readonly atMs: number; readonly nowMs: number },
  countedSince: (ms: number) => number,
): number {
  // What was set while the clock was ahead may be of either period.
  return setMs >= atMs && setMs <= nowMs ? used : countedSince(atMs);
}

/** The budget begins anew: lines and the last reading stay, and a correction no longer reaches back to that. */
export function renewed(
  { world, without, last }: State,
  { reading }: FigureEntry & { readonly kind: 'reading' },
): State {
  const { value: used, atMs: renewedMs } = reading;
  const { setMs: _, ...rest } = world;
  const after: World = { ...rest, used, renewedMs, order: world.order + 1 };
  if (!without || !last) return { world: after };
  const isSince = last.atMs >= renewedMs;
  return {
    world: after,
    without: {
      ...without,
      used: isSince ? Math.max(0, used - last.counted) : used,
      renewedMs,
      order: without.order + 1,
    },
    last: isSince ? last : asRenewed(last),
  };
}

function asRenewed(last: LastSight): LastSight {
  return { ...last, isRenewed: true };
}

function partOf(world: World, counted: number, atMs: number): number {
  return isOfPeriod(world, atMs) ? counted : 0;
}

function sumOf(world: World, touches: readonly Touch[]): number {
  return touches.reduce((sum, { atMs, from, to }) => sum + partOf(world, to - from, atMs), 0);
}
