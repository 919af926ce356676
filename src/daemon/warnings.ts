import type { Bilingual } from '../protocol/language.ts';
import type { Warning } from '../protocol/methods.ts';

/** What is wrong at the moment, for `daemon.info`, `status` and `doctor`. */
export class Warnings {
  readonly #byCode = new Map<string, Warning>();
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
    if (isNew) this.#onRaise(warning);
  }

  clear(code: string): void {
    this.#byCode.delete(code);
  }

  list(): Warning[] {
    return [...this.#byCode.values()];
  }
}
