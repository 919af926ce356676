import { setTimeout as sleep } from 'node:timers/promises';
import type { ToReader } from './reader-words.ts';

/** Nobody is there any more; what was not saved is read again. */
export class Over extends Error {}

/** What the process was told and has not yet done, in the order in which it came. */
export class Inbox {
  readonly #waiting: ToReader[] = [];
  readonly #end = new AbortController();
  #stirred = Promise.withResolvers<void>();
  /** How many looks were taken out, and of how many it was told that they are done. */
  looks = 0;
  doneLooks = 0;
  #refuse: ((ask: number) => void) | undefined;

  put(message: ToReader): void {
    if (this.#refuse && 'ask' in message) this.#refuse(message.ask);
    else this.#waiting.push(message);
    this.#stirred.resolve();
  }

  /** Nobody is there any more who could tell anything, or hear it. */
  end(): void {
    this.#end.abort();
    this.#stirred.resolve();
  }

  get isOver(): boolean {
    return this.#end.signal.aborted;
  }

  get first(): ToReader | undefined {
    return this.#waiting[0];
  }

  /** The first one is done. */
  shift(): void {
    const message = this.#waiting.shift();
    if (message && 'tell' in message && message.tell === 'look') this.looks += 1;
  }

  /** Refuses the questions that wait and those that come; without a way to, they wait again. */
  refuseBy(refuse: ((ask: number) => void) | undefined): void {
    this.#refuse = refuse;
    if (!refuse) return;
    const all = this.#waiting.splice(0);
    for (const message of all) this.put(message);
  }

  /** Resolves when something waits or nobody is there any more, at the latest after so long. */
  async stirred(mostMs?: number): Promise<void> {
    if (this.#waiting.length > 0 || this.isOver) return;
    this.#stirred = Promise.withResolvers();
    const timer = mostMs === undefined ? undefined : setTimeout(this.#stirred.resolve, mostMs);
    await this.#stirred.promise;
    clearTimeout(timer);
  }

  /** Resolves after so long, or when nobody is there any more. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}
