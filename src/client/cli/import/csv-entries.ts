import { CsvError, parse } from 'csv-parse/sync';
import type { Bilingual } from '../../../protocol/language.ts';
import { badFile, line } from './bad-file.ts';
import { type Column, columnOf } from './columns.ts';
import { cursorEntries, isCursorExport } from './cursor-export.ts';
import type { Entry, Row } from './entry.ts';

/** The rows of a CSV file by the names in its header; a formula guard as `export` writes it is taken off again. */
export async function readCsv(text: string): Promise<Entry[]> {
  const [{ record: header } = { record: [] }, ...rows] = parseRows(text);
  if (isCursorExport(header)) return cursorEntries(header, rows);
  const columns = header.map(columnOf);
  requireColumns(header, columns);
  return rows.map(({ record, number }) => ({
    fields: Object.fromEntries(
      columns.flatMap((column, index) => {
        const cell = record[index] ?? '';
        return column && cell !== '' ? [[column, withoutGuard(cell.replaceAll('\r\n', '\n'))]] : [];
      }),
    ),
    place: line(number),
    number,
  }));
}

/** Throws for a header in which nothing, or more than one column, tells the tokens or any other thing. */
function requireColumns(header: readonly string[], columns: readonly (Column | undefined)[]): void {
  if (!columns.includes('tokens')) throw noTokensColumn(header);
  const twice = columns.find((column, index) => column !== undefined && columns.indexOf(column) !== index);
  if (twice !== undefined)
    throw ambiguous(
      header.filter((name) => columnOf(name) === twice),
      twice,
    );
}

function ambiguous(names: readonly string[], column: Column) {
  const list = names.map((name) => name.trim().slice(0, 40)).join(', ');
  return badFile(
    {
      zh: `${list} 都可能是 ${column} 列；请只保留一列`,
      en: `each of ${list} may be the column ${column}; keep one of them`,
    },
    line(1),
  );
}

function parseRows(whole: string): Row[] {
  const { delimiter, text, lines } = withoutSeparatorLine(whole);
  try {
    // Quoted cells have lines of their own, so the line of a row is counted over what the row before consumed.
    const rows = parse(text, {
      bom: true,
      delimiter: delimiter ?? delimiterOf(text),
      info: true,
      skip_empty_lines: true,
    }) as unknown as {
      record: string[];
      info: { lines: number; bytes: number };
    }[];
    return rows.map(({ record, info }) => ({ record, number: lines + info.lines - lineBreaksIn(record) }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw badFile(REASONS[error.code] ?? OTHER_REASON, line(lines + Number(error.lines ?? 1)));
  }
}

/** Excel is told by a first line `sep=;` what stands between two cells; it is no header. */
function withoutSeparatorLine(text: string) {
  const [line = '', delimiter] = /^\s*"?sep=(.)"?[ ,;\t]*(?:\r\n|\n|\r)/i.exec(text) ?? [];
  return { delimiter, text: text.slice(line.length), lines: lineBreaksIn([line]) };
}

function lineBreaksIn(record: readonly string[]): number {
  return record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function delimiterOf(text: string): string {
  const [header = ''] = text.split(/[\r\n]/, 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** `export` puts one apostrophe before what a spreadsheet would run; see `history-csv.ts`. */
function withoutGuard(cell: string): string {
  return /^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

const OTHER_REASON: Bilingual = { zh: '不是有效的 CSV', en: 'not valid CSV' };
const REASONS: Readonly<Record<string, Bilingual>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: {
    zh: '列数与表头不同（含逗号的内容请加引号）',
    en: 'it has not as many columns as the header (put quotes around a text with commas)',
  },
  CSV_QUOTE_NOT_CLOSED: { zh: '引号没有结束', en: 'a quote is not closed' },
  CSV_INVALID_CLOSING_QUOTE: {
    zh: '引号后有多余内容（内容里的引号请写两次）',
    en: 'something follows a closing quote (write a quote within a text twice)',
  },
  INVALID_OPENING_QUOTE: {
    zh: '引号只能在内容开头（内容里的引号请写两次）',
    en: 'a quote stands within a text that is not quoted (quote it, and write the quote twice)',
  },
};

function noTokensColumn(header: readonly string[]) {
  const found = header.map((name) => name.trim().slice(0, 40)).join(', ');
  return badFile(
    { zh: `表头没有 tokens 列，只有：${found}`, en: `the header has no column tokens; it has: ${found}` },
    line(1),
  );
}
