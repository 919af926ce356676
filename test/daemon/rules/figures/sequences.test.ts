import { expect, test } from 'vitest';
import { usedOf } from '../../../../src/daemon/rules/figures/fold.ts';
import { entriesOf, fold } from './notation.ts';

/**
 * The count of a reading as `0`, or `36000→0` where it counted something else at first; `×` for one that was undone. An hour
 * lies between two entries, a minute before what has a `′`.
 */
const SEQUENCES: readonly (readonly [sequence: string, used: number, counted: string, flags: string])[] = [
  // The table of the contract.
  ['m350000 e566 m350000', 350_000, '0 · 566→0 · 0', 'first, gave_way 566'],
  ['m350400 e5000 m350K~', 350_400, '0 · 5000→0 · 0', 'first, gave_way 5000'],
  ['m350K~ m349800', 349_800, '0 · 0', 'first, rounded'],
  ['m350400 m351K~ m350900', 350_900, '0 · 600 · 0', 'first, rounded'],
  ['m350000 a2000 e9000 m352500', 352_500, '0 · 2000 · 9000→500 · 0', 'first, gave_way 8500'],
  ['m350000 a2000 m350500 m351000', 351_000, '0 · 2000 · 0 · 500', 'first'],
  ['m350000#ed a2000#bot m350500#ed m351000#ed', 351_000, '0 · 2000 · 500 · 500', 'first'],
  ['i8M m350000', 350_000, '8000000 · 0', 'first'],
  ['m350000 i8M m360000', 360_000, '0 · 8000000 · 10000', 'first'],
  ['e5000 m350000', 350_000, '5000 · 0', 'first'],
  ['m350000 m36000 m360000′', 360_000, '0 · 36000→0 · 10000', 'first, reset, replaces r1'],
  ['m350000 m3600000 m360000′', 360_000, '0 · 3250000→0 · 10000', 'first, replaces r1'],
  ['m350000 e9000 m3600000 m352000′', 352_000, '0 · 9000→2000 · 3241000→0 · 0', 'first, gave_way 7000, replaces r2'],
  ['m350000 m3600000 c360000', 360_000, '0 · 3250000→10000 · 0', 'first, restates r1'],
  ['m350000 m36000 c360000', 360_000, '0 · 36000→10000 · 0', 'first, reset, restates r1'],
  ['m3500000 m350000′ m360000', 360_000, '0 · 0 · 10000', 'first, first'],
  ['m350000 m36000′ m360000′', 360_000, '0 · 0 · 10000', 'first, first, replaces r1'],
  ['m350000 e3000 m15000', 15_000, '0 · 3000 · 12000', 'first, reset'],
  ['m350000#A e4000#B e3000#B m20000#B', 20_000, '0 · 4000 · 3000 · 13000', 'first, new, reset'],
  ['m350000#A m20000#B m352000#A m22000#B', 22_000, '0 · 20000 · 2000 · 2000', 'first, new, reset'],
  ['m350000 m20000 m352000 m22000', 22_000, '0 · 20000 · 332000 · 22000', 'first, reset, reset'],
  ['m150000#A m180000#A m45000#A m60000#A', 60_000, '0 · 30000 · 45000 · 15000', 'first, reset'],
  ['m80000#A m60000#B m150000#C', 150_000, '0 · 60000 · 150000', 'first, new, reset, new'],
  ['m350000 m360000#A m370000#A', 370_000, '0 · 10000 · 10000', 'first, adopts'],
  ['m380000 m361000', 361_000, '0 · 361000', 'first, reset'],
  // Coarse values.
  ['m350400 m351K~ m350900 m350950', 350_950, '0 · 600 · 0 · 0', 'first, rounded, rounded'],
  ['m350400 m350K~ m350900', 350_900, '0 · 0 · 500', 'first, rounded'],
  ['m350000 m350K~ m349900', 349_900, '0 · 0 · 349900', 'first, reset'],
  ['m350400 e200 m350K~ m350500', 350_500, '0 · 200→100 · 0 · 0', 'first, rounded, gave_way 100'],
  ['m350400#A m20000#B m350K~#A', 350_400, '0 · 20000 · 0', 'first, new, reset, rounded'],
  // Late readings.
  ['m350000 m340000-2h m351000', 351_000, '0 · 0 · 1000', 'first, late'],
  ['m350000#A m5000#B m340000#A-3h m6000#B', 6_000, '0 · 5000 · 0 · 1000', 'first, new, reset, late'],
  ['e500 m350000-9h m360000-5h', 360_000, '500 · 0 · 10000', 'first'],
  ['m350000 m20000-9h u m351000', 351_000, '0 · × ·  · 1000', 'first, late'],
  ['@340000 m350000-2h', 350_000, ' · 10000', ''],
  ['c340000 m350000-2h', 340_000, '0 · 0', 'late'],
  ['m350000 m3600000 c360000 m355000-2h', 360_000, '0 · 3250000→10000 · 0 · 0', 'first, restates r1, late'],
  // Slips.
  ['m350000 m3600000 e500′ m352000′', 352_000, '0 · 3250000→0 · 500 · 1500', 'first, replaces r1'],
  // A value that differs from a correction is meant.
  ['m350000 m3600000 c360000′ m355000′', 355_000, '0 · 3250000→10000 · 0 · 355000', 'first, restates r1, reset'],
  // A slip is compared with the line that it was told of; one that began a line has none.
  ['m350000 m360000#A m120000#A′', 120_000, '0 · 10000 · 120000', 'first, adopts, reset'],
  ['m49000 m38586#A m91448#A′', 91_448, '0 · 38586 · 52862', 'first, new, reset'],
  ['m350000 m3600000 m352000', 352_000, '0 · 3250000 · 352000', 'first, reset'],
  ['m350000 m352000 m353000′', 353_000, '0 · 2000 · 1000', 'first'],
  ['m350000#A m36000#B m20000#B′', 20_000, '0 · 36000→0 · 20000', 'first, new, reset, new, reset, replaces r1'],
  ['m350000#A m3600000#A m20000#B′', 20_000, '0 · 3250000 · 20000', 'first, new, reset'],
  ['m350000 e566 m350000 m360000′', 360_000, '0 · 566→0 · 0 · 10000', 'first, gave_way 566'],
  ['m350000 e566 m35000 m350300′', 350_300, '0 · 566→300 · 34434→0 · 0', 'first, reset, gave_way 266, replaces r2'],
  ['m350000 m3600000 m352000′ m351000′', 351_000, '0 · 3250000→0 · 2000→0 · 1000', 'first, replaces r1, replaces r2'],
  // A reading an hour later by its own time was not typed again at once.
  ['m80000-9h m60000-7h m150000-3h', 150_000, '0 · 60000 · 90000', 'first, reset'],
  // Corrections.
  ['c360000 m361000', 361_000, '0 · 1000', ''],
  ['m350000 c360000 m361000', 361_000, '0 · 0 · 1000', 'first, restates r0'],
  ['m340000 m350000 a2000 c352000', 352_000, '0 · 10000 · 2000 · 0', 'first, restates r1'],
  ['m340000 m350000 e2000 c351000', 351_000, '0 · 10000→9000 · 2000 · 0', 'first, restates r1'],
  ['m350000 e566 m3600000 c350100', 350_100, '0 · 566→100 · 3249434→0 · 0', 'first, gave_way 466, restates r2'],
  // As if the reading had never been, with what was added since.
  ['m350000 m3600000 a2000 c362000', 362_000, '0 · 3250000→10000 · 2000 · 0', 'first, restates r1'],
  ['e5000 m350000 a2000 c360000', 360_000, '5000 · 0 · 2000 · 0', 'first, restates r1'],
  ['m150000#A m30000 m36000#A c160000', 160_000, '0 · 30000 · 6000→10000 · 0', 'first, reset, adopts, restates r2'],
  ['m350000 m3600000 c36000 c360000', 360_000, '0 · 3250000→10000 · 0 · 0', 'first, restates r1, restates r1'],
  ['m350000#A m15000 c360000 m361000#A', 361_000, '0 · 15000→10000 · 0 · 1000', 'first, reset, restates r1'],
  ['m350000 m36000#A c360000 m361000#A', 361_000, '0 · 36000→10000 · 0 · 1000', 'first, new, reset, restates r1'],
  ['m350000 m360000#A c340000', 340_000, '0 · 10000→0 · 0', 'first, adopts, restates r1'],
  ['m350000 m15000 c15500 m16000', 16_000, '0 · 15000→15500 · 0 · 500', 'first, reset, restates r1'],
  ['m350000#A e300 m15000 c15500 m16000', 16_000, '0 · 300 · 14700→15200 · 0 · 500', 'first, reset, restates r2'],
  ['m350000 m3600000 c360000 m352000′', 352_000, '0 · 3250000→10000 · 0 · 352000', 'first, restates r1, reset'],
  // Conversations.
  ['m350000 e500#A m360000#A', 360_000, '0 · 500 · 9500', 'first, adopts'],
  ['m350000 e500 e300#A e200 m350100#A', 350_100, '0 · 500→100 · 300→0 · 200→0 · 0', 'first, adopts, gave_way 900'],
  [
    'm90000#A m50000 e3000 e4000#A m52000#A',
    52_000,
    '0 · 50000 · 3000→2000 · 4000→0 · 0',
    'first, reset, adopts, gave_way 5000',
  ],
  ['m350000#A m20000#B m352000', 352_000, '0 · 20000 · 332000', 'first, new, reset'],
  ['m350000#A m20000 m352000#A', 352_000, '0 · 20000 · 2000', 'first, reset'],
  ['m350000#A e3000 m20000#B m352000#A', 352_000, '0 · 3000 · 17000 · 2000', 'first, new, reset'],
  // A figure set by hand is a counter that stands there.
  ['@335000 m350000', 350_000, ' · 15000', ''],
  ['m350000 @100000 m110000', 110_000, '0 ·  · 10000', 'first'],
  ['@335000 m15000′', 15_000, ' · 15000', 'reset'],
  // Undo.
  ['m350000 e566 m350000 u', 350_566, '0 · 566 · × · ', 'first, gave_way 566'],
  ['m350000 m3600000 m360000′ u', 3_600_000, '0 · 3250000 · × · ', 'first, replaces r1'],
  ['m350000 m3600000 c360000 u', 3_600_000, '0 · 3250000 · × · ', 'first, restates r1'],
  ['m350000 m3600000 u m360000', 360_000, '0 · × ·  · 10000', 'first'],
  ['m350000 m360000 @100000 u m370000', 370_000, '0 · × ·  ·  · 20000', 'first'],
  ['m350000 u m360000 m361000', 361_000, '× ·  · 0 · 1000', 'first, first'],
  // A followed gauge: the rises count, and `used` is its value, up and down; no fall is a restart.
  ['l350000#A l360000+10000#A l40000#A l45000+5000#A', 45_000, '0 · 10000 · 0 · 5000', ''],
  ['m300000 l350000#A l352000+2000#A', 352_000, '0 · 0 · 2000', 'first'],
  // A conversation that began since counts from its first value, whether it is shown or not.
  ['l350000#A l20000+20000#B″ l352000+2000#A″', 352_000, '0 · 20000 · 2000', ''],
  ['l350000#A l20000+20000#B′', 20_000, '0 · 20000', ''],
  [
    'l350000#A l20000+20000#B″ l351000+1000#A″ l22000+2000#B″ l25000+3000#B′',
    25_000,
    '0 · 20000 · 1000 · 2000 · 3000',
    '',
  ],
  // What it said while another was shown, and what comes late, is no step back.
  ['l350000#A l360000+10000#A l355000#A-2h', 360_000, '0 · 10000 · 0', ''],
  // By hand in between: it sets the figure and counts nothing, and the gauge goes on.
  ['l350000#A M352000 l353000+3000#A', 353_000, '0 · 0 · 3000', 'calibrated'],
  ['l350000#A M20000 l353000+3000#A', 353_000, '0 · 0 · 3000', 'calibrated'],
  ['l350000#A M3500000 M352000′', 352_000, '0 · 0 · 0', 'calibrated, calibrated'],
  ['M350000 M360000', 360_000, '0 · 0', 'calibrated, calibrated'],
  ['l350000#A M340000-2h', 350_000, '0 · 0', 'late'],
  ['l350000#A c340000 l351000+1000#A', 351_000, '0 · 0 · 1000', ''],
  // Amounts and edits stand until the gauge is told again.
  ['l350000#A e5000 l351000+1000#A', 351_000, '0 · 5000 · 1000', ''],
  ['l350000#A @100000 l351000+1000#A', 351_000, '0 ·  · 1000', ''],
  // Switched off: the figure told last is a counter without a name.
  ['l350000#A l360000+10000#A m365000', 365_000, '0 · 10000 · 5000', ''],
  ['m300000 l350000#A l360000+10000#A m365000', 365_000, '0 · 0 · 10000 · 5000', 'first'],
  ['l350000#A l360000+10000#A m365000#ed m366000#ed', 366_000, '0 · 10000 · 5000 · 1000', 'adopts'],
  ['l350000#A l360000+10000#A m20000', 20_000, '0 · 10000 · 20000', 'reset'],
  ['l360000+10000#A e5000 m362000', 362_000, '10000 · 5000→2000 · 0', 'gave_way 3000'],
  ['l360000+10000#A m350000-2h', 360_000, '10000 · 0', 'late'],
  // A name from before has been counted meanwhile by the gauge, as far as anybody knows; from there on it counts.
  ['m300000#ed l350000#A l360000+10000#A m365000#ed', 365_000, '0 · 0 · 10000 · 5000', 'first, adopts'],
  [
    'm30000#ed m20000#b l360000+10000#A m35000#ed m36000#ed',
    36_000,
    '0 · 20000 · 10000 · 0 · 1000',
    'first, new, reset, calibrated',
  ],
  // A slip from before the gauge is none any more.
  ['m350000 m3600000 l360000+10000#A′ m361000′', 361_000, '0 · 3250000 · 10000 · 1000', 'first'],
  // Undo passes over the gauge, and leaves its figure.
  ['m300000 m310000 l350000#A u', 350_000, '0 · × · 0 · ', 'first'],
  ['l350000#A M360000 u', 350_000, '0 · × · ', 'calibrated'],
  // Counters of a source, where the budget does not add up, are part of what the counter shows next.
  ['m350000 f5000#x f3000#y m360000', 360_000, '0 · 5000 · 3000 · 2000', 'first'],
  ['m350000 f5000#x M360000 f1000#x m362000', 362_000, '0 · 5000 · 0 · 1000 · 1000', 'first, calibrated'],
  ['f5000#x m350000', 350_000, '5000 · 0', 'first'],
  ['m350000#A m20000#B u m30000#B', 30_000, '0 · × ·  · 30000', 'first, new, reset, new, reset'],
];

/** The same of a budget that adds up. */
const ADDED: typeof SEQUENCES = [
  // The table of the contract.
  ['m980000 p m1000000', 20_000, '0 · 0 · 20000', 'first'],
  ['m980000 p m20000', 20_000, '0 · 0 · 20000', 'first, reset'],
  // Until the first reset: the first figure, and all that was counted.
  ['m350000', 350_000, '0', 'first'],
  ['i8M m350000', 350_000, '8000000 · 0', 'first'],
  ['m350000 m15000', 365_000, '0 · 15000', 'first, reset'],
  ['m350000#A m20000#B', 370_000, '0 · 20000', 'first, new, reset'],
  ['m350000#A m20000#B m352000#A', 372_000, '0 · 20000 · 2000', 'first, new, reset'],
  ['m350000 a2000 i500 e300', 352_800, '0 · 2000 · 500 · 300', 'first'],
  ['m350000 e566 m350000', 350_000, '0 · 566→0 · 0', 'first, gave_way 566'],
  ['m350400 e5000 m350K~', 350_400, '0 · 5000→0 · 0', 'first, gave_way 5000'],
  ['m350400 m351K~ m350900', 351_000, '0 · 600 · 0', 'first, rounded'],
  ['m3500000 m350000′ m360000', 360_000, '0 · 0 · 10000', 'first, first'],
  ['m350000 m36000′ m360000′', 360_000, '0 · 0 · 10000', 'first, first, replaces r1'],
  ['m350000 m360000 m340000-2h', 360_000, '0 · 10000 · 0', 'first, late'],
  // After it.
  ['a5000 p a2000 a3000', 5_000, '5000 · 0 · 2000 · 3000', ''],
  ['m980000 p m1000000 p m1010000', 10_000, '0 · 0 · 20000 · 0 · 10000', 'first'],
  ['m980000#A p m5000#B m981000#A', 6_000, '0 · 0 · 5000 · 1000', 'first, new'],
  ['m350000 p i5000-2h', 0, '0 · 0 · 5000', 'first'],
  ['m350000 p a700-2h a300', 300, '0 · 0 · 700 · 300', 'first'],
  // What was estimated before the reset is no part of what was used since.
  ['m350000 e9000 p e1000 m352000', 0, '0 · 9000→2000 · 0 · 1000→0 · 0', 'first, gave_way 8000'],
  ['m350000 e9000 p a50000 m401000', 50_000, '0 · 9000→1000 · 0 · 50000 · 0', 'first, gave_way 8000'],
  // Slips, also of a figure from before the reset.
  ['m980000 p m9900000 m990000′', 10_000, '0 · 0 · 8920000→0 · 10000', 'first, replaces r2'],
  ['m350000 m3600000 p′ m360000′', 10_000, '0 · 3250000→0 · 0 · 10000', 'first, replaces r1'],
  ['m980000 p m9900000 a500′ m990000′', 10_000, '0 · 0 · 8920000→0 · 500 · 9500', 'first, replaces r2'],
  // A reset that is written late finds what was counted since, and slips among that.
  ['m980000 m1000000 p20000′-1h m1001000', 21_000, '0 · 20000 · 0 · 1000', 'first'],
  ['m980000 m1000000 p20000′-1h m990000′', 10_000, '0 · 20000→0 · 0 · 10000', 'first, replaces r1'],
  // A correction says what was used, and the counter goes on from where that puts it.
  ['m980000 p m1000000 c15000 m1001000', 21_000, '0 · 0 · 20000→15000 · 0 · 6000', 'first, restates r2'],
  ['m980000 p m1000000 a2000 c25000', 25_000, '0 · 0 · 20000→23000 · 2000 · 0', 'first, restates r2'],
  ['m980000 p c5000 m1000000', 25_000, '0 · 0 · 0 · 20000', 'first'],
  ['m350000 a2000 p c1000', 1_000, '0 · 2000 · 0 · 0', 'first'],
  // An edit says what was used, and nothing of the counter.
  ['m980000 p @5000 m1000000', 25_000, '0 · 0 ·  · 20000', 'first'],
  // Undo passes over the reset.
  ['m350000 m360000 p u', 0, '0 · × · 0 · ', 'first'],
  ['m350000 m360000 p u m361000', 11_000, '0 · × · 0 ·  · 11000', 'first'],
  ['m980000 p m1000000 u m990000', 10_000, '0 · 0 · × ·  · 10000', 'first'],
  // Sources add what they count; a figure by hand sets what was used since the reset.
  ['f5000#x f3000#y', 8_000, '5000 · 3000', ''],
  ['f5000#x M20000 f3000#x', 23_000, '5000 · 0 · 3000', 'calibrated'],
  ['f5000#x M20000 f3000#x-2h', 20_000, '5000 · 0 · 3000', 'calibrated'],
  ['f5000#x M20000 f3000#x-2h f1000#x m22000', 22_000, '5000 · 0 · 3000 · 1000 · 1000', 'calibrated'],
  ['f5000#x M2000 f3000#x', 5_000, '5000 · 0 · 3000', 'calibrated'],
  ['m350000 f5000#x p f2000#x f700#x-3h', 2_000, '0 · 5000 · 0 · 2000 · 700', 'first'],
  ['m350000 f5000#x p f2000#x m360000', 5_000, '0 · 5000 · 0 · 2000 · 3000', 'first'],
  ['f5000#x a300 u f200#x', 5_200, '5000 · × ·  · 200', ''],
  // The rises of a gauge add up, of every conversation.
  ['l350000#A l360000+10000#A l20000+20000#B″ l5000#A', 30_000, '0 · 10000 · 20000 · 0', ''],
  ['l360000+10000#A p l361000+1000#A l362000+400#A-3h', 1_000, '10000 · 0 · 1000 · 400', ''],
  ['l360000+10000#A M50000 l361000+1000#A', 51_000, '10000 · 0 · 1000', 'calibrated'],
  ['l360000+10000#A m365000', 15_000, '10000 · 5000', ''],
  [
    'm30000#ed m20000#b l360000+10000#A m35000#ed m36000#ed',
    61_000,
    '0 · 20000 · 10000 · 0 · 1000',
    'first, new, reset, calibrated',
  ],
];

const ALL = [...SEQUENCES.map((row) => [...row, false] as const), ...ADDED.map((row) => [...row, true] as const)];

test.each(ALL)('a sequence makes the figures that the contract tells: %s', (sequence, used, counted, flags, adds) => {
  const entries = entriesOf(sequence, { adds });
  const { figures, outcomes, counted: now } = fold(entries);

  const shown = entries.map((entry, index) => {
    if (entry.kind !== 'reading') return '';
    if (now[index] === undefined) return '×';
    const first = outcomes[index]!.counted;
    return first === now[index] ? String(first) : `${first}→${now[index]}`;
  });
  const flagged = outcomes.flatMap((outcome) =>
    Object.entries(outcome.flags).map(([name, value]) => (value === true ? name : `${name} ${value}`)),
  );
  expect([usedOf(figures), shown.join(' · '), flagged.join(', ')]).toEqual([used, counted, flags]);
});
