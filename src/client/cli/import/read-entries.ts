import type { Bilingual } from '../../../protocol/language.ts';
import { badFile } from './bad-file.ts';
import { readCsv } from './csv-entries.ts';
import { readJson } from './json-entries.ts';

/** One session of a file as it stands there, and where. */
export interface Entry {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly place: Bilingual;
  /** The line or, within one JSON document, the number of the entry. */
  readonly number: number;
}

/** The sessions of a JSON, JSON Lines or CSV file; throws `value_refused` that names the line which is none. */
export async function readEntries(bytes: Uint8Array, fileName: string): Promise<Entry[]> {
  const text = decode(bytes);
  if (text.trim() === '') throw badFile({ zh: '文件是空的', en: 'the file is empty' });
  const isCsv = /\.(?:csv|tsv)$/i.test(fileName) || !/^\s*[[{]/.test(text);
  return isCsv ? await readCsv(text) : readJson(text, /\.(?:jsonl|ndjson)$/i.test(fileName));
}

/** Spreadsheets save text as UTF-8, as UTF-16 or, in Chinese Windows, as GB 18030. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encodings = first === 0xff && second === 0xfe ? ['utf-16le'] : ['utf-8', 'gb18030'];
  for (const encoding of encodings) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw badFile({ zh: '文件不是文本', en: 'the file is not a text' });
}
