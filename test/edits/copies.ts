import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseLoose, withoutSpaces } from './content.ts';
import type { EditModel, Kept } from './model.ts';
import type { Subject } from './subject.ts';

/** The copies that a daemon keeps beside the state file. */
export class Copies {
  readonly #subject: Subject;
  #known: ReadonlySet<string>;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#known = new Set(this.#names());
  }

  /** Whether each text that must be kept lies in a copy, whether a warning names the last of them in both languages, and whether there is no other. */
  async wrong({ kept, mayKeep }: Pick<EditModel, 'kept' | 'mayKeep'>, isForgotten: boolean): Promise<string[]> {
    const names = this.#names();
    // Of a figure that does not hold one copy is enough, however often a program saves it.
    const copiesOf = ({ text, isFigure }: Kept) =>
      names.filter((name) => {
        const copy = readFileSync(this.#path(name), 'utf8');
        return copy === text || (isFigure && usedIn(copy) === usedIn(text));
      });
    const lost = kept.filter((one) => copiesOf(one).length === 0);
    if (lost.length > 0) return lost.map(({ text }) => `no copy is kept of ${text.slice(0, 300)}`);
    const fresh = names.filter((name) => !this.#known.has(name));
    const due = new Set([...kept.map(({ text }) => text), ...mayKeep].map(withoutSpaces));
    // Nobody has seen the contents of the file in between.
    const isDue = (name: string) => due.has('') || due.has(withoutSpaces(readFileSync(this.#path(name), 'utf8')));
    const vain = fresh.filter((name) => !isDue(name));
    if (vain.length > 0) return vain.map((name) => `${name} is kept in vain`);
    if (kept.length === 0 || isForgotten) return [];
    const last = copiesOf(kept.at(-1)!);
    const warnings = await this.#subject.warnings();
    const isTold = warnings.some(({ zh, en }) => last.some((name) => zh.includes(name) && en.includes(name)));
    return isTold ? [] : [`no warning tells of ${last}`];
  }

  /** Takes the present copies for looked at. */
  accept(): void {
    this.#known = new Set(this.#names());
  }

  #names(): string[] {
    return readdirSync(this.#subject.folder).filter((name) => /^architect_monitor\..*-.*\.json$/.test(name));
  }

  #path(name: string): string {
    return join(this.#subject.folder, name);
  }
}

function usedIn(text: string): unknown {
  return text && parseLoose(text).token_usage?.used;
}
