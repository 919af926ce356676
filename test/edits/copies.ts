import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  async wrong(kept: readonly string[]): Promise<string[]> {
    const names = this.#names();
    const copyOf = (text: string) => names.find((name) => readFileSync(this.#path(name), 'utf8') === text);
    const lost = kept
      .filter((text) => copyOf(text) === undefined)
      .map((text) => `no copy is kept of ${text.slice(0, 300)}`);
    if (lost.length > 0) return lost;
    if (kept.length === 0)
      return names.filter((name) => !this.#known.has(name)).map((name) => `${name} is kept in vain`);
    const last = copyOf(kept.at(-1)!)!;
    const warnings = await this.#subject.warnings();
    const isTold = warnings.some(({ zh, en }) => zh.includes(last) && en.includes(last));
    return isTold ? [] : [`no warning tells of ${last}`];
  }

  /** What lies there now has been looked at. */
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
