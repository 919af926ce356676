import { CsvError, parse } from 'csv-parse/sync';
import type { Bilingual } from '../../../protocol/language.ts';
import { badFile, line } from './bad-file.ts';
import type { Entry } from './read-entries.ts';

/** The rows of a CSV file by the names in its header; a formula guard as `export` writes it is taken off again. */
export async function readCsv(text: string): Promise<Entry[]> {
  const [header, ...rows] = parseRows(text);
  const columns = (header?.record ?? []).map(columnOf);
  if (!columns.includes('tokens')) throw noTokensColumn(header?.record ?? []);
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

interface Row {
  readonly record: readonly string[];
  /** The line that it begins on. */
  readonly number: number;
}

function parseRows(text: string): Row[] {
  try {
    // Quoted cells have lines of their own, so the line of a row is counted over what the row before consumed.
    const rows = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      skip_empty_lines: true,
    }) as unknown as {
      record: string[];
      info: { lines: number; bytes: number };
    }[];
    return rows.map(({ record, info }) => ({ record, number: info.lines - lineBreaksIn(record) }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw badFile(REASONS[error.code] ?? OTHER_REASON, line(Number(error.lines ?? 1)));
  }
}

function lineBreaksIn(record: readonly string[]): number {
  return record.reduce((sum, cell) => sum + (cell.match(/\r\n|\n|\r/g)?.length ?? 0), 0);
}

function delimiterOf(text: string): string {
  const [header = ''] = text.split(/[\r\n]/, 1);
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** The names that columns go by, in lower case. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  tokens: ['tokens', 'token', 'token数', 'tokens_used', '数量', '数值', '增量'],
  event: ['event', 'task', 'description', '事件', '事件描述', '描述', '任务'],
  timestamp: ['timestamp', 'time', 'date', 'start_time', '时间', '日期', '时间戳'],
  conversation_id: ['conversation_id', 'conversation', '会话', '对话', '会话id'],
  id: ['id', 'session_id'],
  undone: ['undone'],
};

function columnOf(name: string): string | undefined {
  const wanted = name.trim().toLowerCase();
  return Object.keys(COLUMNS).find((column) => COLUMNS[column]!.includes(wanted));
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
