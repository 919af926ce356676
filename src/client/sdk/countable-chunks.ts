import { MAX_BODY_BYTES } from '../../protocol/addresses.ts';
import { TokenSyncError } from '../../protocol/errors.ts';

/** Longer texts are counted in parts: so that progress shows, and each part fits into a request. */
export const MAX_CHUNK_LENGTH = 256 * 1024;

/**
 * Cuts a text into parts whose tokens add up to those of the whole, exactly, by either encoding: only where both encodings
 * end a piece, whatever stands before and after. At least one part; throws `too_large` when a part that cannot be divided
 * does not fit into a request.
 *
 * Such a place is after a letter or digit, before what is neither, nor a mark, nor the apostrophe of a contraction: words
 * hold letters, marks and contractions only, numbers digits only, and nothing else holds a letter or digit before its end.
 */
export function* countableChunks(text: string, maxLength = MAX_CHUNK_LENGTH): Generator<string> {
  let start = 0;
  while (text.length - start > maxLength) {
    const end = nextCut(text, start + maxLength);
    yield sendable(text.slice(start, end));
    start = end;
  }
  if (start < text.length || start === 0) yield sendable(text.slice(start));
}

/** The tokens of a text, each part of it counted by `count`. */
export async function sumOfChunks(text: string, count: (chunk: string) => Promise<number>): Promise<number> {
  let sum = 0;
  for (const chunk of countableChunks(text)) sum += await count(chunk);
  return sum;
}

/** The first place from `from` on where a text may be cut, or its end. */
function nextCut(text: string, from: number): number {
  let at = from;
  while (at < text.length && !(ENDS_A_WORD.test(text[at - 1]!) && FOLLOWS_NO_WORD.test(text[at]!))) at++;
  return at;
}

/** Letters and digits that every version of Unicode knows: ASCII, Chinese, kana, Korean. */
const ENDS_A_WORD = /[A-Za-z0-9\u4e00-\u9fa5\u3041-\u3096\u30a1-\u30fa\uac00-\ud7a3]/;

/** ASCII but letters, digits and the apostrophe, and the punctuation of Chinese and Japanese. */
const FOLLOWS_NO_WORD = /[\0-&(-/:-@[-`{-~，。、；：？！「」『』（）《》]/;

/** Leaves room for what a request is wrapped in. */
const MAX_BYTES = MAX_BODY_BYTES - 4_096;

function sendable(chunk: string): string {
  // In JSON a character takes six bytes at most.
  if (chunk.length * 6 <= MAX_BYTES || new TextEncoder().encode(JSON.stringify(chunk)).length <= MAX_BYTES)
    return chunk;
  throw new TokenSyncError(
    'too_large',
    {
      zh: '文本中有超过 4 MiB 的一段无法在不改变计数的情况下分割',
      en: 'more than 4 MiB of the text has no place where it can be divided without changing the count',
    },
    { hint: { zh: '请检查这是否真的是文本', en: 'check whether it really is a text' } },
  );
}
