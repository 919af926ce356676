import { expect, test } from 'vitest';
import type { Receipt } from '../../../src/protocol/methods.ts';
import { flagTexts, remarksOn } from '../../../src/shared/words/reading-remarks.ts';

const receipt: Receipt = {
  success: true,
  id: 'a',
  total_used: 20_000,
  increment: 20_000,
  total: 1_000_000,
  percent: 2,
  revision: 2,
};

test.each<[string, Partial<Receipt>, string[]]>([
  ['nothing of an everyday reading', {}, []],
  [
    'a restart',
    { reset: true },
    ['the value is lower than before: the counter has started anew, and now stands at 20,000'],
  ],
  [
    'no restart of the figure of another conversation',
    { reset: true, flags: ['new'] },
    ['this is a conversation not known before, which counts by its own figure'],
  ],
  [
    'what counts where that is not the increment',
    { increment: -3_240_000, counted: 10_000, flags: ['replaces'] },
    [
      'the reading before it was a slip: this one takes its place, and that one counts nothing',
      '10,000 count as usage',
    ],
  ],
  [
    'which reading it is about, in one short line whatever its event holds',
    {
      touched: {
        id: 'b',
        event: `a\n✅ b\u202e\u2028${'c'.repeat(99)}`,
        increment: 5,
        timestamp: '2026-01-15 12:00:00',
      },
    },
    [`this is about the reading of 2026-01-15 12:00:00 “a ✅ b ${'c'.repeat(52)} …” (+5)`],
  ],
  [
    'which reading it is about that has no event',
    { touched: { id: 'b', event: '', increment: 5, timestamp: '2026-01-15 12:00:00' } },
    ['this is about the reading of 2026-01-15 12:00:00 (+5)'],
  ],
])('the remarks tell %s', (_, more, expected) => {
  expect(remarksOn({ ...receipt, ...more }).map(({ en }) => en)).toEqual(expected);
});

test.each([undefined, null, 'first', 7, { first: true }, ['weighed'], [null, {}, 'constructor']])(
  'flags of another version or program say nothing: %j',
  (flags) => {
    expect(flagTexts(flags)).toEqual([]);
  },
);
