import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { MeterStats, MeterStatsRow } from '../../../protocol/methods.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { toolName } from '../../../shared/words/meter-text.ts';
import { displayWidth, fitWidth, padWidth } from './display-width.ts';

export type StatsDimension = 'tool' | 'model' | 'project' | 'day';

/** What the counters counted as a table: days newest first, anything else the largest first; cut at `width` columns between figures. */
export function statsTable(
  { rows, unpriced }: MeterStats,
  by: StatsDimension,
  language: Language,
  width = Number.POSITIVE_INFINITY,
): string {
  if (rows.length === 0) return `${NOTHING[language]}\n`;
  const columns = [...COLUMNS, ...(rows.some(({ cost }) => cost) ? [COST] : [])];
  const named = rows
    .toSorted(by === 'day' ? newestFirst : largestFirst)
    .map((row) => ({ name: nameOf(row, by, language), row }));
  const all = named.length > 1 ? [...named, { name: SUM[language], row: sumOf(rows) }] : named;
  const cells = [
    [HEADS[by][language], ...columns.map(({ head }) => head[language])],
    ...all.map(({ name, row }) => [name, ...columns.map(({ cell }) => cell(row))]),
  ];
  return `${fitted(cells, columns, width)}${unpricedText(unpriced, rows, language)}`;
}

/** A column of figures. */
interface Column {
  readonly head: Bilingual;
  readonly cell: (row: MeterStatsRow) => string;
  /** The columns with the highest give way first where there is no room. */
  readonly rank: number;
}

const COLUMNS: readonly Column[] = [
  { head: { zh: 'fresh', en: 'fresh' }, cell: ({ tokens }) => formatTokens(tokens.fresh), rank: 0 },
  { head: { zh: 'all', en: 'all' }, cell: ({ tokens }) => formatTokens(tokens.all), rank: 1 },
  { head: { zh: '请求', en: 'requests' }, cell: ({ calls }) => formatTokens(calls), rank: 2 },
  { head: { zh: '输入', en: 'input' }, cell: ({ tokens }) => formatTokens(tokens.input), rank: 4 },
  { head: { zh: '写缓存', en: 'cache write' }, cell: ({ tokens }) => formatTokens(tokens.cache_write), rank: 6 },
  { head: { zh: '读缓存', en: 'cache read' }, cell: ({ tokens }) => formatTokens(tokens.cache_read), rank: 5 },
  { head: { zh: '输出', en: 'output' }, cell: ({ tokens }) => formatTokens(tokens.output), rank: 3 },
];

/** API value by the price list, not a bill. */
const COST: Column = {
  head: { zh: 'API 价值', en: 'API value' },
  cell: ({ cost }) => (cost ? `$${cost.usd.toFixed(2)}` : '–'),
  rank: 2,
};

const GAP = '  ';

/** A figure is whole or left out, for a part of it reads as another; the name takes what is left. */
function fitted(cells: readonly (readonly string[])[], columns: readonly Column[], width: number): string {
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => displayWidth(row[column]!))));
  const least = Math.min(widths[0]!, LEAST_NAME);
  const kept = new Set(columns.keys());
  const taken = () => [...kept].reduce((sum, column) => sum + widths[column + 1]! + GAP.length, 0);
  while (kept.size > 1 && least + taken() > width) {
    kept.delete([...kept].reduce((one, other) => (columns[other]!.rank > columns[one]!.rank ? other : one)));
  }
  const nameWidth = Math.max(1, Math.min(widths[0]!, width - taken()));
  const lines = cells.map((row) =>
    [
      padWidth(fitWidth(row[0]!, nameWidth), nameWidth),
      ...[...kept].map((column) => padWidth(row[column + 1]!, widths[column + 1]!, 'left')),
    ].join(GAP),
  );
  return lines.map((text) => `${text}\n`).join('');
}

const LEAST_NAME = 12;

function nameOf(row: MeterStatsRow, by: StatsDimension, language: Language): string {
  const told = row[by];
  if (told === undefined || told === '') return UNKNOWN[language];
  return visibleLine(by === 'tool' ? toolName(told) : told);
}

function newestFirst(one: MeterStatsRow, other: MeterStatsRow): number {
  return (other.day ?? '').localeCompare(one.day ?? '');
}

function largestFirst(one: MeterStatsRow, other: MeterStatsRow): number {
  return other.tokens.fresh - one.tokens.fresh;
}

function sumOf(rows: readonly MeterStatsRow[]): MeterStatsRow {
  const sum = (figure: (row: MeterStatsRow) => number) => rows.reduce((total, row) => total + figure(row), 0);
  const priced = rows.filter(({ cost }) => cost);
  return {
    tokens: {
      input: sum(({ tokens }) => tokens.input),
      cache_read: sum(({ tokens }) => tokens.cache_read),
      cache_write: sum(({ tokens }) => tokens.cache_write),
      output: sum(({ tokens }) => tokens.output),
      reasoning: sum(({ tokens }) => tokens.reasoning),
      fresh: sum(({ tokens }) => tokens.fresh),
      all: sum(({ tokens }) => tokens.all),
    },
    calls: sum(({ calls }) => calls),
    ...(priced.length > 0 && { cost: { usd: sum(({ cost }) => cost?.usd ?? 0), basis: 'computed' as const } }),
  };
}

/** Where prices are shown at all: that some tokens have none, so that nobody takes the sum for the whole. */
function unpricedText(unpriced: readonly MeterStatsRow[], rows: readonly MeterStatsRow[], language: Language): string {
  const tokens = unpriced.reduce((total, row) => total + row.tokens.all, 0);
  if (tokens === 0 || !rows.some(({ cost }) => cost)) return '';
  const figure = formatTokens(tokens);
  return {
    zh: `\n${figure} tokens 没有已知的价格，未计入 API 价值\n`,
    en: `\nno price is known for ${figure} tokens; the API value is without them\n`,
  }[language];
}

const HEADS: Readonly<Record<StatsDimension, Bilingual>> = {
  tool: { zh: '工具', en: 'Tool' },
  model: { zh: '模型', en: 'Model' },
  project: { zh: '项目', en: 'Project' },
  day: { zh: '日期', en: 'Day' },
};
const SUM = { zh: '合计', en: 'Total' };
const UNKNOWN = { zh: '（未知）', en: '(unknown)' };
const NOTHING = { zh: '还没有读到任何用量', en: 'nothing has been counted yet' };
