import fc from 'fast-check';
import type { FigureEntry } from '../../../../src/daemon/rules/figures/fold.ts';
import { START_MS } from './notation.ts';

/** Some of everything, about one figure, so that all rules come to their turn. */
const KINDS = [
  'manual',
  'manual',
  'manual',
  'auto',
  'estimate',
  'estimate',
  'import',
  'correction',
  'edit',
  'live',
  'fed',
] as const;

const ROUGHLY = 100_000;

const step = fc.record({
  kind: fc.constantFrom(...KINDS),
  /** Far off now and then, near the last value mostly. */
  value: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: ROUGHLY - 3_000, max: ROUGHLY + 3_000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 20_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 900_000, max: 1_100_000 }) },
  ),
  growth: fc.nat(2_000),
  unit: fc.constantFrom(1, 1, 1, 1_000, 10_000),
  conversation_id: fc.constantFrom('', '', 'a', 'b'),
  minutes: fc.constantFrom(0, 1, 4, 60, 600, -30),
  hoursBack: fc.constantFrom(0, 0, 0, 0, 1, 5),
  feeds: fc.constantFrom(false, false, true),
});

/** Random histories of readings and edits; undo is put in by whoever wants it. */
export const histories = fc.array(step, { maxLength: 40 }).map((steps): FigureEntry[] => {
  let atMs = START_MS;
  let grown = 0;
  return steps.map(({ kind, value, growth, unit, conversation_id, minutes, hoursBack, feeds }, index) => {
    atMs += minutes * 60_000;
    const isFed = kind === 'live' || kind === 'fed';
    const isAmount = kind === 'auto' || kind === 'estimate' || kind === 'import' || kind === 'fed';
    if (!isAmount) grown += growth;
    const figure = isAmount ? growth : Math.round((value + grown) / unit) * unit;
    if (kind === 'edit') return { kind, used: figure, committedMs: atMs };
    const reading = {
      id: `r${index}`,
      value: figure,
      unit: kind === 'manual' ? unit : 1,
      sync_type: kind === 'fed' ? ('auto' as const) : kind,
      conversation_id,
      atMs: atMs - hoursBack * 3_600_000,
      dated: hoursBack > 0,
      ...(isFed && { isFed }),
      ...(kind === 'live' && { rises: growth }),
    };
    return { kind: 'reading', reading, committedMs: atMs, ...((isFed || feeds) && { feeds: true as const }) };
  });
});
