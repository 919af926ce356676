/** A jump of the clock; it is set right little by little otherwise, and some systems tell the time since they started in whole seconds. */
const JUMP_MS = 2_000;

/** A clock that has not jumped for so long is believed (SPEC §3: a reset is written when clock and running time agree for a minute). */
const BELIEVED_MS = 60_000;

/** A clock that has run evenly for so long is no more one that somebody is about to set right. */
const PROVEN_MS = 3_600_000;

/**
 * How far the clock can be believed: `new` while it has not been watched for long, `jumped` for a minute after it was set;
 * `steady` after a minute, and `proven` after an hour.
 */
export type Trust = 'jumped' | 'new' | 'steady' | 'proven';

/** Tells whether the clock can be believed: it may be wrong after a start, and jumps when somebody sets it. */
export class SteadyClock {
  #lastMs: number;
  #lastRunMs: number;
  #steadyFromMs: number;
  #hasJumped = false;

  /** `runMs` is a time that nobody sets, and that goes on while the machine sleeps: a machine that wakes has no other clock than before. */
  constructor(nowMs: number, runMs: number) {
    this.#lastMs = nowMs;
    this.#lastRunMs = runMs;
    this.#steadyFromMs = runMs;
  }

  trust(nowMs: number, runMs: number): Trust {
    const jump = nowMs - this.#lastMs - (runMs - this.#lastRunMs);
    if (Math.abs(jump) > JUMP_MS) {
      this.#steadyFromMs = runMs;
      this.#hasJumped = true;
    }
    this.#lastMs = nowMs;
    this.#lastRunMs = runMs;
    const steadyMs = runMs - this.#steadyFromMs;
    if (steadyMs < BELIEVED_MS) return this.#hasJumped ? 'jumped' : 'new';
    return steadyMs < PROVEN_MS ? 'steady' : 'proven';
  }
}
