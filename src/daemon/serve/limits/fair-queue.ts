/** So many pieces of work are begun before everything else of the process gets its turn. */
const PER_TURN = 64;

/** So many of a line may be under way: enough to fill a commit, and few enough that it is over soon. */
const MAX_RUNNING = 128;

/** Lets lines of work take turns, so that who asks for much waits longer than who asks for little. */
export class Turns {
  /** Lines that have work to begin, in the order of their turns. */
  readonly #ready = new Set<Line>();
  #left = PER_TURN;
  #isRenewalDue = false;

  line(): Line {
    return new Line((line) => this.#offer(line));
  }

  #offer(line: Line): void {
    this.#ready.add(line);
    this.#run();
  }

  #run(): void {
    for (const line of this.#ready) {
      if (this.#left === 0) break;
      this.#left--;
      this.#ready.delete(line);
      line.begin();
      // Seen again by this loop, after all the others.
      if (line.isReady) this.#ready.add(line);
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
export class Line {
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #offer: (line: Line) => void;
  #running = 0;

  constructor(offer: (line: Line) => void) {
    this.#offer = offer;
  }

  /** What waits and what is under way. */
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

  /** For whoever gives the turns. */
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
