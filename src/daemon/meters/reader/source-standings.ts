import type { Tool } from '../../../protocol/meters.ts';
import type { Outcome } from '../forms/finding.ts';
import type { Misread } from '../store/batch.ts';
import { misreadTrouble } from './reader-text.ts';
import type { SourceStanding } from './reader-words.ts';
import type { Trouble } from './tool-reader.ts';

/** So many lines that should have counted and were not understood, one after another: the form has changed (METERS §2). */
export const MOST_MISREAD = 20;

interface Since extends Trouble {
  readonly sinceMs: number;
}

/** How each source stands: whether its past is read, and what is wrong with it. */
export class SourceStandings {
  readonly #misreads = new Map<string, Misread>();
  readonly #changed = new Set<string>();
  /** By tool and place. */
  readonly #troubles = new Map<Tool, Map<string, Since>>();
  readonly #now: () => number;

  constructor(misreads: readonly Misread[], now: () => number) {
    this.#now = now;
    for (const misread of misreads) this.#misreads.set(misread.source, misread);
  }

  /** Takes what became of a line that might have counted. */
  hear({ tool, path }: { readonly tool: Tool; readonly path: string }, outcome: Outcome): void {
    if (outcome === 'nothing') return;
    const known = this.#misreads.get(tool);
    if (outcome === 'counted') {
      if (!known) return;
      this.#misreads.delete(tool);
    } else {
      const lines = Math.min((known?.lines ?? 0) + 1, MOST_MISREAD);
      if (known?.lines === lines) return;
      this.#misreads.set(tool, { source: tool, lines, path, sinceMs: known?.sinceMs ?? this.#now() });
    }
    this.#changed.add(tool);
  }

  /** Something at a place of a tool cannot be read; without a trouble it can. */
  at(tool: Tool, place: string, trouble?: Trouble): void {
    const places = this.#troubles.get(tool) ?? new Map<string, Since>();
    this.#troubles.set(tool, places);
    if (!trouble) places.delete(place);
    else if (!places.has(place)) places.set(place, { ...trouble, sinceMs: this.#now() });
  }

  /** Places of a tool that could not be read. */
  troubled(): { readonly tool: Tool; readonly path: string }[] {
    return [...this.#troubles].flatMap(([tool, places]) => [...places.keys()].map((path) => ({ tool, path })));
  }

  /** Runs of misread lines that changed since the last time. */
  takeMisreads(): Misread[] {
    const changed = [...this.#changed].map(
      (source) => this.#misreads.get(source) ?? { source, lines: 0, path: '', sinceMs: 0 },
    );
    this.#changed.clear();
    return changed;
  }

  /** The standings of tools, of which some are still being read. */
  of(tools: readonly Tool[], reading: ReadonlySet<Tool>): SourceStanding[] {
    return tools.map((tool) => {
      const trouble = this.#troubleOf(tool);
      if (!trouble) return { tool, state: reading.has(tool) ? 'reading' : 'read' };
      const { text, hint, sinceMs } = trouble;
      return { tool, state: 'degraded', reason: text, hint, sinceMs };
    });
  }

  #troubleOf(tool: Tool): Since | undefined {
    const [first] = this.#troubles.get(tool)?.values() ?? [];
    if (first) return first;
    const misread = this.#misreads.get(tool);
    if (!misread || misread.lines < MOST_MISREAD) return undefined;
    return { ...misreadTrouble(tool, misread.path), sinceMs: misread.sinceMs };
  }
}
