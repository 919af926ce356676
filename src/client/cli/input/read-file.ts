import { readFileSync } from 'node:fs';
import type { Bilingual } from '../../../protocol/language.ts';
import { decodeText, ENCODING_FAULTS } from '../../../shared/text-encoding.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** The bytes of a file that a person has named; throws `wrong_usage`, with the hint, when it cannot be read. */
export function readFile(path: string, hint = STANDARD_INPUT): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw wrongUsage({ zh: `无法读取文件 ${path} (${code})`, en: `the file ${path} cannot be read (${code})` }, hint);
  }
}

/** The text in bytes that a person has given; throws `wrong_usage` where they are none, or their encoding is not known. */
export function textIn(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  const { text, hint } = ENCODING_FAULTS[decoded.fault];
  throw wrongUsage(text, hint);
}

const STANDARD_INPUT: Bilingual = {
  zh: '请检查路径；- 表示标准输入',
  en: 'check the path; - stands for standard input',
};
