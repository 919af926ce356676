/** How long somebody waits for what is looked for; it may end before its time. */
export interface Patience {
  readonly isOver: () => boolean;
  /** How much of it is left, in milliseconds; `undefined` for one without an end. */
  readonly leftMs: () => number | undefined;
  /** Called at once where it ended before its time, or when it does. */
  onEnd: (hurry: () => void) => void;
}

/**
 * The searches of each connection that tell how far they came. Who types goes on typing: a later search ends the patience of
 * the earlier one, which answers what it has, so that the later is not kept waiting.
 */
export class Searches {
  readonly #last = new WeakMap<AbortSignal, () => void>();

  /** The patience of a question that came by the connection with this signal. */
  begin(
    asked: { readonly query?: string | undefined; readonly patience_ms?: number | undefined },
    signal: AbortSignal | undefined,
  ): Patience {
    const { query, patience_ms } = asked;
    const endsMs = performance.now() + (patience_ms ?? Number.POSITIVE_INFINITY);
    let isEnded = false;
    let hurry: () => void = () => undefined;
    if (signal && query !== undefined && patience_ms !== undefined) {
      this.#last.get(signal)?.();
      this.#last.set(signal, () => {
        isEnded = true;
        hurry();
      });
    }
    return {
      isOver: () => isEnded || performance.now() > endsMs,
      leftMs: () => (patience_ms === undefined ? undefined : Math.max(0, endsMs - performance.now())),
      onEnd: (tell) => {
        hurry = tell;
        if (isEnded) tell();
      },
    };
  }
}
