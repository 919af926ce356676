import type { Inbox } from './inbox.ts';
import type { Say } from './meter-keeper.ts';
import { damagedLog, skippedLines } from './reader-text.ts';
import type { SourceStanding } from './reader-words.ts';

/** What the daemon is told besides figures, each once. */
export class Telling {
  readonly #say: Say;
  readonly #inbox: Inbox;
  #sources = '';
  #skipped = 0;
  #hasSaidDone = false;

  constructor(say: Say, inbox: Inbox) {
    this.#say = say;
    this.#inbox = inbox;
  }

  /** Tells how the sources stand, where one stands otherwise than it was told. */
  sources(sources: readonly SourceStanding[]): void {
    const told = JSON.stringify(sources);
    if (told === this.#sources) return;
    this.#sources = told;
    this.#say({ says: 'sources', sources });
  }

  /** They are told again, whether they have changed or not. */
  forgetSources(): void {
    this.#sources = '';
  }

  /** Tells that every look before this one is done. */
  done(firstOpen: number): void {
    const looks = Math.min(this.#inbox.looks, firstOpen - 1);
    if (looks <= this.#inbox.doneLooks) return;
    this.#sayDone(looks);
  }

  /** Tells, where nothing told it before, that all is read that was to be read without being asked. */
  rest(): void {
    if (!this.#hasSaidDone) this.#sayDone(this.#inbox.doneLooks);
  }

  #sayDone(looks: number): void {
    this.#hasSaidDone = true;
    this.#inbox.doneLooks = looks;
    this.#say({ says: 'done', looks });
  }

  /** Tells that lines were too long, so many more. */
  skipped(count: number): void {
    this.#skipped += count;
    this.#say({ says: 'warning', code: 'meters_skipped_lines', text: skippedLines(this.#skipped) });
  }

  damaged(path: string, code: string): void {
    this.#say({ says: 'warning', code: 'meters_damaged_log', text: damagedLog(path, code) });
  }
}
