import type { UsageAt } from './pace.ts';

/** Sessions as the ledger's index holds them, by ordinal. */
export interface CountedSessions {
  readonly length: number;
  /** The session's own time. */
  atMs(ordinal: number): number;
  isUndone(ordinal: number): boolean;
  /** Its count by now: whole, never below 0. */
  countedOf(ordinal: number): number;
  /** How far it moved `used` without consumption. */
  setAsideOf(ordinal: number): number;
}

/** The consumption of one session; 0 shows that the time was watched. */
export interface Consumed extends UsageAt {
  readonly ordinal: number;
  /** How far it moved `used` without consumption at that time: a first figure, a correction. */
  readonly setAside: number;
}

/**
 * Consumption (SPEC §3): what each session counts that was not undone, at its time, from one instant up to before another;
 * `timeOf` tells it where the clock was wrong. Every sum, bar, pace and forecast is made of this and of nothing else.
 */
export function* consumptionOf(
  sessions: CountedSessions,
  sinceMs = Number.NEGATIVE_INFINITY,
  untilMs = Number.POSITIVE_INFINITY,
  timeOf = (ordinal: number) => sessions.atMs(ordinal),
): Generator<Consumed> {
  for (let ordinal = 0; ordinal < sessions.length; ordinal++) {
    const atMs = timeOf(ordinal);
    if (atMs < sinceMs || atMs >= untilMs || sessions.isUndone(ordinal)) continue;
    yield { ordinal, atMs, tokens: sessions.countedOf(ordinal), setAside: sessions.setAsideOf(ordinal) };
  }
}
