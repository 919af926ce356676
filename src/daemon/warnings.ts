import type { Bilingual } from '../protocol/language.ts';
import type { Warning } from '../protocol/methods.ts';

/** What is wrong at the moment, for `daemon.info`, `status` and `doctor`. */
export class Warnings {
  readonly #byCode = new Map<string, Warning>();
  readonly #isOver = new Map<string, () => boolean>();
  readonly #onRaise: (warning: Warning) => void;

  /** `onRaise` hears of every warning that was not there before in the same words. */
  constructor(onRaise: (warning: Warning) => void) {
    this.#onRaise = onRaise;
  }

  /** Shows a warning until it is cleared; one of a code stands for all. */
  raise(code: string, { zh, en }: Bilingual): void {
    const warning = { code, zh, en };
    const isNew = this.#byCode.get(code)?.en !== en;
    this.#byCode.set(code, warning);
    this.#isOver.delete(code);
    if (isNew) this.#onRaise(warning);
  }

  /** Lets the warning that stands under a code go by itself, as one that names a file goes with the file. */
  endWhen(code: string, isOver: () => boolean): void {
    if (this.#byCode.has(code)) this.#isOver.set(code, isOver);
  }

  clear(code: string): void {
    this.#byCode.delete(code);
    this.#isOver.delete(code);
  }

  list(): Warning[] {
    for (const [code, isOver] of this.#isOver) if (isOver()) this.clear(code);
    return [...this.#byCode.values()];
  }
}
