import { createPairQueue } from './pair-queue.ts';
import { hashOf, NO_RANK, type Ranks } from './ranks.ts';

/**
 * How many tokens byte-pair merging leaves of `bytes[start, end)`, lowest rank first and leftmost among equals, in
 * O(n log n); calls `checkpoint` now and then, and ends by whatever that throws.
 */
export function countMerged(
  bytes: Uint8Array,
  start: number,
  end: number,
  ranks: Ranks,
  checkpoint: () => void,
): number {
  return end - start <= SHORT_LENGTH
    ? countShort(bytes, start, end, ranks)
    : countLong(bytes.subarray(start, end), ranks, checkpoint);
}

/** Up to here looking at every pair before each merge is faster than a heap. */
const SHORT_LENGTH = 96;
const MERGES_PER_CHECKPOINT = 8192;

const shortStarts = new Int32Array(SHORT_LENGTH + 2);
const shortRanks = new Int32Array(SHORT_LENGTH + 2);

function countShort(bytes: Uint8Array, start: number, end: number, ranks: Ranks): number {
  let parts = end - start;
  // Part i is bytes[starts[i], starts[i + 1]); pairRanks[i] is the rank of part i and its right neighbour together.
  for (let part = 0; part <= parts; part++) shortStarts[part] = start + part;
  for (let part = 0; part < parts - 1; part++)
    shortRanks[part] = ranks.rankOfPair(bytes[start + part]!, bytes[start + part + 1]!);
  for (;;) {
    let best = -1;
    let bestRank = NO_RANK;
    for (let part = 0; part < parts - 1; part++) {
      const rank = shortRanks[part]!;
      if (rank < bestRank) {
        bestRank = rank;
        best = part;
      }
    }
    if (best < 0) return parts;
    parts--;
    for (let part = best + 1; part < parts; part++) {
      shortStarts[part] = shortStarts[part + 1]!;
      shortRanks[part] = shortRanks[part + 1]!;
    }
    shortStarts[parts] = end;
    if (best < parts - 1) shortRanks[best] = rankBetween(bytes, shortStarts[best]!, shortStarts[best + 2]!, ranks);
    if (best > 0) shortRanks[best - 1] = rankBetween(bytes, shortStarts[best - 1]!, shortStarts[best + 1]!, ranks);
  }
}

function countLong(piece: Uint8Array, ranks: Ranks, checkpoint: () => void): number {
  const length = piece.length;
  // A part goes by the index of its first byte; the one after the last begins at `length`.
  const next = new Int32Array(length + 1);
  const previous = new Int32Array(length + 1);
  // The rank of each part and its right neighbour together.
  const pairRanks = new Int32Array(length + 1).fill(NO_RANK);
  const queue = createPairQueue(length);
  for (let part = 0; part < length; part++) {
    next[part] = part + 1;
    previous[part] = part - 1;
    if (part < length - 1) setRank(part, ranks.rankOfPair(piece[part]!, piece[part + 1]!));
  }

  let parts = length;
  let sinceCheckpoint = 0;
  for (let part = queue.takeFirst(); part >= 0; part = queue.takeFirst()) {
    if (++sinceCheckpoint === MERGES_PER_CHECKPOINT) {
      sinceCheckpoint = 0;
      checkpoint();
    }
    const eaten = next[part]!;
    const after = next[eaten]!;
    unsetRank(eaten);
    next[part] = after;
    previous[after] = part;
    parts--;
    const before = previous[part]!;
    if (before >= 0) {
      unsetRank(before);
      setRank(before, rankBetween(piece, before, after, ranks));
    }
    setRank(part, after < length ? rankBetween(piece, part, next[after]!, ranks) : NO_RANK);
  }
  return parts;

  function setRank(part: number, rank: number): void {
    pairRanks[part] = rank;
    if (rank !== NO_RANK) queue.add(rank, part);
  }

  function unsetRank(part: number): void {
    const rank = pairRanks[part]!;
    if (rank !== NO_RANK) queue.remove(rank, part);
  }
}

function rankBetween(bytes: Uint8Array, start: number, end: number, ranks: Ranks): number {
  return ranks.rankOf(bytes, start, end, hashOf(bytes, start, end));
}
