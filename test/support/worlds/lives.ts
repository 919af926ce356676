import type { Chance } from './chance.ts';

/** One question and its answer, and what the editor shows after it. */
export interface Turn {
  readonly atMs: number;
  /** The editor's id of the conversation, whether or not the person tells it. */
  readonly conversation: string;
  readonly gauge: number;
  /** The tokens that this turn used: the rise of the gauge. A compaction is no rise. */
  readonly rise: number;
  /** Whether the gauge fell before it: it was compacted, or the conversation is new. */
  readonly fell: boolean;
  /** Whether the person leaves the conversation after it. */
  readonly isLast: boolean;
}

/** A month with an editor. */
export type Life = (chance: Chance) => Turn[];

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const START_MS = Date.UTC(2025, 10, 3, 9);
const DAYS = 22;
const WORK_MS = 4 * 60 * MINUTE_MS;
const TURN_MS = 1.6 * MINUTE_MS;
const LEAST_TURN_MS = 0.4 * MINUTE_MS;

/** The tokens that a turn adds: a question, an answer, some files. */
const RISE = 3_600;
const RISE_SPREAD = 1;
/** The size at which an editor compacts, and the share of it that remains. */
const LIMIT = 180_000;
const COMPACTED = [0.2, 0.36] as const;

/** The tokens of a period, which only grow. */
export const counter: Life = (chance) => {
  let gauge = 350_000;
  return turnTimes(chance).map((atMs) => {
    const rise = Math.round(chance.lognormal(RISE / 2, RISE_SPREAD));
    gauge += rise;
    return { atMs, conversation: 'counter', gauge, rise, fell: false, isLast: false };
  });
};

/** One conversation that is compacted whenever it is full. */
export const one: Life = (chance) => {
  const conversation = new Conversation('one', Number.POSITIVE_INFINITY, LIMIT);
  return turnTimes(chance).map((atMs) => conversation.turn(atMs, chance));
};

/** One conversation after another, each left when its work is done. */
export const many: Life = (chance) => {
  let count = 0;
  let conversation = new Conversation('many-0', lengthOf(chance), Number.POSITIVE_INFINITY);
  return turnTimes(chance).map((atMs) => {
    const turn = conversation.turn(atMs, chance);
    if (turn.isLast) conversation = new Conversation(`many-${++count}`, lengthOf(chance), Number.POSITIVE_INFINITY);
    return turn;
  });
};

/** Two conversations in turn, a few turns each, both compacted whenever they are full. */
export const two: Life = (chance) => {
  let [shown, other] = ['a', 'b'].map((name) => new Conversation(name, Number.POSITIVE_INFINITY, LIMIT));
  let left = 0;
  return turnTimes(chance).map((atMs) => {
    if (left-- === 0) {
      [shown, other] = [other, shown];
      left = chance.whole(4, 24);
    }
    return shown!.turn(atMs, chance);
  });
};

class Conversation {
  readonly #name: string;
  readonly #turns: number;
  readonly #limit: number;
  #count = 0;
  #gauge = 0;

  constructor(name: string, turns: number, limit: number) {
    this.#name = name;
    this.#turns = turns;
    this.#limit = limit;
  }

  turn(atMs: number, chance: Chance): Turn {
    // A new conversation begins with what every one is told.
    const first = this.#count === 0 ? chance.between(8_000, 16_000) : 0;
    const rise = Math.round(first + chance.lognormal(RISE, RISE_SPREAD));
    const isFull = this.#gauge + rise > this.#limit;
    if (isFull) this.#gauge = Math.round(LIMIT * chance.between(...COMPACTED));
    this.#gauge += rise;
    this.#count++;
    const common = { atMs, conversation: this.#name, gauge: this.#gauge, rise };
    return { ...common, fell: isFull || this.#count === 1, isLast: this.#count >= this.#turns };
  }
}

function lengthOf(chance: Chance): number {
  return Math.min(28, Math.max(3, Math.round(chance.lognormal(9, 0.75))));
}

function turnTimes(chance: Chance): number[] {
  const times: number[] = [];
  for (let day = 0; day < DAYS; day++) {
    // Five days a week.
    const startMs = START_MS + (day + 2 * Math.floor(day / 5)) * DAY_MS;
    for (let ms = 0; ms < WORK_MS; ms += LEAST_TURN_MS + chance.exponential(TURN_MS)) {
      times.push(Math.round(startMs + ms));
    }
  }
  return times;
}
