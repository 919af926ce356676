import { createMerger, MAX_SHORT, type Merger } from './byte-pair-merge.ts';
import { hashOf, NO_RANK, type Ranks } from './ranks.ts';
import { pieceEnd } from './split.ts';
import { createWordCache, type WordCache } from './word-cache.ts';

/** Counts the tokens of texts, exactly as OpenAI's tokenizer does when every special token counts as text. */
export interface TokenCounter {
  /** The tokens of one text; lone surrogates count as U+FFFD, which UTF-8 makes of them. */
  count(text: string): number;
  /**
   * The tokens of one text in well-formed UTF-8; gives way about every half a millisecond, but for the search of the end of
   * a piece, which takes some ten nanoseconds a byte: a run of a million blanks is one piece.
   */
  countBytes(bytes: Uint8Array): Generator<void, number>;
}

/** A counter on one encoding's table. */
export function createTokenCounter(ranks: Ranks): TokenCounter {
  const encoder = new TextEncoder();
  const merger = createMerger(ranks);
  const cache = createWordCache();
  const countBytes = (bytes: Uint8Array) => countPieces(bytes, ranks, merger, cache);
  return {
    countBytes,
    count(text) {
      const counting = countBytes(encoder.encode(text));
      for (;;) {
        const { done, value } = counting.next();
        if (done) return value;
      }
    },
  };
}

/** Half a millisecond of base64, less of prose. */
const BYTES_A_TURN = 4_096;

function* countPieces(bytes: Uint8Array, ranks: Ranks, merger: Merger, cache: WordCache): Generator<void, number> {
  let tokens = 0;
  let turnEnd = BYTES_A_TURN;
  for (let start = 0; start < bytes.length; ) {
    if (start >= turnEnd) {
      turnEnd = start + BYTES_A_TURN;
      yield;
    }
    const end = pieceEnd(bytes, start, bytes.length, ranks.encoding);
    if (end - start > MAX_SHORT) tokens += yield* merger.countLong(bytes, start, end);
    else tokens += countPiece(bytes, start, end, ranks, merger, cache);
    start = end;
  }
  return tokens;
}

function countPiece(
  bytes: Uint8Array,
  start: number,
  end: number,
  ranks: Ranks,
  merger: Merger,
  cache: WordCache,
): number {
  if (end - start === 1) return 1;
  const hash = hashOf(bytes, start, end);
  if (ranks.rankOf(bytes, start, end, hash) !== NO_RANK) return 1;
  const cached = cache.get(bytes, start, end, hash);
  if (cached !== undefined) return cached;
  const tokens = merger.countShort(bytes, start, end);
  cache.set(bytes, start, end, hash, tokens);
  return tokens;
}
