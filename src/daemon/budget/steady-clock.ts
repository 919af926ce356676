/** A jump of the clock; it is set right little by little otherwise. */
const JUMP_MS = 1_000;

/** A clock that has not jumped for so long is believed (SPEC §3: a reset is written when clock and running time agree for a minute). */
const BELIEVED_MS = 60_000;

/** Tells whether the clock can be believed: it may be wrong after a start, and jumps when a machine wakes, or is set. */
export class SteadyClock {
  #lastMs: number;
  #lastRunMs: number;
  #steadyFromMs: number;

  /** `runMs` is the time that the process has run, which nobody sets. */
  constructor(nowMs: number, runMs: number) {
    this.#lastMs = nowMs;
    this.#lastRunMs = runMs;
    this.#steadyFromMs = runMs;
  }

  /** To be called at least once a minute; true when the clock has not jumped for that long. */
  isSteady(nowMs: number, runMs: number): boolean {
    const jump = nowMs - this.#lastMs - (runMs - this.#lastRunMs);
    if (Math.abs(jump) > JUMP_MS) this.#steadyFromMs = runMs;
    this.#lastMs = nowMs;
    this.#lastRunMs = runMs;
    return runMs - this.#steadyFromMs >= BELIEVED_MS;
  }
}
