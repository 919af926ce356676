import type { Alert, Change } from '../protocol/methods.ts';

/** Someone who is told of every committed change. */
export interface Subscriber {
  changed(change: Change): void;
  alerted(alert: Alert): void;
}

/** Changes are held for this many revisions, so that a subscriber that comes back is told exactly what it missed. */
const MAX_HELD = 1_000;

/** Tells every subscriber of every change, in order and without gaps; a broken one reaches neither the writer nor the others. */
export class Subscribers {
  readonly #subscribers = new Set<Subscriber>();
  readonly #held: Change[] = [];
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get count(): number {
    return this.#subscribers.size;
  }

  add(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  remove(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** Keeps a change for those who come back; for changes of before the start. */
  hold(change: Change): void {
    this.#held.push(change);
    if (this.#held.length > MAX_HELD * 2) this.#held.splice(0, MAX_HELD);
  }

  /** Keeps a change and tells everybody. */
  publish(change: Change): void {
    this.hold(change);
    this.#tell((subscriber) => subscriber.changed(change));
  }

  alert(alert: Alert): void {
    this.#tell((subscriber) => subscriber.alerted(alert));
  }

  /** Exactly the changes after `revision`, or `undefined` when they are no longer held. */
  changesSince(revision: number, current: number): Change[] | undefined {
    if (revision === current) return [];
    const first = this.#held[0]?.revision;
    if (first === undefined || revision > current || revision + 1 < first) return undefined;
    return this.#held.slice(revision + 1 - first);
  }

  #tell(told: (subscriber: Subscriber) => void): void {
    for (const subscriber of this.#subscribers) {
      try {
        told(subscriber);
      } catch (error) {
        this.#subscribers.delete(subscriber);
        this.#onFailure(error);
      }
    }
  }
}
