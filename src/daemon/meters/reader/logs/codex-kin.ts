import { Lineage } from '../../forms/codex-lineage.ts';
import { type CodexState, isMisrooted } from '../../forms/codex-rollout.ts';
import type { Link } from '../../observation.ts';

/** What is known of the conversations of Codex: who descends from whom, and under which root each of their files was counted. */
export class CodexKin {
  readonly lineage: Lineage;
  readonly #states = new Map<string, CodexState>();
  readonly #told = new Set<string>();
  #unsaved: Link[] = [];
  #isToCheck = true;

  constructor(links: readonly Link[]) {
    this.lineage = new Lineage(links);
    for (const link of links) this.#told.add(keyOf(link));
  }

  learn(link: Link): void {
    const key = keyOf(link);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#unsaved.push(link);
    this.#isToCheck = true;
  }

  /** Where a file has been read to. */
  stands(path: string, state: CodexState): void {
    this.#states.set(path, state);
  }

  forget(path: string): void {
    this.#states.delete(path);
  }

  /** Files that were counted under a root which is none any more, each time that a link became known. */
  misrooted(): string[] {
    if (!this.#isToCheck) return [];
    this.#isToCheck = false;
    return [...this.#states].flatMap(([path, state]) => (isMisrooted(state, this.lineage) ? [path] : []));
  }

  /** Links that are to be saved, whatever is saved next: a root that follows from them may be in it. */
  takeUnsaved(): Link[] {
    const links = this.#unsaved;
    this.#unsaved = [];
    return links;
  }
}

function keyOf({ child, parent }: Link): string {
  return `${child}\n${parent}`;
}
