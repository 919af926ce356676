import type { Tool } from '../../../protocol/meters.ts';
import type { MeterSource } from '../../../protocol/methods.ts';
import type { ToolRoot } from '../files/tool-roots.ts';
import type { SourceStanding } from '../reader/reader-words.ts';

/** What is known of the sources. */
export interface Known {
  /** The tools that can be read by now. */
  readonly tools: readonly Tool[];
  /** Those that the settings name. */
  readonly wanted: readonly Tool[];
  readonly present: readonly ToolRoot[];
  readonly standings: readonly SourceStanding[];
  /** When each wrote last while we watched. */
  readonly wroteMs: ReadonlyMap<Tool, number>;
  readonly nowMs: number;
}

/** How long a source is called live after it has written. */
export const LIVE_MS = 60_000;

/** How every source stands. */
export function sourceStates(known: Known): MeterSource[] {
  return known.tools.map((name) => stateOf(name, known));
}

function stateOf(name: Tool, { wanted, present, standings, wroteMs, nowMs }: Known): MeterSource {
  if (!wanted.includes(name)) return { name, state: 'off' };
  const roots = present.filter(({ tool }) => tool === name);
  if (roots.length === 0) return { name, state: 'absent' };
  const places = roots.map(({ path }) => path);
  const standing = standings.find(({ tool }) => tool === name);
  if (standing?.state === 'degraded') {
    const { reason, hint, sinceMs } = standing;
    return {
      ...{ name, state: 'degraded' },
      ...(reason && { reason }),
      ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
      ...(hint && { hint }),
      places,
    };
  }
  if (!standing || standing.state === 'reading') return { name, state: 'reading', places };
  const wrote = wroteMs.get(name);
  return { name, state: wrote !== undefined && nowMs - wrote < LIVE_MS ? 'live' : 'idle', places };
}
