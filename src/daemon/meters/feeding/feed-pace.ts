import type { World } from '../../rules/figures/world.ts';
import type { Snapshot } from '../../rules/snapshot.ts';
import type { OutboxRow } from '../store/outbox.ts';

/** At most one session in this time for each conversation of a meter (SPEC §10). */
export const PACE_MS = 60_000;

/** What decides when the budget is told. */
export interface FeedNow {
  readonly nowMs: number;
  /** True where the budget adds up. */
  readonly adds: boolean;
  /** In percent. */
  readonly thresholds: readonly number[];
  readonly snapshot: Pick<Snapshot, 'used' | 'total'>;
  readonly shown: World['shown'];
}

/** Remembers when each conversation of a meter was recorded last. */
export class FeedPace {
  readonly #toldMs = new Map<string, number>();
  #last: string | undefined;

  note(row: OutboxRow, nowMs: number): void {
    this.#last = keyOf(row);
    this.#toldMs.set(this.#last, nowMs);
  }

  /** When a row is to be recorded: what was handed out, what crosses a threshold and what was not told for a minute at once. */
  dueMs(row: OutboxRow, now: FeedNow): number {
    const { nowMs } = now;
    const toldMs = this.#toldMs.get(keyOf(row));
    // A clock that was set back makes nobody wait.
    if (row.isHandedOut || toldMs === undefined || toldMs > nowMs || crosses(row, now)) return nowMs;
    return toldMs + PACE_MS;
  }

  /** The rows to be recorded now: with one of another conversation than the last all that wait. */
  due(rows: readonly OutboxRow[], now: FeedNow): readonly OutboxRow[] {
    const due = rows.filter((row) => this.dueMs(row, now) <= now.nowMs);
    for (const [key, toldMs] of this.#toldMs) if (now.nowMs - toldMs > PACE_MS) this.#toldMs.delete(key);
    return due.some((row) => keyOf(row) !== this.#last) ? rows : due;
  }
}

/**
 * In the order of recording: the conversation that was written last goes first, because where the one that is shown has
 * fallen silent it is the one to be shown; each by itself in the order of its rows.
 */
export function inOrder(rows: readonly OutboxRow[]): OutboxRow[] {
  const lastMs = new Map<string, number>();
  for (const row of rows) lastMs.set(keyOf(row), Math.max(row.atMs, lastMs.get(keyOf(row)) ?? row.atMs));
  return rows.toSorted((one, other) => lastMs.get(keyOf(other))! - lastMs.get(keyOf(one))! || one.seq - other.seq);
}

/** True where the conversation that is shown has been silent, so that another one, written later, takes its place. */
export function isSilent(shown: NonNullable<World['shown']>, nowMs: number): boolean {
  return nowMs - shown.atMs >= PACE_MS;
}

function crosses(row: OutboxRow, { adds, thresholds, snapshot: { used, total }, shown, nowMs }: FeedNow): boolean {
  const isShown = !shown || shown.conversation === row.conversation || isSilent(shown, nowMs);
  const after = adds || row.used === undefined ? used + row.tokens : isShown ? row.used : used;
  return thresholds.some((level) => used * 100 < level * total && after * 100 >= level * total);
}

function keyOf({ meter, conversation = '' }: OutboxRow): string {
  return `${meter} ${conversation}`;
}
