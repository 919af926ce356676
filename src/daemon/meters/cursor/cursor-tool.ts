import { join } from 'node:path';
import type { GaugeSeen } from '../observation.ts';
import type { LookOrder } from '../reader/reader-words.ts';
import type { Looked, ToolReader } from '../reader/tool-reader.ts';
import type { ReadFile } from '../store/batch.ts';
import { type CursorState, lookAtCursor } from './cursor-reader.ts';
import { CURSOR_DATABASE } from './cursor-signal.ts';

/** Cursor commits up to seven times a second and most often changes no figure: what is the same is saved again this often. */
const SAME_MS = 1_000;

/** Cursor, as the process that reads meters looks at it. */
export class CursorTool implements ToolReader {
  readonly tool = 'cursor';
  readonly #states: Map<string, CursorState>;
  readonly #told = new Map<string, GaugeSeen>();

  constructor(kept: readonly ReadFile[]) {
    this.#states = new Map(kept.map(({ path, parser }) => [path, parser as CursorState]));
  }

  async look({ path: place, isFolder }: LookOrder): Promise<Looked> {
    const path = isFolder ? join(place, CURSOR_DATABASE) : place;
    const isWsl = path.startsWith('\\\\');
    const known = this.#states.get(path);
    const { observations, state, standing, againMs } = lookAtCursor({ path, isWsl }, known, Date.now());
    if (state) this.#states.set(path, state);
    else this.#states.delete(path);
    const fresh = observations.filter((seen) => this.#isNew(seen));
    const file = { path, source: this.tool, place: {}, parser: state };
    return {
      // What is not saved is found once more after a start.
      parts: state && (fresh.length > 0 || !known) ? [{ file, observations: fresh }] : [],
      ...(standing.state === 'degraded' && { trouble: { text: standing.reason!, hint: standing.hint! } }),
      ...(againMs !== undefined && { againMs }),
    };
  }

  #isNew(seen: GaugeSeen): boolean {
    const last = this.#told.get(seen.conversation);
    const isSame = last && last.used === seen.used && last.limit === seen.limit && last.model === seen.model;
    if (isSame && Math.abs(seen.atMs - last.atMs) < SAME_MS) return false;
    this.#told.set(seen.conversation, seen);
    return true;
  }
}
