import { createHash } from 'node:crypto';
import type { Bilingual } from '../../../protocol/language.ts';
import { parseTimestamp } from '../../../protocol/timestamp.ts';
import { badFile } from './bad-file.ts';
import type { Entry } from './read-entries.ts';

/**
 * The days, weeks, months or sessions of a report of ccusage or codeburn, each with the id of its stretch, so that the next
 * report counts only what is new; `undefined` for any other document. What was not over when the report was made, at
 * `writtenMs`, is left out, for a later report tells more of it. Throws `value_refused` where a figure is missing, and for a
 * report that tells the same usage in two ways.
 */
export function reportEntries(document: Fields, writtenMs: number): Entry[] | undefined {
  const rows = codeburnRows(document) ?? ccusageRows(document);
  if (!rows) return undefined;
  const made = Math.min(parseTimestamp(String(document.generated)) ?? writtenMs, writtenMs);
  return rows.map((row, index) => entryOf(row, index + 1, made));
}

type Fields = Readonly<Record<string, unknown>>;
type Kind = 'daily' | 'weekly' | 'monthly' | 'session';

interface ReportRow {
  readonly tool: 'ccusage' | 'codeburn';
  readonly kind: Kind;
  readonly project?: string;
  readonly fields: Fields;
}

function entryOf({ tool, kind, project, fields }: ReportRow, number: number, madeMs: number): Entry {
  const place = { zh: `第 ${number} 条`, en: `entry ${number}` };
  const key = textOf(fields, KEYS[kind]);
  const timestamp =
    kind === 'session' ? textOf(fields, ['lastActivity']) : kind === 'monthly' && key ? `${key}-01` : key;
  if (!key || !timestamp) throw badFile(noField(kind === 'session' ? 'lastActivity' : KEYS[kind][0]!), place);
  const agent = textOf(fields, ['agent', 'source']);
  const id = createHash('sha256')
    .update(JSON.stringify([kind, project, agent, key]))
    .digest('base64url')
    .slice(0, 22);
  const conversation = kind === 'session' ? key : project;
  const tokens = tool === 'codeburn' ? sumOf(fields, CODEBURN_PARTS, place) : totalOf(fields, place);
  const over = endOf(kind, timestamp);
  return {
    fields: {
      id: `${tool}:${id}`,
      tokens,
      timestamp,
      event: modelsOf(fields) || tool,
      ...(conversation && { conversation_id: [...conversation].slice(-256).join('') }),
    },
    ...(over !== undefined && over > madeMs && { leftOut: NOT_OVER }),
    place,
    number,
  };
}

/** By what a row is known; those of all tools together are called periods. */
const KEYS: Readonly<Record<Kind, readonly string[]>> = {
  daily: ['date', 'Date', 'period'],
  weekly: ['week', 'period'],
  monthly: ['month', 'period'],
  session: ['sessionId', 'session', 'period'],
};

/** When a stretch that begins on this local day ends, in milliseconds; a session with the day of its last activity. */
function endOf(kind: Kind, timestamp: string): number | undefined {
  const ms = parseTimestamp(timestamp);
  if (ms === undefined) return undefined;
  const day = new Date(ms);
  const days = kind === 'weekly' ? 7 : kind === 'monthly' ? 0 : 1;
  return new Date(day.getFullYear(), day.getMonth() + (kind === 'monthly' ? 1 : 0), day.getDate() + days).getTime();
}

/** One of the sections that ccusage writes, or the same as `{type, data}`. */
const SECTIONS: Readonly<Record<string, Kind>> = {
  daily: 'daily',
  weekly: 'weekly',
  monthly: 'monthly',
  sessions: 'session',
  session: 'session',
};

function ccusageRows(document: Fields): ReportRow[] | undefined {
  const { type, data, projects, blocks } = document;
  const named = typeof type === 'string' && Array.isArray(data) ? { [type]: data } : document;
  const found = Object.keys(SECTIONS).filter((name) => isReport(named[name]));
  if (areReports(projects)) found.push('projects');
  if (found.length > 1) throw badFile(severalReports(found));
  const [name] = found;
  if (name === undefined) {
    if (isReport(blocks) || (type === 'blocks' && isReport(data))) throw badFile(BLOCKS);
    return isEmptyReport(document) ? [] : undefined;
  }
  if (name !== 'projects') return rowsOf(named[name], { tool: 'ccusage', kind: SECTIONS[name]! });
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
  zh: '导出报告时这一段还没有结束；请以后再导入新的报告',
  en: 'it was not over when the report was made; import a later report',
};

const BLOCKS: Bilingual = {
  zh: 'ccusage 的 blocks 报告与其它报告重叠；请用 ccusage daily --json',
  en: 'the blocks of ccusage overlap its other reports; use ccusage daily --json',
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
