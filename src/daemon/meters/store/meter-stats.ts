import { TokenSyncError } from '../../../protocol/errors.ts';
import { DIMENSIONS, type Dimension } from '../../../protocol/meters.ts';
import { addExactly } from '../../rules/exact-sum.ts';
import { bucketStarts } from '../../rules/stats.ts';
import type { Statements } from '../../store/index/database/statements.ts';
import { type Counts, NOTHING } from './counts.ts';
import { sourceOf } from './feeding.ts';
import { type Tokens, tokensOf } from './meter-view.ts';
import { SLOT_MS } from './meters-schema.ts';
import type { Names } from './names.ts';

export interface AskedStats {
  readonly by: readonly Dimension[];
  /** From this instant on, up to and without that one. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** The machine's own by default. */
  readonly timeZone?: string;
}

/**
 * Of what was asked for, what is known: no model where the tool named none. `day` is a local date, `hour` the local time at
 * which it begins, with its offset: the hour that comes twice in autumn is two.
 */
export type StatsRow = { readonly [D in Dimension]?: string } & { readonly tokens: Tokens; readonly calls: number };

/** Sums of counters, in the order of what was asked for; those without a name come first. */
export function meterStats(statements: Statements, names: Names, asked: AskedStats): StatsRow[] {
  const { by, timeZone } = asked;
  const dayAt = by.includes('day') ? bucketStarts('day', timeZone) : undefined;
  const hourAt = by.includes('hour') ? bucketStarts('hour', timeZone) : undefined;
  const meters = new Map(statements.all<{ id: number; meter: string }>(METERS).map(({ id, meter }) => [id, meter]));
  const label: Readonly<Record<Dimension, (row: SumRow) => string | undefined>> = {
    tool: ({ counter }) => sourceOf(meters.get(counter)!),
    model: ({ model }) => names.textOf(model),
    project: ({ project }) => names.textOf(project),
    day: ({ slot }) => dayAt!(slot * SLOT_MS).slice(0, DATE_CHARACTERS),
    hour: ({ slot }) => hourAt!(slot * SLOT_MS),
    conversation: ({ conversation }) => names.textOf(conversation),
  };
  const sums = new Map<string, Sum>();
  for (const row of rowsOf(statements, asked)) {
    const labels = by.map((dimension) => label[dimension](row));
    const key = JSON.stringify(labels);
    let sum = sums.get(key);
    if (!sum) {
      sum = { labels, counts: NOTHING, all: 0, calls: 0 };
      sums.set(key, sum);
    }
    addRow(sum, row);
  }
  return [...sums.values()].sort(inOrder).map((sum) => told(sum, by));
}

interface Sum {
  readonly labels: readonly (string | undefined)[];
  counts: Counts;
  all: number;
  calls: number;
}

interface SumRow {
  readonly slot: number;
  readonly counter: number;
  readonly model: number;
  readonly project: number;
  readonly conversation: number;
  readonly input: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly calls: number;
}

/** Whole slots from the roll-ups, what juts out of them from the cells; all of it where only cells know the conversation. */
function* rowsOf(statements: Statements, asked: AskedStats): Iterable<SumRow> {
  const { by, sinceMs = 0, untilMs = MOST_MS } = asked;
  if (sinceMs >= untilMs) return;
  const first = Math.ceil(sinceMs / SLOT_MS);
  const end = Math.floor(untilMs / SLOT_MS);
  const columns = COLUMNS.filter(({ dimensions }) => dimensions.some((dimension) => by.includes(dimension)));
  const cells = (fromMs: number, toMs: number) => statements.iterate<SumRow>(sumsOf('cell', columns), fromMs, toMs);
  if (by.includes('conversation') || first >= end) return yield* cells(sinceMs, untilMs);
  if (first * SLOT_MS > sinceMs) yield* cells(sinceMs, first * SLOT_MS);
  yield* statements.iterate<SumRow>(sumsOf('rollup', columns), first, end);
  if (end * SLOT_MS < untilMs) yield* cells(end * SLOT_MS, untilMs);
}

/** Sums by the columns that are needed; by counter always, because the sum of one is exact. */
function sumsOf(table: 'cell' | 'rollup', columns: readonly Column[]): string {
  const named = ['counter', ...columns.map(({ name, ofCell }) => (table === 'cell' ? `${ofCell} as ${name}` : name))];
  const [time, calls] = table === 'cell' ? ['at_ms', 'count(*)'] : ['slot', 'sum(calls)'];
  const groups = named.map((_, index) => index + 1).join(', ');
  return `select ${named.join(', ')}, ${SUMS}, ${calls} as calls from ${table} where ${time} >= ? and ${time} < ? group by ${groups}`;
}

function addRow(sum: Sum, row: SumRow): void {
  const { counts } = sum;
  sum.counts = [
    addExactly(counts[0], row.input),
    addExactly(counts[1], row.cache_read),
    addExactly(counts[2], row.cache_write),
    addExactly(counts[3], row.output),
    addExactly(counts[4], row.reasoning),
  ];
  sum.all = addExactly(sum.all, row.input + row.cache_read + row.cache_write + row.output);
  sum.calls += row.calls;
}

function told({ labels, counts, calls }: Sum, by: readonly Dimension[]): StatsRow {
  const named = by.flatMap((dimension, index) => (labels[index] === undefined ? [] : [[dimension, labels[index]]]));
  return { ...(Object.fromEntries(named) as { [D in Dimension]?: string }), tokens: tokensOf(counts), calls };
}

/** By labels, but local times by when they were: the later of two hours of one name has the smaller offset. */
function inOrder(one: Sum, other: Sum): number {
  for (const [index, label = ''] of one.labels.entries()) {
    const otherLabel = other.labels[index] ?? '';
    if (label === otherLabel) continue;
    if (isHour(label) && isHour(otherLabel)) return Date.parse(label) - Date.parse(otherLabel);
    return label < otherLabel ? -1 : 1;
  }
  return 0;
}

function isHour(label: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:00:00[+-]\d\d:\d\d$/.test(label);
}

/** Throws `invalid_params` for what nobody can ask for. */
export function checkDimensions(by: readonly string[]): asserts by is readonly Dimension[] {
  if (by.every((name) => (DIMENSIONS as readonly string[]).includes(name)) && new Set(by).size === by.length) return;
  throw new TokenSyncError(
    'invalid_params',
    { zh: 'by 只能是各不相同的统计维度', en: 'by takes dimensions, each once' },
    { field: 'by', hint: { zh: `可用：${DIMENSIONS.join(', ')}`, en: `known: ${DIMENSIONS.join(', ')}` } },
  );
}

const DATE_CHARACTERS = 'YYYY-MM-DD'.length;
/** Behind the last instant that a date can be. */
const MOST_MS = 8.64e15 + 1;

const SUMS =
  'sum(input) as input, sum(cache_read) as cache_read, sum(cache_write) as cache_write, sum(output) as output, sum(reasoning) as reasoning';
const METERS = 'select id, meter from counter';

interface Column {
  readonly name: 'slot' | 'model' | 'project' | 'conversation';
  readonly dimensions: readonly Dimension[];
  readonly ofCell: string;
}

const COLUMNS: readonly Column[] = [
  { name: 'slot', dimensions: ['day', 'hour'], ofCell: `at_ms / ${SLOT_MS}` },
  { name: 'model', dimensions: ['model'], ofCell: 'model' },
  { name: 'project', dimensions: ['project'], ofCell: 'project' },
  { name: 'conversation', dimensions: ['conversation'], ofCell: 'conversation' },
];
