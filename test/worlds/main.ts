// The share of true usage that the rules count, in worlds whose truth is known: `npm run test:worlds`, sixty seeds with `-- --long`.
import { parseArgs } from 'node:util';
import { type Judge, judgeBy, naiveJudge } from '../support/worlds/judges.ts';
import { oldRules } from '../support/worlds/old-rules.ts';
import { productFold } from '../support/worlds/product.ts';
import { monthsOf, type Verdict, verdictOn } from '../support/worlds/run.ts';
import type { World } from '../support/worlds/world.ts';
import { WORLDS } from '../support/worlds/worlds.ts';

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    seeds: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const seeds = Number(values.seeds ?? (values.long ? 60 : 5));
const rules: readonly (readonly [string, Judge])[] = [
  ['naive', naiveJudge],
  ['fold', judgeBy(productFold)],
];

console.log(`Counted / true in percent: the median over ${seeds} seeds, in brackets what nine in ten do not exceed.`);
console.log('F: false restarts a month, the median. found: by the simulation that the rules come from.\n');
const heads = ['world', '0.1.0 found', '0.1.0', 'found', ...rules.map(([name]) => name), 'bounds'];
const rows = Object.entries(WORLDS).flatMap(([figure, worlds]) =>
  worlds.filter(({ name }) => `${figure}: ${name}`.includes(values.only)).map((world) => rowOf(figure, world)),
);
const widths = heads.map((head, column) => Math.max(head.length, ...rows.map(({ cells }) => cells[column]!.length)));
for (const cells of [heads, ...rows.map((row) => row.cells)]) {
  console.log(cells.map((cell, column) => cell.padEnd(widths[column]!)).join('  '));
}
const failed = rows.filter(({ isRight }) => !isRight).length;
console.log(failed === 0 ? `\n${rows.length} worlds as they should be.` : `\n${failed} worlds out of bounds (✗).`);
process.exitCode = failed === 0 ? 0 : 1;

function rowOf(figure: string, world: World): { cells: readonly string[]; isRight: boolean } {
  const months = monthsOf(world, seeds);
  const old = verdictOn(months, oldRules);
  const verdicts = rules.map(([, judge]) => verdictOn(months, judge));
  const { counted, found, falseResets, oldAtLeast = 0, oldAtMost = Number.POSITIVE_INFINITY } = world;
  const bites = old.median >= oldAtLeast && old.median <= oldAtMost;
  const isRight = verdicts.map((verdict) => isWithin(verdict, world));
  const cells = [
    `${figure}: ${world.name}`,
    textOf(found?.old),
    `${textOf(old)}${bites ? '' : ' ✗'}`,
    textOf(found?.ours),
    ...verdicts.map((verdict, index) => `${textOf(verdict)}${isRight[index] ? '' : ' ✗'}`),
    `${counted.join('–')} F≤${falseResets}${oldBounds(world)}`,
  ];
  return { cells, isRight: bites && isRight.every(Boolean) };
}

function isWithin({ median, falseResets }: Verdict, world: World): boolean {
  const [low, high] = world.counted;
  return median >= low && median <= high && falseResets <= world.falseResets;
}

function textOf(verdict: Verdict | number | undefined): string {
  if (verdict === undefined) return '–';
  if (typeof verdict === 'number') return `${verdict}`;
  const { median, high, falseResets } = verdict;
  return `${median < 200 ? median.toFixed(1) : Math.round(median)} (${Math.round(high)}) F${falseResets}`;
}

function oldBounds({ oldAtLeast, oldAtMost }: World): string {
  if (oldAtLeast !== undefined) return `, 0.1.0 ≥${oldAtLeast}`;
  return oldAtMost === undefined ? '' : `, 0.1.0 ≤${oldAtMost}`;
}
