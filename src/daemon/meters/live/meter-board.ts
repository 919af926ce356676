import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Meter, MeterSource, NotificationParams } from '../../../protocol/methods.ts';

/** What changed, as subscribers are told. */
export type MetersChange = NotificationParams<'meters.changed'>;

export interface BoardOptions {
  readonly tell: (change: MetersChange) => void;
  readonly now?: () => number;
}

/** A meter is told at most four times a second (SPEC §10). */
const PACE_MS = 250;

/** As many as are told of each gauge (SPEC §10). */
const MOST_GAUGES = 50;

interface Entry {
  meter: Meter;
  /** Of the change by which it was told last; those that wait have none yet. */
  seq: number | undefined;
}

/**
 * The meters as they stand, and who is told of them: the last value of a meter goes out, at most four times a second, and every
 * change in the order of its number. Numbers begin at the time of the start, so that those of an earlier run are all smaller.
 */
export class MeterBoard {
  readonly #tell: (change: MetersChange) => void;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  /** When each meter, by its name, was told last. */
  readonly #toldMs = new Map<string, number>();
  readonly #waiting = new Set<string>();
  #sources: readonly MeterSource[] = [];
  #areSourcesWaiting = false;
  #timer: NodeJS.Timeout | undefined;
  #seq: number;
  readonly epoch = randomUUID();

  constructor({ tell, now = Date.now }: BoardOptions) {
    this.#tell = tell;
    this.#now = now;
    this.#seq = now();
  }

  get seq(): number {
    return this.#seq;
  }

  get sources(): readonly MeterSource[] {
    return this.#sources;
  }

  /** Every meter, or those that changed after a number that this run gave. */
  meters(sinceSeq?: number): Meter[] {
    const nowMs = this.#now();
    const isKnown = sinceSeq !== undefined && sinceSeq <= this.#seq;
    return [...this.#entries.values()]
      .filter(({ seq }) => !isKnown || seq === undefined || seq > sinceSeq)
      .map(({ meter }) => agedAt(meter, nowMs))
      .sort(inOrder);
  }

  /** Takes meters in; those that were told a moment ago wait for their turn. */
  take(meters: readonly Meter[]): void {
    for (const meter of meters) {
      const key = keyOf(meter);
      // A process that starts tells all that it knows.
      if (isDeepStrictEqual(this.#entries.get(key)?.meter, meter)) continue;
      this.#entries.set(key, { meter, seq: undefined });
      this.#waiting.add(key);
    }
    this.#dropOld(meters);
    this.#tellDue();
  }

  takeSources(sources: readonly MeterSource[]): void {
    if (isDeepStrictEqual(sources, this.#sources)) return;
    this.#sources = sources;
    this.#areSourcesWaiting = true;
    this.#tellDue();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** The gauges of a meter that was written long ago give way to newer ones. */
  #dropOld(taken: readonly Meter[]): void {
    for (const name of new Set(taken.filter(({ kind }) => kind === 'gauge').map(({ meter }) => meter))) {
      const gauges = [...this.#entries].filter(([, { meter }]) => meter.kind === 'gauge' && meter.meter === name);
      if (gauges.length <= MOST_GAUGES) continue;
      gauges.sort(([, one], [, other]) => inOrder(one.meter, other.meter));
      for (const [key] of gauges.slice(MOST_GAUGES)) {
        this.#entries.delete(key);
        this.#waiting.delete(key);
      }
    }
  }

  #tellDue(): void {
    const nowMs = this.#now();
    const due = [...this.#waiting].filter((key) => this.#dueMs(key, nowMs) <= nowMs);
    if (due.length > 0 || this.#areSourcesWaiting) this.#tellOf(due, nowMs);
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    const nextMs = Math.min(...[...this.#waiting].map((key) => this.#dueMs(key, nowMs)));
    this.#timer = setTimeout(() => this.#tellDue(), Math.max(1, nextMs - nowMs)).unref();
  }

  #dueMs(key: string, nowMs: number): number {
    const toldMs = this.#toldMs.get(this.#entries.get(key)!.meter.meter);
    // A clock that was set back makes nobody wait.
    return toldMs === undefined || toldMs > nowMs ? nowMs : toldMs + PACE_MS;
  }

  #tellOf(keys: readonly string[], nowMs: number): void {
    this.#seq += 1;
    const meters = keys.map((key) => {
      const entry = this.#entries.get(key)!;
      entry.seq = this.#seq;
      this.#waiting.delete(key);
      return entry.meter;
    });
    for (const { meter } of meters) this.#toldMs.set(meter, nowMs);
    const change: MetersChange = {
      epoch: this.epoch,
      seq: this.#seq,
      meters: meters.map((meter) => agedAt(meter, nowMs)).sort(inOrder),
      ...(this.#areSourcesWaiting && { sources: [...this.#sources] }),
    };
    this.#areSourcesWaiting = false;
    this.#tell(change);
  }
}

function keyOf(meter: Meter): string {
  return meter.kind === 'gauge' ? `${meter.meter}\n${meter.conversation}` : meter.meter;
}

/** A window whose reset is past is told as such, whenever it was read. */
function agedAt(meter: Meter, nowMs: number): Meter {
  return meter.kind === 'window' && Date.parse(meter.resets_at) <= nowMs ? { ...meter, expired: true } : meter;
}

const KINDS = ['counter', 'window', 'gauge'];

/** Counters, windows, gauges; each by name, the conversation written last first. */
function inOrder(one: Meter, other: Meter): number {
  return (
    KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
    (one.meter < other.meter ? -1 : one.meter > other.meter ? 1 : 0) ||
    (one.observed_at < other.observed_at ? 1 : one.observed_at > other.observed_at ? -1 : 0)
  );
}
