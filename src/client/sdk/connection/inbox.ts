/** A queue for one reader, which keeps items until they are read and lets the reader wait for more until it is closed. */
export class Inbox<T> {
  readonly #waiting: T[] = [];
  #wake: (() => void) | undefined;
  #isClosed = false;

  put(item: T): void {
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** Items that have arrived can still be read. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      // Taken as a whole, because taking the first of many one by one is quadratic.
      for (const item of this.#waiting.splice(0)) yield item;
      if (this.#waiting.length > 0) continue;
      if (this.#isClosed) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
