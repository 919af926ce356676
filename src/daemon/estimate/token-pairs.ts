import { NO_RANK, type Ranks } from './ranks.ts';

/** Which tokens may stand side by side in what byte-pair merging leaves. */
export interface TokenPairs {
  /** Whether merging leaves the bytes of both as just these two tokens. */
  mayMeet(left: number, right: number): boolean;
}

/** Answers from the parts that tokens are merged from, which are found when they are first asked for. */
export function createTokenPairs(ranks: Ranks): TokenPairs {
  // The last two parts that each token is merged from; one of a single byte has itself on both sides.
  const lefts = new Int32Array(ranks.count).fill(UNKNOWN);
  const rights = new Int32Array(ranks.count).fill(UNKNOWN);
  // Words share most of their pairs; a new answer takes the place of an old one.
  const known = new Int32Array(2 * KNOWN_PAIRS).fill(UNKNOWN);
  return {
    mayMeet(left, right) {
      const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
      const slot = 2 * ((mixed ^ (mixed >>> 15)) & (KNOWN_PAIRS - 1));
      if (known[slot] === left && known[slot + 1]! >> 1 === right) return (known[slot + 1]! & 1) === 1;
      const answer = mayMeetBelow(NO_RANK, left, right);
      known[slot] = left;
      known[slot + 1] = (right << 1) | (answer ? 1 : 0);
      return answer;
    },
  };

  /**
   * Takes both tokens apart again, the higher rank first, as far as the bytes at their border. If across the border there was
   * ever a pair that merges before what happened on either side, merging would have taken that.
   */
  function mayMeetBelow(rank: number, leftToken: number, rightToken: number): boolean {
    let left = leftToken;
    let right = rightToken;
    // Only a lower rank was preferred to what has been taken apart so far; of equal ones the leftmost goes first.
    let limit = rank;
    for (;;) {
      if (ranks.joined(left, right) < limit) return false;
      if (left > right) {
        limit = left;
        left = rightPartOf(left);
        if (left !== limit) continue;
        limit = right + 1;
        right = leftPartOf(right);
        if (right + 1 === limit) return true;
      } else {
        limit = right + 1;
        right = leftPartOf(right);
        if (right + 1 !== limit) continue;
        limit = left;
        left = rightPartOf(left);
        if (left === limit) return true;
      }
    }
  }

  function leftPartOf(token: number): number {
    if (lefts[token] === UNKNOWN) takeApart(token);
    return lefts[token]!;
  }

  function rightPartOf(token: number): number {
    if (rights[token] === UNKNOWN) takeApart(token);
    return rights[token]!;
  }

  function takeApart(token: number): void {
    if (ranks.lengthOf(token) === 1) {
      lefts[token] = token;
      rights[token] = token;
      return;
    }
    for (let left = ranks.shorterThan(token); left !== NO_RANK; left = ranks.shorterThan(left)) {
      const right = ranks.restOf(token, left);
      if (left >= token || right >= token || !mayMeetBelow(token, left, right)) continue;
      lefts[token] = left;
      rights[token] = right;
      return;
    }
    throw new Error(`byte-pair merging never makes the token ${token}`);
  }
}

const UNKNOWN = -1;

/** In 256 KiB, which stay near the processor: eight times as many made Chinese, code and English slower. */
const KNOWN_PAIRS = 2 ** 15;
