import { describe, expect, test } from 'vitest';
import type { Flags } from '../../../../src/daemon/rules/figures/entry.ts';
import { naiveFold, standingAfter } from '../../../support/worlds/naive-fold.ts';
import { entriesOf } from '../../../support/worlds/sequence.ts';

// Each row: what is told, what is shown in the end, what each reading counts in the end, the flags of each as it came.
const FIRST: Flags = { first: true };
const NONE: Flags = {};
const RESET: Flags = { reset: true };
const NEW: Flags = { new: true };
const TABLE: readonly (readonly [string, number, readonly number[], readonly Flags[]])[] = [
  ['m350000 e566 m350000', 350_000, [0, 0, 0], [FIRST, NONE, { gave_way: 566 }]],
  ['m350400 e5000 m350K', 350_400, [0, 0, 0], [FIRST, NONE, { gave_way: 5_000 }]],
  ['m350K m349800', 349_800, [0, 0], [FIRST, { rounded: true }]],
  ['m350400 m351K m350900', 350_900, [0, 600, 0], [FIRST, NONE, { rounded: true }]],
  ['m350000 a2000 e9000 m352500', 352_500, [0, 2_000, 500, 0], [FIRST, NONE, NONE, { gave_way: 8_500 }]],
  ['m350000 a2000 m350500 m351000', 351_000, [0, 2_000, 0, 500], [FIRST, NONE, NONE, NONE]],
  ['m350000#ed a2000#bot m350500#ed m351000#ed', 351_000, [0, 2_000, 500, 500], [FIRST, NONE, NONE, NONE]],
  ['i8000000 m350000', 350_000, [8_000_000, 0], [NONE, FIRST]],
  ['m350000 i8000000 m360000', 360_000, [0, 8_000_000, 10_000], [FIRST, NONE, NONE]],
  ['e5000 m350000', 350_000, [5_000, 0], [NONE, FIRST]],
  ['m350000 m36000 m360000′', 360_000, [0, 0, 10_000], [FIRST, RESET, { replaces: '1' }]],
  ['m350000 m3600000 m360000′', 360_000, [0, 0, 10_000], [FIRST, NONE, { replaces: '1' }]],
  [
    'm350000 e9000 m3600000 m352000′',
    352_000,
    [0, 2_000, 0, 0],
    [FIRST, NONE, NONE, { replaces: '2', gave_way: 7_000 }],
  ],
  ['m350000 m3600000 c360000', 360_000, [0, 10_000, 0], [FIRST, NONE, { restates: '1' }]],
  ['m350000 m36000 c360000', 360_000, [0, 10_000, 0], [FIRST, RESET, { restates: '1' }]],
  ['m3500000 m350000′ m360000', 360_000, [0, 0, 10_000], [FIRST, FIRST, NONE]],
  ['m350000 m36000′ m360000′', 360_000, [0, 0, 10_000], [FIRST, FIRST, { replaces: '1' }]],
  ['m350000 e3000 m15000', 15_000, [0, 3_000, 12_000], [FIRST, NONE, RESET]],
  [
    'm350000#A e4000#B e3000#B m20000#B',
    20_000,
    [0, 4_000, 3_000, 13_000],
    [FIRST, NONE, NONE, { new: true, reset: true }],
  ],
  [
    'm350000#A m20000#B m352000#A m22000#B',
    22_000,
    [0, 20_000, 2_000, 2_000],
    [FIRST, { new: true, reset: true }, NONE, NONE],
  ],
  ['m350000 m20000 m352000 m22000', 22_000, [0, 20_000, 332_000, 22_000], [FIRST, RESET, NONE, RESET]],
  ['m150000#A m180000#A m45000#A m60000#A', 60_000, [0, 30_000, 45_000, 15_000], [FIRST, NONE, RESET, NONE]],
  ['m80000#A m60000#B m150000#C', 150_000, [0, 60_000, 150_000], [FIRST, { new: true, reset: true }, NEW]],
  ['m80000 m60000 m150000', 150_000, [0, 60_000, 90_000], [FIRST, RESET, NONE]],
  ['m350000 m360000#A m370000#A', 370_000, [0, 10_000, 10_000], [FIRST, { adopts: true }, NONE]],
  ['m380000 m361000', 361_000, [0, 361_000], [FIRST, RESET]],
  // Beyond the table of the contract.
  ['m350400#A m20000#B m350K#A', 350_400, [0, 20_000, 0], [FIRST, { new: true, reset: true }, { rounded: true }]],
  ['m350000 a2000#A m352500#A', 352_500, [0, 2_000, 500], [FIRST, NONE, { adopts: true }]],
  [
    'm350000 m3600000 c360000 m355000@-90',
    360_000,
    [0, 10_000, 0, 0],
    [FIRST, NONE, { restates: '1' }, { late: true }],
  ],
  ['m350000 m3600000 c360000′ m355000′', 355_000, [0, 10_000, 0, 355_000], [FIRST, NONE, { restates: '1' }, RESET]],
  ['m350000 E3600000 m360000′', 360_000, [0, 0, 360_000], [FIRST, NONE, RESET]],
  // The contract cannot tell a slip from a restart at the same moment.
  ['m350000 m200000 m20000′', 20_000, [0, 200_000, 20_000], [FIRST, RESET, RESET]],
  [
    'm350000 m3600000 m370000′ m360000′',
    360_000,
    [0, 0, 0, 10_000],
    [FIRST, NONE, { replaces: '1' }, { replaces: '2' }],
  ],
  ['m350000 m360000 m355000@-90', 360_000, [0, 10_000, 0], [FIRST, NONE, { late: true }]],
  ['m350000 m3600000 c370000 c360000', 360_000, [0, 10_000, 0, 0], [FIRST, NONE, { restates: '1' }, { restates: '1' }]],
  // A correction is told as if the reading that it restates had never been, with what was added since.
  ['m350000 m3600000 e5000 c360000', 360_000, [0, 5_000, 5_000, 0], [FIRST, NONE, NONE, { restates: '1' }]],
  ['m350000 m3600000 a2000 c362000', 362_000, [0, 10_000, 2_000, 0], [FIRST, NONE, NONE, { restates: '1' }]],
  [
    'm350000 e9000 m3600000 c352000',
    352_000,
    [0, 2_000, 0, 0],
    [FIRST, NONE, NONE, { gave_way: 7_000, restates: '2' }],
  ],
  ['e5000 m350000 a2000 c360000', 360_000, [5_000, 0, 2_000, 0], [NONE, FIRST, NONE, { restates: '1' }]],
  ['m350000 m20000 c21000', 21_000, [0, 21_000, 0], [FIRST, RESET, { restates: '1' }]],
  ['m350000 m360000#A c340000', 340_000, [0, 0, 0], [FIRST, { adopts: true }, { restates: '1' }]],
  [
    'm150000#A m30000 m36000#A c160000',
    160_000,
    [0, 30_000, 10_000, 0],
    [FIRST, RESET, { adopts: true }, { restates: '2' }],
  ],
  ['m350000 m3600000 c360000 m352000′', 352_000, [0, 10_000, 0, 352_000], [FIRST, NONE, { restates: '1' }, RESET]],
  ['m350000 c360000 m370000', 370_000, [0, 0, 10_000], [FIRST, { restates: '0' }, NONE]],
  ['c360000 m370000', 370_000, [0, 10_000], [NONE, NONE]],
  ['E340000 m350000', 350_000, [0, 10_000], [NONE, NONE]],
  ['m350000 E300000 m310000@-90', 310_000, [0, 0, 10_000], [FIRST, NONE, NONE]],
  ['c300000 m310000@-90', 300_000, [0, 0], [NONE, { late: true }]],
  ['m350000 E300000 m310000', 310_000, [0, 0, 10_000], [FIRST, NONE, NONE]],
  ['m350000 m350K m349900', 349_900, [0, 0, 349_900], [FIRST, NONE, RESET]],
  // A late reading stays late, also when the one that it was too late for turns out to be a slip.
  [
    'm350000 m3600000 m355000@-30′ m360000′',
    360_000,
    [0, 0, 0, 10_000],
    [FIRST, NONE, { late: true }, { replaces: '1' }],
  ],
  // The ten minutes are those of the readings too, where one of them names its own.
  ['m80000@-540 m60000@-460′ m150000@-240′', 150_000, [0, 60_000, 90_000], [FIRST, RESET, NONE]],
  ['m80000@-540 m60000@-460′ m85000@-459′', 85_000, [0, 0, 5_000], [FIRST, RESET, { replaces: '1' }]],
  // The line before a slip is the one that it was compared with.
  ['m20000 m38586#A m91448#A′', 91_448, [0, 18_586, 52_862], [FIRST, { adopts: true }, NONE]],
  ['m49000 m38586#A m91448#A′', 91_448, [0, 38_586, 52_862], [FIRST, { new: true, reset: true }, NONE]],
  ['m350000 m360000#A m120000#A′', 120_000, [0, 10_000, 120_000], [FIRST, { adopts: true }, RESET]],
  // Amounts told of a conversation are part of its value, also where its line was left long ago.
  [
    'm90000#A m50000 e3000 e4000#A m52000#A',
    52_000,
    [0, 50_000, 2_000, 0, 0],
    [FIRST, RESET, NONE, NONE, { adopts: true, gave_way: 5_000 }],
  ],
  ['m350K m349800 m349900 m350300', 350_300, [0, 0, 0, 300], [FIRST, { rounded: true }, { rounded: true }, NONE]],
  [
    'm350000 m3600000#A m360000#A′',
    360_000,
    [0, 0, 10_000],
    [FIRST, { adopts: true }, { adopts: true, replaces: '1' }],
  ],
  ['m350000 m36000 m360000′ u2', 36_000, [0, 36_000, 0], [FIRST, RESET, { replaces: '1' }]],
  ['m350000 e9000 m352000 u2', 359_000, [0, 9_000, 0], [FIRST, NONE, { gave_way: 7_000 }]],
  ['m350000 m360000 E100000 u1 m370000', 370_000, [0, 0, 0, 0, 20_000], [FIRST, NONE, NONE, NONE, NONE]],
  ['m350000 m3600000 c360000 u2', 3_600_000, [0, 3_250_000, 0], [FIRST, NONE, { restates: '1' }]],
];

describe('the naive fold tells what the contract tells', () => {
  test.each(TABLE)('the naive fold tells what the contract tells: %s', (text, used, counted, flags) => {
    const entries = entriesOf(text);
    const outcomes = naiveFold(entries);
    const standing = standingAfter(entries);
    expect(outcomes.at(-1)!.used).toBe(used);
    const ids = entries.map((_, index) => `${index}`);
    expect(ids.slice(0, counted.length).map((id) => standing.counted.get(id) ?? 0)).toEqual(counted);
    expect(outcomes.slice(0, flags.length).map((outcome) => outcome.flags)).toEqual(flags);
  });
});
