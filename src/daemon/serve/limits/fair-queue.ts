/** Pieces of work that are begun before everything else of the process gets a turn. */
const PER_TURN = 64;

/** Work of one lane that may be under way: enough to fill a commit, and few enough that it is over soon. */
const MAX_RUNNING = 128;

/** Lets lanes of work take turns, so that a caller who asks for much waits longer than one who asks for little. */
export class FairQueue {
  /** Lanes that have work to begin, in the order of their turns. */
  readonly #ready = new Set<Lane>();
  #left = PER_TURN;
  #isRenewalDue = false;

  /** A lane for one caller. */
  lane(): Lane {
    return new Lane((lane) => this.#offer(lane));
  }

  #offer(lane: Lane): void {
    this.#ready.add(lane);
    this.#run();
  }

  #run(): void {
    for (const lane of this.#ready) {
      if (this.#left === 0) break;
      this.#left--;
      this.#ready.delete(lane);
      lane.begin();
      // Seen again by this loop, after all the others.
      if (lane.isReady) this.#ready.add(lane);
    }
    if (this.#isRenewalDue) return;
    this.#isRenewalDue = true;
    setImmediate(() => {
      this.#isRenewalDue = false;
      this.#left = PER_TURN;
      if (this.#ready.size > 0) this.#run();
    });
  }
}

/** The work of one caller, begun in order. */
export class Lane {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #offer: (lane: Lane) => void;
  #running = 0;

  constructor(offer: (lane: Lane) => void) {
    this.#offer = offer;
  }

  /** How much waits or is under way. */
  get length(): number {
    return this.#waiting.length + this.#running;
  }

  get isReady(): boolean {
    return this.#waiting.length > 0 && this.#running < MAX_RUNNING;
  }

  /** Does the work when its turn has come; it must not reject. */
  add(work: () => Promise<void>): void {
    this.#waiting.push(work);
    if (this.isReady) this.#offer(this);
  }

  /** Begins the work that has waited longest; to be called by the queue. */
  begin(): void {
    const work = this.#waiting.shift();
    if (!work) return;
    this.#running++;
    void work().then(() => {
      this.#running--;
      if (this.isReady) this.#offer(this);
    });
  }
}
