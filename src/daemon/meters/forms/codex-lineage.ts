import type { Link } from '../observation.ts';

/**
 * The links between conversations as far as they are known. The order in which they were learnt makes no difference. They
 * are to be kept for good, longer than the files that told them: a link that is forgotten moves a root back, and what the
 * forks repeat would be counted once more.
 */
export class Lineage {
  readonly #parents = new Map<string, string>();

  constructor(links: Iterable<Link> = []) {
    for (const link of links) this.learn(link);
  }

  /** Whether something new was learnt. Of two parents of one child, which only a forged file tells, the smaller id stands. */
  learn({ child, parent }: Link): boolean {
    const before = this.#parents.get(child);
    if (child === parent || (before !== undefined && before <= parent)) return false;
    this.#parents.set(child, parent);
    return true;
  }

  /** The conversation from which this one descends: the oldest ancestor that is named, read or not. Ends in circles, too. */
  rootOf(conversation: string): string {
    const passed = new Set<string>();
    let root = conversation;
    for (let next: string | undefined = root; next !== undefined; next = this.#parents.get(root)) {
      if (passed.has(next)) return this.#smallestOfCircle(next);
      passed.add(next);
      root = next;
    }
    return root;
  }

  #smallestOfCircle(start: string): string {
    let smallest = start;
    for (let next = this.#parents.get(start)!; next !== start; next = this.#parents.get(next)!) {
      if (next < smallest) smallest = next;
    }
    return smallest;
  }
}
