/** Texts that occur again and again, each held once under a number from 0 on. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  /** All texts by their numbers. */
  get texts(): readonly string[] {
    return this.#texts;
  }

  get length(): number {
    return this.#texts.length;
  }

  /** The number of a text, a new one when it was not seen before. */
  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  /** The text under a number that `numberOf` gave. */
  textOf(number: number): string {
    return this.#texts[number]!;
  }
}
