import { NO_RANK, type Ranks } from './ranks.ts';
import { createTokenPairs } from './token-pairs.ts';

/**
 * Counts what byte-pair merging (lowest rank first, of equal ones the leftmost) leaves of a piece, in linear time, without
 * merging: the outcome is the one row of tokens of which any two neighbours may meet, and it is found from left to right.
 */
export interface Merger {
  /** The tokens of `bytes[start, end)`, which is at most `MAX_SHORT` bytes. */
  countShort(bytes: Uint8Array, start: number, end: number): number;
  /** The tokens of `bytes[start, end)` of any length; gives way after every so many steps. */
  countLong(bytes: Uint8Array, start: number, end: number): Generator<void, number>;
}

/** Longer pieces need memory of their own, and may take long enough to be cancelled. */
export const MAX_SHORT = 4_096;

/** A merger by an encoding's tokens; `stepsATurn` are about half a millisecond. */
export function createMerger(ranks: Ranks, stepsATurn = 5_000): Merger {
  const { mayMeet } = createTokenPairs(ranks);
  const shortRow = createRow(MAX_SHORT);
  return {
    countShort(bytes, start, end) {
      shortRow.deadEnds.fill(0, 0, end - start + 1);
      begin(shortRow, bytes, start, end);
      return advance(shortRow, bytes, start, end, Number.POSITIVE_INFINITY) ? shortRow.count : Number.NaN;
    },
    *countLong(bytes, start, end) {
      const row = createRow(end - start);
      begin(row, bytes, start, end);
      while (!advance(row, bytes, start, end, stepsATurn)) yield;
      return row.count;
    },
  };

  function begin(row: Row, bytes: Uint8Array, start: number, end: number): void {
    row.count = 0;
    row.at = start;
    row.next = ranks.longestAt(bytes, start, end);
    row.isGuess = false;
  }

  /** Goes on with a row for so many steps; true when it is complete. */
  function advance(row: Row, bytes: Uint8Array, start: number, end: number, steps: number): boolean {
    const { tokens, deadEnds } = row;
    let { count, at, next, isGuess } = row;
    for (let step = 0; step < steps; step++) {
      if (next === NO_RANK) {
        // No token leads on from here: the last one was wrong.
        if (count === 0) throw new Error('no row of tokens makes the piece');
        deadEnds[at - start] = 1;
        const last = tokens[--count]!;
        isGuess = last < 0;
        next = isGuess ? ~last : last;
        at -= ranks.lengthOf(next);
      }
      const nextEnd = at + ranks.lengthOf(next);
      if (deadEnds[nextEnd - start] === 1 || (count > 0 && !mayMeet(tokenAt(tokens, count - 1), next))) {
        next = isGuess ? ranks.longestAt(bytes, at, end) : ranks.shorterThan(next);
        isGuess = false;
        continue;
      }
      tokens[count++] = isGuess ? ~next : next;
      at = nextEnd;
      if (at === end) {
        row.count = count;
        return true;
      }
      // In a run of one character the same token comes again and again, though longer ones would fit.
      isGuess = bytes[at] === bytes[at - 1] && ranks.beginsWith(next, bytes, at, end);
      if (!isGuess) next = ranks.longestAt(bytes, at, end);
    }
    row.count = count;
    row.at = at;
    row.next = next;
    row.isGuess = isGuess;
    return false;
  }
}

/** The tokens found so far, guesses as their complement, and which offsets are known not to lead on. */
interface Row {
  readonly tokens: Int32Array;
  readonly deadEnds: Uint8Array;
  count: number;
  at: number;
  /** The token to try at `at`. */
  next: number;
  /** True when it is a guess, tried before the longest that fits and its beginnings. */
  isGuess: boolean;
}

function tokenAt(tokens: Int32Array, index: number): number {
  const token = tokens[index]!;
  return token < 0 ? ~token : token;
}

function createRow(length: number): Row {
  return {
    tokens: new Int32Array(length),
    deadEnds: new Uint8Array(length + 1),
    count: 0,
    at: 0,
    next: 0,
    isGuess: false,
  };
}
