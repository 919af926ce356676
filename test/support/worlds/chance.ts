import { randomOf } from '../random.ts';

/** Chance that a seed decides. */
export class Chance {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = randomOf(seed);
  }

  happens(share: number): boolean {
    return this.#next() < share;
  }

  between(low: number, high: number): number {
    return low + this.#next() * (high - low);
  }

  whole(low: number, high: number): number {
    return Math.floor(this.between(low, high + 1));
  }

  /** A random wait of the given mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.#next());
  }

  /** Mostly near the median, now and then far above; `spread` is the deviation of its logarithm. */
  lognormal(median: number, spread: number): number {
    const angle = 2 * Math.PI * this.#next();
    return median * Math.exp(spread * Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(angle));
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#next() * items.length)]!;
  }
}
