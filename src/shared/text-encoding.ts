import type { Bilingual } from '../protocol/language.ts';
import { COMMON_HAN } from './common-han.ts';

/** The text of a file, or why its bytes are not read as one. */
export type DecodedText = { readonly text: string } | { readonly fault: EncodingFault };

export type EncodingFault = 'utf-16' | 'unknown' | 'no_text';

/** What a person is told of each fault, and what helps. */
export const ENCODING_FAULTS: Readonly<Record<EncodingFault, { readonly text: Bilingual; readonly hint: Bilingual }>> =
  {
    'utf-16': {
      text: {
        zh: '文件是没有标记（BOM）的 UTF-16 文本',
        en: 'the file is UTF-16 text without its mark (BOM)',
      },
      hint: { zh: '请另存为 UTF-8', en: 'save it as UTF-8' },
    },
    unknown: {
      text: {
        zh: '文件的编码无法确定：不是 UTF-8，也不像中文的 GBK',
        en: 'the encoding of the file is not known: it is not UTF-8, and does not look like Chinese in GBK',
      },
      hint: { zh: '请另存为 UTF-8', en: 'save it as UTF-8' },
    },
    no_text: {
      text: { zh: '不是文本文件', en: 'this is no text' },
      hint: { zh: '请放入 UTF-8 文本', en: 'give a text in UTF-8' },
    },
  };

/**
 * Reads the bytes of a text file: UTF-8, UTF-16 with its mark as PowerShell writes it, or GB 18030 as a Chinese `cmd` does.
 * Every byte after a first one above 0x7F can be GB 18030, so that is believed only where it reads as Chinese.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const marked = MARKS.find(([first, second]) => bytes[0] === first && bytes[1] === second)?.[2];
  const text = decode(bytes, marked ?? 'utf-8');
  if (text !== undefined && !text.includes('\0')) return { text };
  // A power cut leaves a 0 for what its writer did not make durable; in text only UTF-16 has some.
  if (bytes.includes(0)) return { fault: marked === undefined && isUnmarked(bytes) ? 'utf-16' : 'no_text' };
  const chinese = marked === undefined ? decode(bytes, 'gb18030') : undefined;
  return chinese !== undefined && isChinese(chinese) ? { text: chinese } : { fault: 'unknown' };
}

const MARKS = [
  [0xff, 0xfe, 'utf-16le'],
  [0xfe, 0xff, 'utf-16be'],
] as const;

function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** True for figures in UTF-16 that has no mark. */
function isUnmarked(bytes: Uint8Array): boolean {
  return MARKS.some(([, , encoding]) => {
    const text = decode(bytes, encoding) ?? '';
    return /[0-9]/.test(text) && !text.includes('\0');
  });
}

/**
 * True where common Han characters are more than half of what is neither ASCII nor punctuation and digits of full width.
 * A single one at a Latin letter is more likely two letters with accents, as in `usunąć`.
 */
function isChinese(text: string): boolean {
  const letters = [...text].filter((char) => char > '\x7f' && !TYPESET.test(char));
  if (letters.length === 1 && /[a-z][^\0-\x7f]|[^\0-\x7f][a-z]/i.test(text)) return false;
  return letters.filter((char) => COMMON_HAN.has(char)).length * 2 > letters.length || letters.length === 0;
}

const TYPESET = /[\u2010-\u2026\u3000-\u301f\uff01-\uff5e]/;
