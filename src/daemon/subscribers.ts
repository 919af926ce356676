import type { Alert, Change, NotificationParams } from '../protocol/methods.ts';

/** A message to subscribers. */
export type Notice =
  | { readonly method: 'usage.changed'; readonly params: Change }
  | { readonly method: 'usage.alert'; readonly params: Alert }
  | { readonly method: 'usage.period_changed'; readonly params: NotificationParams<'usage.period_changed'> }
  | { readonly method: 'meters.changed'; readonly params: NotificationParams<'meters.changed'> };

/** A receiver of every notice, in order. */
export interface Subscriber {
  /** Most subscribers get the very same array, which never changes. */
  tell(notices: readonly Notice[]): void;
}

/** Changes are held for this many revisions, so that a subscriber that comes back is told exactly what it missed. */
const MAX_HELD = 1_000;

/** The rest of the daemon gets a turn when telling has taken this long, which is enough for some hundred subscribers. */
const TURN_MS = 4;

/** The clock is read once per this many subscribers. */
const PER_LOOK = 32;

/** Tells every subscriber of every change, in order and without gaps; a broken one reaches neither the writer nor the others. */
export class Subscribers {
  /** Each with the number of the first notice that it has not been told. */
  readonly #next = new Map<Subscriber, number>();
  /** Notices that a subscriber may still have to be told, and the number of the first of them. */
  #notices: Notice[] = [];
  #first = 0;
  /** Subscribers not yet told in this round, which covers the notices before `end`; later ones wait for the next round. */
  #round: { readonly remaining: Iterator<[Subscriber, number]>; readonly end: number } | undefined;
  /** The notices from a number on, for all who have that number. */
  #part: { readonly from: number; readonly notices: readonly Notice[] } | undefined;
  readonly #held: Change[] = [];
  #foremost: Subscriber | undefined;
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** How many subscribers there are, without the foremost. */
  get count(): number {
    return this.#next.size;
  }

  /**
   * Has one of the daemon's own told of every notice at once, before anybody else, however many wait for their turn. What it
   * publishes then is known to whoever subscribes afterwards, and reaches the others with the notice that brought it about.
   */
  tellFirst(subscriber: Subscriber): void {
    this.#foremost = subscriber;
  }

  add(subscriber: Subscriber): void {
    this.#next.set(subscriber, this.#end);
  }

  remove(subscriber: Subscriber): void {
    this.#next.delete(subscriber);
  }

  /** Keeps a change of before the start for subscribers that come back. */
  hold(change: Change): void {
    this.#held.push(change);
    if (this.#held.length > MAX_HELD * 2) this.#held.splice(0, MAX_HELD);
  }

  /** Tells every subscriber, some hundred at once and the others soon after, and keeps the changes. */
  publish(notices: readonly Notice[]): void {
    for (const { method, params } of notices) if (method === 'usage.changed') this.hold(params);
    if (this.#next.size > 0) this.#notices.push(...notices);
    try {
      this.#foremost?.tell(notices);
    } catch (error) {
      this.#onFailure(error);
    }
    if (!this.#round) this.#tellAll(TURN_MS);
  }

  /** Tells every notice that is left, at once. */
  flush(): void {
    this.#tellAll(Number.POSITIVE_INFINITY);
  }

  /** Exactly the changes after `revision`, or `undefined` when they are no longer held. */
  changesSince(revision: number, current: number): Change[] | undefined {
    if (revision === current) return [];
    const first = this.#held[0]?.revision;
    if (first === undefined || revision > current || revision + 1 < first) return undefined;
    return this.#held.slice(revision + 1 - first);
  }

  get #end(): number {
    return this.#first + this.#notices.length;
  }

  #tellAll(turnMs: number): void {
    const endsMs = performance.now() + turnMs;
    for (let told = 1; ; told++) {
      const entry = this.#round?.remaining.next();
      if (entry && !entry.done) this.#tell(...entry.value);
      else if (!this.#startRound()) return;
      if (told % PER_LOOK > 0 || performance.now() < endsMs) continue;
      setImmediate(() => this.#tellAll(TURN_MS));
      return;
    }
  }

  /** False when every subscriber has been told everything. */
  #startRound(): boolean {
    if (this.#round) this.#notices.splice(0, this.#round.end - this.#first);
    this.#first = this.#round?.end ?? this.#first;
    this.#part = undefined;
    this.#round = this.#notices.length > 0 ? { remaining: this.#next.entries(), end: this.#end } : undefined;
    return this.#round !== undefined;
  }

  #tell(subscriber: Subscriber, from: number): void {
    const { end } = this.#round!;
    // It has subscribed since the round began.
    if (from >= end) return;
    if (this.#part?.from !== from) {
      this.#part = { from, notices: this.#notices.slice(from - this.#first, end - this.#first) };
    }
    this.#next.set(subscriber, end);
    try {
      subscriber.tell(this.#part.notices);
    } catch (error) {
      this.#next.delete(subscriber);
      this.#onFailure(error);
    }
  }
}
