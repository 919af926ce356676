import type { FigureReading } from './entry.ts';
import type { State, Step } from './state.ts';
import { fedAt, fits, isInReading, isOfPeriod, lineAt, NAMELESS, told, type World } from './world.ts';

/** The conversation that is shown stays until nothing is written in it for this long: background agents would make the figure flap (by simulation). */
const SILENT_MS = 60_000;

const NOTHING = { setAside: 0, flags: {}, touches: [] } as const;

/**
 * A gauge's value as its source told it: every rise counts. Where the budget does not add up, `used` is the value of the
 * conversation that is shown, which is then a counter without a name, so that a person goes on from there by hand.
 */
export function live({ world }: State, reading: FigureReading, committedMs: number, adds: true | undefined): Step {
  const { value, conversation_id: conversation, atMs, rises = 0 } = reading;
  if (isInReading(world, reading)) return { state: { world: fedAt(world, atMs) }, ...NOTHING, counted: rises };
  const isShown = isShownNow(world, reading, committedMs);
  const added = world.used + (isOfPeriod(world, atMs) ? rises : 0);
  const used = adds ? added : isShown ? value : world.used;
  const after: World = isShown
    ? { ...told(world, NAMELESS, { value, unit: 1, atMs }, used), shown: { conversation, atMs } }
    : { ...world, used };
  return { state: { world: fedAt(after, atMs) }, ...NOTHING, counted: rises };
}

/** Row 1: a figure that a person reads while a source feeds the budget. It sets `used`; its tokens are counted already. */
export function calibrated({ world }: State, reading: FigureReading, committedMs: number, adds?: true): Step {
  const { value, unit, atMs } = reading;
  // One that is dated ahead shows nothing that is yet to be used.
  const readMs = Math.min(atMs, committedMs);
  const after = { ...told(world, lineOf(world, reading), { value, unit, atMs }), readMs };
  return {
    state: { world: adds ? { ...after, setMs: atMs } : after },
    ...{ counted: 0, setAside: value - world.used },
    flags: { calibrated: true },
    touches: [],
  };
}

/** By the commit: one that wrote after the other fell silent is told with the time at which it wrote. */
function isShownNow({ shown }: World, { conversation_id, atMs }: FigureReading, committedMs: number): boolean {
  if (!shown) return true;
  const isSame = shown.conversation === conversation_id;
  return atMs >= shown.atMs && (isSame || committedMs - shown.atMs >= SILENT_MS);
}

/** Without a name the line told last, unless its counter has begun anew. */
function lineOf(world: World, { conversation_id, value, unit }: FigureReading): string {
  if (conversation_id !== '') return conversation_id;
  const { current = NAMELESS } = world;
  return fits(value, unit, lineAt(world, current)?.told) ? current : NAMELESS;
}
