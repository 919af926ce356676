import type { Bilingual } from '../../../protocol/language.ts';
import { decodeText, ENCODING_FAULTS } from '../../../shared/text-encoding.ts';
import { badFile } from './bad-file.ts';
import { readCsv } from './csv-entries.ts';
import type { Entry } from './entry.ts';
import { readJson } from './json-entries.ts';

/**
 * The sessions of a JSON, JSON Lines or CSV file, or of another tool's export, which was written at `writtenMs`; throws
 * `value_refused` that names the line which is none.
 */
export async function readEntries(bytes: Uint8Array, fileName: string, writtenMs: number): Promise<Entry[]> {
  if (WORKBOOKS.some((begin) => begin.every((byte, at) => bytes[at] === byte))) throw badFile(WORKBOOK);
  const text = decode(bytes);
  if (text.trim() === '') throw badFile({ zh: '文件是空的', en: 'the file is empty' });
  const isCsv = /\.(?:csv|tsv)$/i.test(fileName) || !/^\s*[[{]/.test(text);
  return isCsv ? await readCsv(text) : readJson(text, /\.(?:jsonl|ndjson)$/i.test(fileName), writtenMs);
}

/** How files of Excel begin: `.xlsx` is a ZIP archive, `.xls` a compound document. */
const WORKBOOKS = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
];

const WORKBOOK: Bilingual = {
  zh: '这是 Excel 工作簿；请在 Excel 中另存为 CSV UTF-8',
  en: 'this is a workbook of Excel; save it there as CSV UTF-8',
};

/** Spreadsheets save text as UTF-8, as UTF-16 or, in Chinese Windows, as GB 18030. */
function decode(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  const { text, hint } = ENCODING_FAULTS[decoded.fault];
  throw badFile({ zh: `${text.zh}；${hint.zh}`, en: `${text.en}; ${hint.en}` });
}
