import { countMerged } from './merge.ts';
import { hashOf, NO_RANK, type Ranks } from './ranks.ts';
import { pieceEnd } from './split.ts';
import { createWordCache, type WordCache } from './word-cache.ts';

/** Counts the tokens of texts, exactly as OpenAI's tokenizer does when every special token counts as text. */
export interface TokenCounter {
  /** The tokens of one text; `checkpoint` is called every few thousand steps, so about every 10 ms, and what it throws ends the count. */
  count(text: string, checkpoint?: () => void): number;
}

/** A counter on one encoding's table; lone surrogates count as U+FFFD, which TextEncoder makes of them. */
export function createTokenCounter(ranks: Ranks): TokenCounter {
  const encoder = new TextEncoder();
  const cache = createWordCache();
  return {
    count: (text, checkpoint = () => undefined) => countPieces(encoder.encode(text), ranks, cache, checkpoint),
  };
}

const PIECES_PER_CHECKPOINT = 1024;

function countPieces(bytes: Uint8Array, ranks: Ranks, cache: WordCache, checkpoint: () => void): number {
  let tokens = 0;
  let sinceCheckpoint = 0;
  for (let start = 0; start < bytes.length; ) {
    if (++sinceCheckpoint === PIECES_PER_CHECKPOINT) {
      sinceCheckpoint = 0;
      checkpoint();
    }
    const end = pieceEnd(bytes, start, bytes.length, ranks.encoding);
    tokens += countPiece(bytes, start, end, ranks, cache, checkpoint);
    start = end;
  }
  return tokens;
}

function countPiece(
  bytes: Uint8Array,
  start: number,
  end: number,
  ranks: Ranks,
  cache: WordCache,
  checkpoint: () => void,
): number {
  if (end - start === 1) return 1;
  const hash = hashOf(bytes, start, end);
  if (ranks.rankOf(bytes, start, end, hash) !== NO_RANK) return 1;
  const cached = cache.get(bytes, start, end, hash);
  if (cached !== undefined) return cached;
  const tokens = countMerged(bytes, start, end, ranks, checkpoint);
  cache.set(bytes, start, end, hash, tokens);
  return tokens;
}
