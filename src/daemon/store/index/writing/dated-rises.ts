import type { LedgerChange, RecordedReading } from '../../../rules/change.ts';

/** An amount by which a change moved `used`, and the earlier time that it belongs to. */
export interface DatedRise {
  readonly fromMs: number;
  readonly tokens: number;
}

/**
 * What of a change belongs to an earlier time: the rise by a reading that names its own, and the fall by its undo. A fall
 * that was told late stays where it was told: before it, nobody had seen it. `before` is what stood before the change,
 * `datedMs` the time that the session with an id names, if it names one.
 */
export function datedRises(
  change: LedgerChange,
  before: number,
  datedMs: (id: string) => number | undefined,
): DatedRise[] {
  const committedMs = Date.parse(change.committed_at);
  return risesOf(change, before, datedMs).filter(({ fromMs }) => fromMs < committedMs);
}

function risesOf(change: LedgerChange, before: number, datedMs: (id: string) => number | undefined): DatedRise[] {
  switch (change.kind) {
    case 'reading':
      return riseOf(change.reading);
    case 'import':
      return change.readings.flatMap(riseOf);
    case 'undo': {
      const fromMs = change.used < before ? datedMs(change.undone) : undefined;
      return fromMs === undefined ? [] : [{ fromMs, tokens: change.used - before }];
    }
    case 'edit': {
      const rises = change.sessions.added.flatMap(({ json, at, restored }) => (restored ? [] : writtenRise(json, at)));
      // What an edit moved otherwise has no time of its own.
      const sum = rises.reduce((tokens, rise) => tokens + rise.tokens, 0);
      return sum <= change.used - before ? rises : [];
    }
    case 'total':
      return [];
  }
}

function riseOf({ dated, at, used, before }: RecordedReading): DatedRise[] {
  return dated && used > before ? [{ fromMs: Date.parse(at), tokens: used - before }] : [];
}

function writtenRise(json: string, at: string): DatedRise[] {
  const { tokens } = (JSON.parse(json) ?? {}) as { tokens?: unknown };
  return typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens > 0
    ? [{ fromMs: Date.parse(at), tokens }]
    : [];
}
