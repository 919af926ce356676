/** What somebody else has is asked for again after this. */
const AGAIN_MS = 50;

/** Nobody waits longer than this for somebody who may have forgotten it. */
const LONG_MS = 5_000;

/** Waits until another program gives the database free. */
export class LockWait {
  #ended: PromiseWithResolvers<void> | undefined;
  #long: PromiseWithResolvers<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sinceMs = 0;
  /** Does what was kept; false while it still cannot be done. */
  readonly #again: () => boolean;
  readonly #againMs: number;
  readonly #longMs: number;

  constructor(again: () => boolean, { againMs = AGAIN_MS, longMs = LONG_MS } = {}) {
    this.#again = again;
    this.#againMs = againMs;
    this.#longMs = longMs;
  }

  /** Settled when it is free; `undefined` while nobody has it. */
  get ended(): Promise<void> | undefined {
    return this.#ended?.promise;
  }

  /** Settled when it is free or has been kept for long; `undefined` while nobody has it, and once that is long. */
  get endedOrLong(): Promise<void> | undefined {
    return this.#long?.promise;
  }

  begin(): void {
    if (this.#ended) return;
    this.#ended = Promise.withResolvers();
    this.#long = Promise.withResolvers();
    this.#sinceMs = performance.now();
    this.#ask();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#long?.resolve();
    this.#ended?.resolve();
    this.#long = undefined;
    this.#ended = undefined;
  }

  #ask(): void {
    this.#timer = setTimeout(() => {
      if (this.#again()) return this.end();
      if (performance.now() - this.#sinceMs > this.#longMs) {
        this.#long?.resolve();
        this.#long = undefined;
      }
      this.#ask();
    }, this.#againMs);
  }
}
