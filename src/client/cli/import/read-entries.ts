import type { Bilingual } from '../../../protocol/language.ts';
import { decodeText, ENCODING_FAULTS } from '../../../protocol/text-encoding.ts';
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
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  const { text, hint } = ENCODING_FAULTS[decoded.fault];
  throw badFile({ zh: `${text.zh}；${hint.zh}`, en: `${text.en}; ${hint.en}` });
}
