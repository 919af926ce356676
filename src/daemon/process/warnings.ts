import type { Bilingual } from '../../protocol/language.ts';
import type { Warning } from '../../protocol/methods.ts';

/** The faults of the moment, for `daemon.info`, `status` and `doctor`. */
export class Warnings {
  readonly #byCode = new Map<string, () => Warning>();
  readonly #isOver = new Map<string, () => boolean>();
  #announce: (warning: Warning) => void = () => undefined;

  /** From now on `announce` hears of every warning that was not there before in the same words. */
  announceBy(announce: (warning: Warning) => void): void {
    this.#announce = announce;
  }

  /** Shows a warning until it is cleared; one of a code stands for all. A text that counts something is made anew whenever it is shown. */
  raise(code: string, text: Bilingual | (() => Bilingual)): void {
    const counts = typeof text === 'function';
    const warning = (): Warning => {
      const { zh, en } = counts ? text() : text;
      return { code, zh, en };
    };
    const known = this.#byCode.get(code);
    const isNew = !known || (!counts && known().en !== text.en);
    this.#byCode.set(code, warning);
    this.#isOver.delete(code);
    if (isNew) this.#announce(warning());
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
    return [...this.#byCode.values()].map((warning) => warning());
  }
}
