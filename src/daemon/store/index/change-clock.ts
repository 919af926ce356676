import { believedTimes } from '../../rules/clock.ts';
import { Column, type Packed } from './columns/columns.ts';

/** What is believed of the places from `from` on, `length` in number, in an array that has room for more. */
interface Verdict {
  readonly from: number;
  believed: Float64Array;
  length: number;
  /** Whether the clock had come past everything that it ever said. */
  readonly isPast: boolean;
}

/**
 * When each change of the ledger was, decided once for all who ask. A clock that was set back is believed: what it had said
 * ahead of that lies before it. Once it has come past all that it ever said, the majority decides (`believedTimes`), since
 * then it may as well have fallen behind for a while. So what is believed of the past changes where the clock is set back,
 * and once more at most; in between a change costs nothing but its place.
 */
export class ChangeClock {
  readonly #recorded = new Column();
  #highestMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  /** The last change that was dated before the one ahead of it; none while the clock was never set back. */
  #setBackAt: number | undefined;
  /** The first place that a later one contradicts: all before it rise, and none of them lies after a later one. */
  #doubtedFrom = Number.POSITIVE_INFINITY;
  #verdict: Verdict | undefined;

  get length(): number {
    return this.#recorded.length;
  }

  /** The latest time that the clock ever said. */
  get highestMs(): number {
    return this.#highestMs;
  }

  /** What it said last. */
  get lastMs(): number {
    return this.#lastMs;
  }

  add(atMs: number): void {
    const isSetBack = atMs < this.#lastMs;
    if (isSetBack) this.#setBackAt = this.length;
    // Among all others the majority may be another one; one that was asked for ahead of this change is not of this clock.
    if (isSetBack || this.#verdict?.isPast !== atMs >= this.#highestMs) this.#verdict = undefined;
    if (atMs < this.#highestMs) this.#doubtedFrom = this.#firstAfter(atMs);
    this.#recorded.push(atMs);
    this.#lastMs = atMs;
    this.#highestMs = Math.max(this.#highestMs, atMs);
    if (this.#verdict) extend(this.#verdict, atMs);
  }

  /** Adds all of them, in order. */
  append({ base, values }: Packed): void {
    for (let index = 0; index < values.length; index++) this.add(base + values[index]!);
  }

  /** What the clock said of the changes from `first` on. */
  from(first: number): Packed {
    return this.#recorded.from(first);
  }

  /** When each change was, by its place: never falling, and never after `nowMs`. */
  times(nowMs: number): (place: number) => number {
    const { length } = this;
    const recorded = (place: number) => this.#recorded.at(place);
    if (this.#setBackAt === undefined) {
      return this.#highestMs <= nowMs ? recorded : (place) => Math.min(recorded(place), nowMs);
    }
    const { from, believed } = this.#decided(this.#setBackAt, Math.max(this.#lastMs, nowMs) >= this.#highestMs);
    // What comes while somebody walks over them is not known yet.
    const isJudged = (place: number) => place >= from && place < length;
    return (place) => Math.min(isJudged(place) ? believed[place - from]! : recorded(place), nowMs);
  }

  #decided(setBackAt: number, isPast: boolean): Verdict {
    if (this.#verdict?.isPast !== isPast) this.#verdict = this.#decide(setBackAt, isPast);
    return this.#verdict!;
  }

  #decide(setBackAt: number, isPast: boolean): Verdict {
    const from = this.#doubtedFrom;
    const length = this.length - from;
    const atMs = (place: number) => this.#recorded.at(from + place);
    // Behind the last step back the clock only went on.
    const judged = isPast ? length : setBackAt + 1 - from;
    const byMs = isPast ? this.#highestMs : atMs(judged - 1);
    const believed = new Float64Array(length);
    believed.set(believedTimes({ length: judged, atMs }, byMs));
    for (let place = judged; place < length; place++) believed[place] = atMs(place);
    return { from, believed, length, isPast };
  }

  /** The first place that lies after an instant, among those that rise. */
  #firstAfter(atMs: number): number {
    let low = 0;
    let high = Math.min(this.length, this.#doubtedFrom);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#recorded.at(middle) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A clock that went on is believed, and changes nothing of what was before. */
function extend(verdict: Verdict, atMs: number): void {
  if (verdict.length === verdict.believed.length) {
    const grown = new Float64Array(Math.ceil(verdict.length * 1.5) + 64);
    grown.set(verdict.believed);
    verdict.believed = grown;
  }
  verdict.believed[verdict.length++] = atMs;
}
