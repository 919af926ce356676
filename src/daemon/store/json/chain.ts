interface Link<T> {
  readonly value: T;
  /** The place in the original list that it stands before. */
  readonly slot: number;
  before: Link<T> | undefined;
  next: Link<T> | undefined;
}

/** A list into which more is put beside what is there, found by its key: each in constant time, however long the list. */
export class Chain<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  /** The first item of each key. */
  readonly #byKey = new Map<string, Link<T>>();

  constructor(entries: Iterable<readonly [key: string, value: T]>) {
    let slot = 0;
    for (const [key, value] of entries) {
      const link = this.#link(value, slot++, undefined);
      if (!this.#byKey.has(key)) this.#byKey.set(key, link);
    }
  }

  /** Puts an item before the first with the key `before`, on top where there is none, or at the end for `null`. */
  add(key: string, value: T, before: string | null): void {
    const next = before === null ? undefined : (this.#byKey.get(before) ?? this.#first);
    const slot = before === null ? Number.POSITIVE_INFINITY : (this.#byKey.get(before)?.slot ?? -1);
    const link = this.#link(value, slot, next);
    const known = this.#byKey.get(key);
    if (!known || slot <= known.slot) this.#byKey.set(key, link);
  }

  /** The first items, in their order. */
  first(most: number): T[] {
    const values: T[] = [];
    for (let link = this.#first; link && values.length < most; link = link.next) values.push(link.value);
    return values;
  }

  #link(value: T, slot: number, next: Link<T> | undefined): Link<T> {
    const link: Link<T> = { value, slot, before: next ? next.before : this.#last, next };
    if (link.before) link.before.next = link;
    else this.#first = link;
    if (next) next.before = link;
    else this.#last = link;
    return link;
  }
}
