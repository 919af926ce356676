import type { FigureEntry, FigureReading, Flags, Outcome, Touched } from './entry.ts';
import type { Touch } from './estimates.ts';
import { type Sight, type Telling, tellCorrected, tellFirst, tellManual } from './telling.ts';
import { fits, lineAt, NAMELESS, NO_WORLD, type Told, told, type World, withAmount } from './world.ts';

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

/** A typing error is noticed within this time, if at once: 3 minutes find too few, an hour takes new conversations for one (by simulation). */
const SLIP_MS = 10 * 60_000;

/** The step of a reading (SPEC §3, the table of how readings make figures). */
export function stepOf(state: State, { reading, committedMs }: FigureEntry & { readonly kind: 'reading' }): Step {
  switch (reading.sync_type) {
    case 'auto':
    case 'estimate':
    case 'import':
      return { state: added(state, reading), counted: reading.value, setAside: 0, flags: NOTHING.flags, touches: [] };
    case 'correction':
      return corrected(state, reading);
    case 'manual':
      // Row 1, a gauge or counter that feeds `main`, goes before this one.
      if (isLate(state, reading)) return { state, ...NOTHING, flags: { late: true } };
      return manual(state, reading, committedMs);
  }
}

/**
 * The step of an edit that sets `used`: a counter without a name stands there from now on. Nobody knows since when, so no
 * reading is late against a file's figure: a reading from before the start counts after an adoption too.
 */
export function editedStep({ world }: State, said: Told): Step {
  return {
    state: { world: told(world, NAMELESS, said) },
    ...NOTHING,
    setAside: said.value - world.used,
  };
}

/** The net effect of several changes of the same amounts, one after the other; changes that lead back are dropped. */
export function netTouches(touches: readonly Touch[]): Touch[] {
  const byId = new Map<string, Touch>();
  for (const touch of touches) byId.set(touch.id, { ...touch, from: byId.get(touch.id)?.from ?? touch.from });
  return [...byId.values()].filter(({ from, to }) => from !== to);
}

/** The changes that take others back. */
export function reverted(touches: readonly Touch[]): Touch[] {
  return touches.map(({ from, to, ...touch }) => ({ ...touch, from: to, to: from })).reverse();
}

/** The outcome of a step that led from `before` to `used`. */
export function outcomeOf(step: Omit<Step, 'state'>, before: number, used: number, value = used): Outcome {
  const { counted, setAside, flags, touches } = step;
  return {
    used,
    increment: flags.reset ? value : used - before,
    counted,
    setAside,
    flags,
    touched: touches.map(({ id, atMs, from, to }): Touched => ({ id, counted: to, atMs, difference: to - from })),
  };
}

const NOTHING = { counted: 0, setAside: 0, flags: {}, touches: [] } as const;

function added({ world, without, last }: State, reading: FigureReading): State {
  const after = withAmount(world, reading);
  return without && last ? { world: after, without: withAmount(without, reading), last } : { world: after };
}

/** Row 2: older than its counter's last value. */
function isLate({ world }: State, { dated, atMs, conversation_id }: FigureReading): boolean {
  const line = lineAt(world, conversation_id === '' ? world.current : conversation_id);
  return dated && line?.told?.atMs !== undefined && atMs < line.told.atMs;
}

function manual(state: State, reading: FigureReading, committedMs: number): Step {
  const sight = sightOf(reading);
  const slip = slipOf(state, reading, committedMs);
  if (slip === 'first') {
    // Row 3a: neither of two first figures was used anybody knows when.
    const telling = tellFirst(state.world, sight);
    const from = reading.conversation_id;
    return sighted(state.world, reading, committedMs, { ...telling, from }, { isFirst: false });
  }
  const base = slip === 'slip' ? state.without! : state.world;
  const telling = tellManual(base, sight);
  const isFirst = base.current === undefined;
  const step = sighted(base, reading, committedMs, telling, { isFirst });
  if (slip === undefined) return step;
  const { last } = state;
  return {
    ...step,
    setAside: telling.setAside - last!.setAside,
    flags: { ...telling.flags, replaces: last!.id },
    touches: netTouches([...undoneLast(last!), ...telling.touches]),
  };
}

function sighted(
  base: World,
  { id, atMs, dated, ...reading }: FigureReading,
  committedMs: number,
  telling: Telling,
  { isFirst }: { readonly isFirst: boolean },
): Step {
  const { world, counted, setAside, flags, touches, from } = telling;
  const { value, unit, conversation_id: conversation } = reading;
  const last: LastSight = {
    ...{ id, conversation, value, unit, atMs, dated, committedMs, counted, setAside, isFirst, touches },
    isAnew: from === undefined || flags.reset === true,
    ...(from !== undefined && { from }),
  };
  return { state: { world, without: base, last }, counted, setAside, flags, touches };
}

/** Row 3: the last reading of the counter was a slip, and has just been typed again. */
function slipOf(state: State, reading: FigureReading, committedMs: number): 'slip' | 'first' | undefined {
  const { last, without } = state;
  if (!last || !without || last.isRestated || last.conversation !== reading.conversation_id) return undefined;
  if (!isWithinMinutes(last, reading, committedMs)) return undefined;
  const { value, unit } = reading;
  const before = lineAt(without, last.from)?.told;
  const isBetween = fits(last.value, last.unit, before) && fits(value, unit, last);
  if (isBetween || !fits(value, unit, before)) return undefined;
  return last.isFirst ? 'first' : 'slip';
}

/** By the daemon's clock, and only forward; what names its own time was not typed again an hour later by that either. */
function isWithinMinutes(last: LastSight, { atMs, dated }: FigureReading, committedMs: number): boolean {
  const passedMs = committedMs - last.committedMs;
  if (passedMs < 0 || passedMs > SLIP_MS) return false;
  return !(dated || last.dated) || Math.abs(atMs - last.atMs) <= SLIP_MS;
}

/**
 * A correction restates the last reading of the counter, whatever its age; with none it is a figure set by hand. The
 * counter has been seen since, so that what is older than the correction is late too.
 */
function corrected(state: State, { value, unit, ...reading }: FigureReading): Step {
  const { last, without } = state;
  if (!last || !without) return editedStep(state, { value, unit, atMs: reading.atMs });
  const { conversation, atMs } = last;
  const seenMs = Math.max(atMs, reading.atMs);
  const telling = tellCorrected(without, { conversation, value, unit, atMs: seenMs }, last);
  const { world, counted, setAside, flags, touches } = telling;
  const { first: _, ...rest } = flags;
  return {
    state: { ...state, world, last: { ...last, value, unit, counted, setAside, touches, isRestated: true } },
    counted: 0,
    setAside: setAside - last.setAside,
    flags: { ...rest, restates: last.id },
    touches: netTouches([...undoneLast(last), { id: last.id, atMs, from: 0, to: counted }, ...touches]),
  };
}

/** The changes that remove the last reading of the counter as if it had never been. */
function undoneLast(last: LastSight): Touch[] {
  return [...reverted(last.touches), { id: last.id, atMs: last.atMs, from: last.counted, to: 0 }];
}

function sightOf({ value, unit, conversation_id: conversation, atMs }: FigureReading): Sight {
  return { value, unit, conversation, atMs };
}
