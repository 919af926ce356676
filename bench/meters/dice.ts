import { chanceOf } from '../usage-histories.ts';

/** Text that stands in conversations, and must stand in no file, frame or log of ours. */
export const CONTENT_CANARY = 'CANARY-said-in-private-7f3c91';

/** A token that stands where the user's own credentials are, and must be read by nobody. */
export const TOKEN_CANARY = 'CANARY-access-token-d05e48';

const SYLLABLES = ['ar', 'be', 'co', 'du', 'el', 'fi', 'go', 'ha', 'in', 'jo', '构', '建', 'é', '"', '\\', '\n', ' '];

/** Chance that a seed decides, in the forms that generators ask for. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = chanceOf(seed).next;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** True in that part of all cases. */
  hits(part: number): boolean {
    return this.#next() < part;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.int(0, items.length - 1)]!;
  }

  hex(length: number): string {
    return Array.from({ length }, () => this.int(0, 15).toString(16)).join('');
  }

  uuid(): string {
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-8${this.hex(3)}-${this.hex(12)}`;
  }

  /** What somebody might have said, with the canary in it; the length is in characters, more or less. */
  speech(length: number): string {
    let text = `${CONTENT_CANARY} `;
    const part = Array.from({ length: 40 }, () => this.pick(SYLLABLES)).join('');
    while (text.length < length) text += part;
    return text;
  }
}
