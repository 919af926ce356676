import { addedUp, correctedValue, movedAside, renewed } from './adding.ts';
import type { FigureEntry, FigureReading, Outcome, Touched } from './entry.ts';
import type { Touch } from './estimates.ts';
import { calibrated, live } from './fed.ts';
import type { LastSight, State, Step } from './state.ts';
import { type Sight, type Telling, tellCorrected, tellFirst, tellManual } from './telling.ts';
import { fits, lineAt, NAMELESS, type Told, told, type World, withAmount } from './world.ts';

/** A typing error is noticed within this time, if at once: 3 minutes find too few, an hour takes new conversations for one (by simulation). */
const SLIP_MS = 10 * 60_000;

/** The step of a reading (SPEC §3, the table of how readings make figures). */
export function stepOf(state: State, entry: FigureEntry & { readonly kind: 'reading' }): Step {
  const { reading, committedMs, adds, feeds } = entry;
  switch (reading.sync_type) {
    case 'auto':
    case 'estimate':
    case 'import':
      return {
        state: added(state, reading, adds),
        counted: reading.value,
        setAside: 0,
        flags: NOTHING.flags,
        touches: [],
      };
    case 'correction':
      return adds ? correctedSum(state, reading) : corrected(state, reading, reading.value);
    case 'period':
      return { state: renewed(state, entry), ...NOTHING };
    case 'live':
      return live(state, reading, committedMs, adds);
    case 'manual':
      // Also before row 1: what is older than the source's last word would set the figure back.
      if (isLate(state, reading)) return { state, ...NOTHING, flags: { late: true } };
      return feeds ? calibrated(state, reading, committedMs, adds) : manual(state, reading, committedMs, adds);
  }
}

/**
 * The step of an edit that sets `used`: a counter without a name stands there from now on. Nobody knows since when, so no
 * reading is late against a file's figure: a reading from before the start counts after an adoption too.
 */
export function editedStep({ world }: State, said: Told): Step {
  // Since the budget began anew, `used` is no counter's figure.
  if (world.renewedMs !== undefined) {
    return { state: { world: { ...world, used: said.value } }, ...NOTHING, setAside: said.value - world.used };
  }
  return {
    state: { world: told(world, NAMELESS, said) },
    ...NOTHING,
    setAside: said.value - world.used,
  };
}

/** The step of an edit of the state file. */
export function editStep(state: State, { used, loweredMs: setMs }: FigureEntry & { readonly kind: 'edit' }): Step {
  const step = editedStep(state, { value: used, unit: 1 });
  return setMs === undefined ? step : { ...step, state: { ...step.state, world: { ...step.state.world, setMs } } };
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

function added({ world, without, last }: State, reading: FigureReading, adds: true | undefined): State {
  const after = withAmount(world, reading, adds);
  return without && last ? { world: after, without: withAmount(without, reading, adds), last } : { world: after };
}

/** Row 2: older than its counter's last value, or than what a source told last. */
function isLate({ world }: State, { dated, atMs, conversation_id }: FigureReading): boolean {
  const line = lineAt(world, conversation_id === '' ? world.current : conversation_id);
  const { fedMs = Number.NEGATIVE_INFINITY } = world;
  return dated && atMs < Math.max(line?.told?.atMs ?? fedMs, fedMs);
}

function manual(state: State, reading: FigureReading, committedMs: number, adds: true | undefined): Step {
  const sight = sightOf(reading);
  const slip = slipOf(state, reading, committedMs);
  if (slip === 'first') {
    // Row 3a: neither of two first figures was used anybody knows when.
    const telling = tellFirst(state.world, sight);
    const from = reading.conversation_id;
    return sighted(state.world, reading, committedMs, { ...telling, from }, { isFirst: false });
  }
  const base = slip === 'slip' ? state.without! : state.world;
  const told = tellManual(base, sight);
  const telling = adds ? addedUp(base, reading, told) : told;
  const isFirst = base.current === undefined;
  const step = sighted(base, reading, committedMs, telling, { isFirst });
  // What a source has counted is neither a slip nor said anew.
  if (slip === undefined && telling.flags.calibrated) return { ...step, state: { world: telling.world } };
  if (slip === undefined) return step;
  const { last } = state;
  const replacing: Step = {
    ...step,
    setAside: telling.setAside - last!.setAside,
    flags: { ...telling.flags, replaces: last!.id },
    touches: netTouches([...undoneLast(last!), ...telling.touches]),
  };
  return adds ? { ...replacing, setAside: movedAside(state.world, replacing, reading.atMs) } : replacing;
}

/** A correction of `used` where that adds up: it corrects what the last reading since the reset counts, as far as that goes. */
function correctedSum(state: State, reading: FigureReading): Step {
  const { world, last } = state;
  const { value, atMs: setMs } = reading;
  if (!last || last.isRenewed) {
    return { state: { world: { ...world, used: value, setMs } }, ...NOTHING, setAside: value - world.used };
  }
  const step = corrected(state, reading, correctedValue(world, value));
  const after: Step = { ...step, state: { ...step.state, world: { ...step.state.world, used: value, setMs } } };
  return { ...after, setAside: movedAside(world, after, reading.atMs) };
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
function corrected(state: State, { unit, ...reading }: FigureReading, value: number): Step {
  const { last, without } = state;
  if (!last || !without || last.isRenewed) return editedStep(state, { value, unit, atMs: reading.atMs });
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
