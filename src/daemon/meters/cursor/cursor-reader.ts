import { type FileLook, isSameFile, lookOf, reachable, writtenMsOf } from '../files/file-look.ts';
import type { Outcome } from '../forms/finding.ts';
import type { GaugeSeen } from '../observation.ts';
import type { SourceStanding } from '../reader/reader-words.ts';
import { ConversationRows } from './conversation-rows.ts';
import { type CursorSight, type Seen, seeConversations } from './cursor-sight.ts';
import { type CursorFault, cursorWords } from './cursor-words.ts';
import { CannotRead, readForeign } from './foreign-database.ts';

/** A database of Cursor's. */
export interface CursorPlace {
  readonly path: string;
  /** SQLite shares memory between processes, which no network carries. */
  readonly isWsl: boolean;
}

/** What is to be kept between looks; plain, so that JSON carries it unchanged. */
export interface CursorState {
  /** The file that was seen, and how far. */
  readonly known?: { readonly file: FileLook; readonly sight: CursorSight };
  /** Conversations since the last that told figures, in which figures should be and are not understood. */
  readonly misread?: { readonly rows: number; readonly sinceMs: number };
  readonly trouble?: Trouble;
}

interface Trouble {
  readonly fault: CursorFault;
  readonly detail: string;
  readonly sinceMs: number;
  /** Whether it is to be told: what may pass by itself is so after a while. */
  readonly isLasting: boolean;
}

export interface CursorLook {
  /** Oldest first; to be saved together with `state`. */
  readonly observations: readonly GaugeSeen[];
  /** For the next look; `undefined` where no database is any more. */
  readonly state: CursorState | undefined;
  readonly standing: SourceStanding;
  /** There where a look is worth it after so long, though no signal may come. */
  readonly againMs?: number;
}

/** A lock, a write or a start of Cursor is over by then. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 500;
const MOST_MISREAD = 20;

/**
 * Reads what was written to Cursor's database since `state`. Nothing is kept open, made or written, and no table but
 * `cursorDiskKV` is asked. Never throws for what is wrong with the database.
 */
export function lookAtCursor({ path, isWsl }: CursorPlace, state: CursorState | undefined, nowMs: number): CursorLook {
  if (isWsl) return told(path, [], troubled(state, new CannotRead('wsl', 'WSL'), nowMs), nowMs);
  const found = reachable(path);
  if (!found) return { observations: [], state: undefined, standing: { tool: 'cursor', state: 'read' } };
  const file = lookOf(found);
  const last = state?.known && isSameFile(state.known.file, file) ? state.known.sight : undefined;
  try {
    const writtenMs = Math.max(writtenMsOf(file), writtenAt(`${path}-wal`));
    const seen = readForeign(path, (database) =>
      seeConversations(new ConversationRows(database), last, { nowMs, writtenMs }),
    );
    return told(path, seen.gauges, understood(state, file, seen, nowMs), nowMs);
  } catch (error) {
    if (error instanceof CannotRead) return told(path, [], troubled(state, error, nowMs), nowMs);
    throw error;
  }
}

function writtenAt(path: string): number {
  const stat = reachable(path);
  return stat ? writtenMsOf(lookOf(stat)) : 0;
}

function understood(
  state: CursorState | undefined,
  file: FileLook,
  { sight, outcomes }: Seen,
  nowMs: number,
): CursorState {
  const rows = misreadIn(outcomes, state?.misread?.rows ?? 0);
  const misread = rows > 0 && { rows, sinceMs: rows >= MOST_MISREAD ? (lastMisread(state) ?? nowMs) : nowMs };
  return { known: { file, sight }, ...(misread && { misread }) };
}

function misreadIn(outcomes: readonly Outcome[], before: number): number {
  return outcomes.reduce(
    (rows, outcome) => (outcome === 'counted' ? 0 : rows + Number(outcome === 'not_understood')),
    before,
  );
}

/** Since when it is told that nothing is understood. */
function lastMisread(state: CursorState | undefined): number | undefined {
  return state?.misread && state.misread.rows >= MOST_MISREAD ? state.misread.sinceMs : undefined;
}

function troubled(state: CursorState | undefined, { fault, detail }: CannotRead, nowMs: number): CursorState {
  const { sinceMs, isLasting } = state?.trouble ?? { sinceMs: nowMs, isLasting: false };
  const isPlain = fault === 'schema' || fault === 'wsl' || nowMs - sinceMs >= PATIENCE_MS;
  return { ...state, trouble: { fault, detail, sinceMs, isLasting: isLasting || isPlain } };
}

function told(path: string, observations: readonly GaugeSeen[], state: CursorState, nowMs: number): CursorLook {
  const { trouble } = state;
  const isPassing = trouble && !trouble.isLasting;
  return {
    ...{ observations, state, standing: standingOf(path, state) },
    ...(isPassing && { againMs: Math.min(AGAIN_MS, Math.max(0, trouble.sinceMs + PATIENCE_MS - nowMs)) }),
  };
}

function standingOf(path: string, state: CursorState): SourceStanding {
  const { trouble } = state;
  if (trouble?.isLasting) return degraded(cursorWords(trouble.fault, path, trouble.detail), trouble.sinceMs);
  const sinceMs = lastMisread(state);
  if (sinceMs === undefined) return { tool: 'cursor', state: 'read' };
  return degraded(cursorWords('misread', path, String(state.misread!.rows)), sinceMs);
}

function degraded(words: ReturnType<typeof cursorWords>, sinceMs: number): SourceStanding {
  return { tool: 'cursor', state: 'degraded', ...words, sinceMs };
}
