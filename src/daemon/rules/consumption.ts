/** Sessions in columns, by ordinal. */
export interface CountedSessions {
  readonly length: number;
  /** The time as far as it is believed; NaN of what was undone. */
  readonly toldMs: Float64Array;
  /** The count by now: whole, never below 0; 0 shows that the time was watched. */
  readonly counted: Float64Array;
  /** How far it moved `used` without consumption at that time: a first figure, a correction. */
  readonly setAside: Float64Array;
  /** Twice the number of the conversation, and 1 more where the time was named. */
  readonly conversation: Float64Array;
}

/** From one instant up to before another, as it is told now. */
export interface Stretch {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly nowMs: number;
}

/** Is handed the consumption of one session. */
export type TakeConsumed = (atMs: number, tokens: number, setAside: number, conversation: number) => void;

/**
 * Consumption (SPEC §3): what each session counts that was not undone, at its time, which lies ahead only where it was
 * named. Every sum, bar, pace and forecast is made of this and of nothing else.
 */
export function eachConsumed(
  sessions: CountedSessions,
  { sinceMs, untilMs, nowMs }: Stretch,
  take: TakeConsumed,
): void {
  const { length, toldMs, counted, setAside, conversation } = sessions;
  for (let place = 0; place < length; place++) {
    const told = toldMs[place]!;
    const named = conversation[place]!;
    const atMs = told > nowMs && named % 2 === 0 ? nowMs : told;
    // What was undone is neither before nor behind anything.
    if (atMs >= sinceMs && atMs < untilMs) take(atMs, counted[place]!, setAside[place]!, Math.floor(named / 2));
  }
}
