import { createHash } from 'node:crypto';
import type { Bilingual } from '../../../protocol/language.ts';
import { parseTimestamp } from '../../../protocol/timestamp.ts';
import { badFile } from './bad-file.ts';
import type { Entry } from './entry.ts';

/**
 * The days, weeks or months of a report of ccusage or codeburn, each with the id of its stretch, so that the next report
 * counts only what is new; `undefined` for any other document. What may not have been over when the report was made is left
 * out, for a later report tells more of it: all that ends after `writtenMs`, and the newest stretch unless the report says
 * when it was made. Throws `value_refused` where a figure is missing, and for a report that tells the same usage in two ways
 * or in stretches that grow.
 */
export function reportEntries(document: Fields, writtenMs: number): Entry[] | undefined {
  const rows = codeburnRows(document) ?? ccusageRows(document);
  if (!rows) return undefined;
  const made = parseTimestamp(String(document.generated));
  // A file may have been copied, and a pipe read, long after the report was made: only a later row says that one is over.
  const newestMs = made === undefined ? newestOf(rows) : Number.POSITIVE_INFINITY;
  const isOver: IsOver = (startMs, endMs) => endMs <= Math.min(made ?? writtenMs, writtenMs) && startMs < newestMs;
  return rows.map((row, index) => entryOf(row, index + 1, isOver));
}

type Fields = Readonly<Record<string, unknown>>;
type Kind = 'daily' | 'weekly' | 'monthly';
/** Of a stretch from its start to its end, in milliseconds. */
type IsOver = (startMs: number, endMs: number) => boolean;

interface ReportRow {
  readonly tool: 'ccusage' | 'codeburn';
  readonly kind: Kind;
  readonly project?: string;
  readonly fields: Fields;
}

function entryOf({ tool, kind, project, fields }: ReportRow, number: number, isOver: IsOver): Entry {
  const place = { zh: `第 ${number} 条`, en: `entry ${number}` };
  const key = textOf(fields, KEYS[kind]);
  const timestamp = startOf(kind, fields);
  if (!key || !timestamp) throw badFile(noField(KEYS[kind][0]!), place);
  const agent = textOf(fields, ['agent', 'source']);
  const id = createHash('sha256')
    .update(JSON.stringify([kind, project, agent, key]))
    .digest('base64url')
    .slice(0, 22);
  const tokens = tool === 'codeburn' ? sumOf(fields, CODEBURN_PARTS, place) : totalOf(fields, place);
  const startMs = parseTimestamp(timestamp);
  return {
    fields: {
      id: `${tool}:${id}`,
      tokens,
      timestamp,
      event: modelsOf(fields) || tool,
      ...(project && { conversation_id: [...project].slice(-256).join('') }),
    },
    ...(startMs !== undefined && !isOver(startMs, endOf(kind, startMs)) && { leftOut: NOT_OVER }),
    place,
    number,
  };
}

/** By what a row is known; those of all tools together are called periods. */
const KEYS: Readonly<Record<Kind, readonly string[]>> = {
  daily: ['date', 'Date', 'period'],
  weekly: ['week', 'period'],
  monthly: ['month', 'period'],
};

/** The first day of a row's stretch, as it is written. */
function startOf(kind: Kind, fields: Fields): string | undefined {
  const key = textOf(fields, KEYS[kind]);
  return key && kind === 'monthly' ? `${key}-01` : key;
}

/** When the newest stretch begins, in milliseconds. */
function newestOf(rows: readonly ReportRow[]): number {
  const starts = rows.map(
    ({ kind, fields }) => parseTimestamp(startOf(kind, fields) ?? '') ?? Number.NEGATIVE_INFINITY,
  );
  return starts.reduce((newest, start) => Math.max(newest, start), Number.NEGATIVE_INFINITY);
}

/** When a stretch that begins on this local day ends, in milliseconds. */
function endOf(kind: Kind, startMs: number): number {
  const day = new Date(startMs);
  const days = kind === 'weekly' ? 7 : kind === 'monthly' ? 0 : 1;
  return new Date(day.getFullYear(), day.getMonth() + (kind === 'monthly' ? 1 : 0), day.getDate() + days).getTime();
}

const BLOCKS: Bilingual = {
  zh: 'ccusage 的 blocks 报告与其它报告重叠；请用 ccusage daily --json',
  en: 'the blocks of ccusage overlap its other reports; use ccusage daily --json',
};

const SESSIONS: Bilingual = {
  zh: 'ccusage 的 session 报告只有每个会话的合计，会话继续后无法只计新增的部分；请用 ccusage daily --json',
  en: 'the sessions of ccusage go on, and what is added to one cannot be told from what was counted; use ccusage daily --json',
};

/** The sections that ccusage writes, one a report, or the same as `{type, data}`; some with the reason why they are refused. */
const SECTIONS: Readonly<Record<string, Kind | Bilingual>> = {
  daily: 'daily',
  weekly: 'weekly',
  monthly: 'monthly',
  sessions: SESSIONS,
  session: SESSIONS,
  blocks: BLOCKS,
};

function ccusageRows(document: Fields): ReportRow[] | undefined {
  const { type, data, projects } = document;
  const named = typeof type === 'string' && Array.isArray(data) ? { [type]: data } : document;
  const found = Object.keys(SECTIONS).filter((name) => isReport(named[name]));
  if (areReports(projects)) found.push('projects');
  if (found.length > 1) throw badFile(severalReports(found));
  const [name] = found;
  if (name === undefined) return isEmptyReport(document) ? [] : undefined;
  const kind = SECTIONS[name];
  if (typeof kind === 'object') throw badFile(kind);
  if (kind) return rowsOf(named[name], { tool: 'ccusage', kind });
  return Object.entries(projects as Fields).flatMap(([project, rows]) =>
    rowsOf(rows, { tool: 'ccusage', kind: 'daily', project }),
  );
}

/** Its rows tell totals; `tokens` is what sessions of our own and of older programs have. */
function isReport(rows: unknown): rows is readonly Fields[] {
  const isRow = (row: unknown) => isObject(row) && Object.hasOwn(row, 'totalTokens') && !Object.hasOwn(row, 'tokens');
  return Array.isArray(rows) && rows.length > 0 && rows.every(isRow);
}

function areReports(projects: unknown): projects is Readonly<Record<string, readonly Fields[]>> {
  return isObject(projects) && Object.values(projects).some(isReport) && Object.values(projects).every(Array.isArray);
}

/** A stretch without usage has a report without rows. */
function isEmptyReport({ totals, ...sections }: Fields): boolean {
  return (
    isObject(totals) &&
    Object.keys(SECTIONS).some((name) => Array.isArray(sections[name]) && sections[name].length === 0)
  );
}

/** The days of codeburn's export, which tells those of a short period again within a longer one. */
function codeburnRows({ schema, periods }: Fields): ReportRow[] | undefined {
  if (typeof schema !== 'string' || !schema.startsWith('codeburn.export') || !Array.isArray(periods)) return undefined;
  const lists = periods.map((period) => (isObject(period) && Array.isArray(period.daily) ? period.daily : []));
  const byDay = new Map<unknown, ReportRow>();
  for (const list of lists.toSorted((one, other) => other.length - one.length)) {
    for (const row of rowsOf(list, { tool: 'codeburn', kind: 'daily' })) {
      if (!byDay.has(row.fields.Date)) byDay.set(row.fields.Date, row);
    }
  }
  return [...byDay.values()];
}

const CODEBURN_PARTS = ['Input Tokens', 'Output Tokens', 'Cache Read Tokens', 'Cache Write Tokens'];

function rowsOf(rows: unknown, row: Omit<ReportRow, 'fields'>): ReportRow[] {
  return (rows as readonly unknown[]).map((fields) => ({ ...row, fields: isObject(fields) ? fields : {} }));
}

function totalOf(fields: Fields, place: Bilingual): number {
  return sumOf(fields, ['totalTokens'], place);
}

function sumOf(fields: Fields, names: readonly string[], place: Bilingual): number {
  return names.reduce((sum, name) => {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw badFile(noField(name), place);
    return sum + value;
  }, 0);
}

function modelsOf({ modelsUsed, models }: Fields): string {
  const found = modelsUsed ?? models;
  const names = Array.isArray(found) ? found : isObject(found) ? Object.keys(found) : [];
  return names
    .filter((name) => typeof name === 'string')
    .slice(0, 10)
    .join(', ')
    .slice(0, 500);
}

function textOf(fields: Fields, names: readonly string[]): string | undefined {
  return names.map((name) => fields[name]).find((value) => typeof value === 'string' && value !== '') as
    | string
    | undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NOT_OVER: Bilingual = {
  zh: '导出报告时这一段可能还没有结束；请以后再导入新的报告',
  en: 'it may not have been over when the report was made; import a later report',
};

function noField(name: string): Bilingual {
  return { zh: `缺少 ${name}，或不是有效的值`, en: `${name} is missing, or is no value` };
}

function severalReports(names: readonly string[]): Bilingual {
  const list = names.join(', ');
  return {
    zh: `同一用量在文件中出现多次（${list}）；请只导出一种，如 ccusage daily --json`,
    en: `it tells the same usage several times (${list}); write one report, such as ccusage daily --json`,
  };
}
