import type { FigureEntry, FigureReading, Outcome } from './entry.ts';
import type { Touch } from './estimates.ts';
import { NO_STATE, type State, type Step } from './state.ts';
import { editedStep, editStep, netTouches, outcomeOf, reverted, stepOf } from './step.ts';
import type { World } from './world.ts';

export type { FigureEntry, FigureReading, Flags, Outcome, Touched } from './entry.ts';
export { NO_STATE, type State } from './state.ts';

/**
 * Everything that later entries depend on, never changed: `used`, a line for each counter and conversation, and the
 * latest steps, so that they can be taken back.
 */
export interface Figures {
  readonly state: State;
  readonly steps?: Steps;
}

/** Steps that can be taken back, the newest first. */
interface Steps {
  readonly before: State;
  readonly entry: FigureEntry;
  readonly counted: number;
  readonly touches: readonly Touch[];
  readonly older: Steps | undefined;
  readonly size: number;
}

/** The least number of steps that can be taken back without reading the ledger again; at most twice as many are held. */
const LEAST_STEPS = 256;

/** Before anything was recorded. */
export const NO_FIGURES: Figures = { state: NO_STATE };

/** The figure that is shown as used. */
export function usedOf({ state }: Figures): number {
  return state.world.used;
}

/**
 * The figures after one more entry, and what it comes to (SPEC §3). Depends on nothing but the entries in their order.
 * Undo is the fold without the reading, and `used` as it stood before it, whatever was edited since; it is to be asked
 * for only while `canUndo`, and changes nothing otherwise: then the ledger is to be folded again without the reading.
 */
export function foldEntry(
  figures: Figures,
  entry: FigureEntry,
): { readonly figures: Figures; readonly outcome: Outcome } {
  if (entry.kind === 'undo') return undone(figures, entry.undone, entry.used);
  const { state, steps } = figures;
  const step = entry.kind === 'edit' ? editStep(state, entry) : stepOf(state, entry);
  const after = withUsed(step.state, entry.used);
  const value = entry.kind === 'edit' ? entry.used : entry.reading.value;
  const outcome = outcomeOf(step, state.world.used, after.world.used, value);
  return {
    figures: { state: after, steps: withStep(steps, state, entry, step) },
    outcome: entry.kind === 'edit' ? outcome : { ...outcome, increment: incrementOf(entry.reading, outcome) },
  };
}

function incrementOf({ sync_type, value, rises = 0 }: FigureReading, { increment }: Outcome): number {
  switch (sync_type) {
    case 'live':
      return rises;
    case 'auto':
    case 'estimate':
    case 'import':
      // Also where it is dated before the reset, and so is no part of `used`.
      return value;
    case 'period':
      // What falls at a reset is not taken back from anything.
      return 0;
    default:
      return increment;
  }
}

/** True while the reading can be taken back from what is held. */
export function canUndo({ steps }: Figures, id: string): boolean {
  return stepOfReading(steps, id) !== undefined;
}

/**
 * The figures after all entries, oldest first, however far back they take something: an undo is never folded, but left
 * out with what it takes back. `onOutcome` hears what each of the others comes to.
 */
export function foldEntries(
  entries: Iterable<FigureEntry>,
  from: Figures = NO_FIGURES,
  onOutcome?: (entry: FigureEntry, outcome: Outcome) => void,
): Figures {
  let figures = from;
  for (const entry of standing(entries)) {
    const next = foldEntry(figures, entry);
    figures = next.figures;
    onOutcome?.(entry, next.outcome);
  }
  return figures;
}

/** The entries that were not taken back, without undo; with a reading the edits since fall too. */
export function standing(entries: Iterable<FigureEntry>): FigureEntry[] {
  const stand: FigureEntry[] = [];
  for (const entry of entries) {
    if (entry.kind !== 'undo') {
      stand.push(entry);
      continue;
    }
    const at = stand.findLastIndex((each) => each.kind === 'reading' && each.reading.id === entry.undone);
    if (at !== -1) stand.push(...stand.splice(at).filter((each, index) => index > 0 && each.kind === 'reading'));
  }
  return stand;
}

/** The figures of a state file that says so much is used, when nothing else is known. */
export function standingAt(used: number): Figures {
  return used === 0 ? NO_FIGURES : { state: editedStep(NO_STATE, { value: used, unit: 1 }).state };
}

/** The figures with another `used`, as a state file shows it that the ledger does not explain. */
export function showing(figures: Figures, used: number): Figures {
  const state = withUsed(figures.state, used);
  return state === figures.state ? figures : { ...figures, state };
}

/** The figures without the way back, as they are kept. */
export function figuresOf(state: State): Figures {
  return { state };
}

function undone(figures: Figures, id: string, used: number | undefined) {
  const target = stepOfReading(figures.steps, id);
  const before = figures.state.world.used;
  const touches: Touch[] = [];
  const again: FigureEntry[] = [];
  for (let at = target && figures.steps; at && at !== target; at = at.older) {
    touches.push(...reverted(at.touches));
    // Edits since then fall with it: `used` is the figure before the reading.
    if (at.entry.kind !== 'reading') continue;
    again.unshift(at.entry);
    touches.push(gone(at.entry.reading, at.counted));
  }
  let after: Figures = target ? { state: target.before, ...(target.older && { steps: target.older }) } : figures;
  if (target) touches.push(...reverted(target.touches));
  for (const entry of again) {
    const { used: _, ...decided } = entry as FigureEntry & { kind: 'reading' };
    const { figures: next, outcome } = foldEntry(after, decided);
    after = next;
    const { id: own, atMs } = decided.reading;
    touches.push({ id: own, atMs, from: 0, to: outcome.counted }, ...next.steps!.touches);
  }
  const state = withUsed(after.state, used);
  const net = netTouches(touches).filter((touch) => touch.id !== id);
  return {
    figures: { ...after, state },
    outcome: outcomeOf({ counted: 0, setAside: 0, flags: {}, touches: net }, before, state.world.used),
  };
}

function gone({ id, atMs }: FigureReading, counted: number): Touch {
  return { id, atMs, from: counted, to: 0 };
}

/** The ledger's own word on what is used; the lines follow from the readings alone. */
function withUsed(state: State, used: number | undefined): State {
  if (used === undefined || used === state.world.used) return state;
  const world: World = { ...state.world, used };
  return { ...state, world };
}

function stepOfReading(steps: Steps | undefined, id: string): Steps | undefined {
  for (let at = steps; at; at = at.older) if (at.entry.kind === 'reading' && at.entry.reading.id === id) return at;
  return undefined;
}

function withStep(older: Steps | undefined, before: State, entry: FigureEntry, { counted, touches }: Step): Steps {
  const steps = { before, entry, counted, touches, older, size: (older?.size ?? 0) + 1 };
  if (steps.size < 2 * LEAST_STEPS) return steps;
  const kept: Steps[] = [];
  for (let at: Steps | undefined = steps; at && kept.length < LEAST_STEPS; at = at.older) kept.push(at);
  return kept.reduceRight<Steps | undefined>(
    (rest, step) => ({ ...step, older: rest, size: (rest?.size ?? 0) + 1 }),
    undefined,
  )!;
}
