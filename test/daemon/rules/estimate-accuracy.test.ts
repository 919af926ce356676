import { describe, expect, test } from 'vitest';
import { accuracyOf, compareEstimates } from '../../../src/daemon/rules/estimate-accuracy.ts';
import { recordReading } from '../../../src/daemon/rules/record.ts';
import { EMPTY } from '../../../src/daemon/rules/snapshot.ts';
import type { SyncType } from '../../../src/protocol/methods.ts';

type Step = readonly [kind: SyncType | 'foreign' | 'edit', tokens: number, conversation?: string, unit?: number];

/** The readings that the daemon would hold after these steps; an edit sets `used`. */
function* readingsOf(steps: readonly Step[]) {
  let snapshot = EMPTY;
  for (const [kind, tokens, conversation = 'a', unit = 1] of steps) {
    if (kind === 'foreign') yield undefined;
    else if (kind === 'edit') snapshot = { ...snapshot, used: tokens };
    else {
      const reading = { id: 'r', tokens, unit, sync_type: kind, event: '', conversation_id: conversation };
      const change = recordReading(snapshot, reading, 'rpc', 0);
      snapshot = change;
      yield change.reading;
    }
  }
}

const compare = (steps: readonly Step[]) =>
  [...compareEstimates(readingsOf(steps))].map(({ estimated, actual }) => [estimated, actual]);

describe('estimates are compared', () => {
  test.each<[why: string, steps: Step[], expected: number[][]]>([
    [
      'with the manual value after them',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['manual', 1125],
      ],
      [[100, 125]],
    ],
    [
      'all that lie between',
      [
        ['manual', 1000],
        ['estimate', 60],
        ['estimate', 40],
        ['manual', 1090],
      ],
      [[100, 90]],
    ],
    [
      'with a correction too',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['correction', 1080],
      ],
      [[100, 80]],
    ],
    [
      'without what was counted exactly',
      [
        ['manual', 1000],
        ['auto', 500],
        ['estimate', 100],
        ['manual', 1650],
      ],
      [[100, 150]],
    ],
    [
      'also when they were so high that the lower value looks like a restart',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['manual', 1050],
      ],
      [[100, 50]],
    ],
    [
      'again after each value',
      [
        ['manual', 10],
        ['estimate', 5],
        ['manual', 16],
        ['estimate', 5],
        ['manual', 20],
      ],
      [
        [5, 6],
        [5, 4],
      ],
    ],
    [
      'in a conversation without a name',
      [
        ['manual', 10, ''],
        ['estimate', 5, ''],
        ['manual', 16, ''],
      ],
      [[5, 6]],
    ],
    [
      'after a value of another conversation',
      [
        ['manual', 10, 'b'],
        ['estimate', 5],
        ['manual', 16],
      ],
      [[5, 6]],
    ],
  ])('estimates are compared %s', (_, steps, expected) => {
    expect(compare(steps)).toEqual(expected);
  });
});

describe('nothing is compared', () => {
  test.each<[why: string, steps: Step[]]>([
    [
      'without an exact value before',
      [
        ['estimate', 100],
        ['manual', 1125],
      ],
    ],
    [
      'without an exact value after',
      [
        ['manual', 1000],
        ['estimate', 100],
      ],
    ],
    [
      'without an estimate between',
      [
        ['manual', 1000],
        ['auto', 100],
        ['manual', 1125],
      ],
    ],
    [
      'when the value is of another conversation',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['manual', 1125, 'b'],
      ],
    ],
    [
      'when estimates of several conversations lie between',
      [
        ['manual', 1000],
        ['estimate', 50],
        ['estimate', 50, 'b'],
        ['manual', 1125],
      ],
    ],
    [
      'when the counter has started anew',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['manual', 90],
      ],
    ],
    [
      'with a value seen coarsely',
      [
        ['manual', 350_000],
        ['estimate', 400],
        ['manual', 350_000, 'a', 1000],
      ],
    ],
    [
      'across an edit of the figure',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['edit', 5000],
        ['manual', 5125],
      ],
    ],
    [
      'across a session of another program',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['foreign', 0],
        ['manual', 1125],
      ],
    ],
    [
      'across an import',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['import', 100],
        ['manual', 1250],
      ],
    ],
    [
      'when the counter has not moved',
      [
        ['manual', 1000],
        ['estimate', 100],
        ['correction', 1000],
      ],
    ],
  ])('nothing is compared %s', (_, steps) => {
    expect(compare(steps)).toEqual([]);
  });
});

describe('the accuracy', () => {
  test('the accuracy is that of the sums, and the middle of all, above 0 when estimates were too high', () => {
    const comparisons = [
      { estimated: 110, actual: 100 },
      { estimated: 80, actual: 100 },
      { estimated: 1300, actual: 1000 },
    ];
    expect(accuracyOf(comparisons)).toEqual({
      comparisons: 3,
      estimated_tokens: 1490,
      actual_tokens: 1200,
      error_percent: 24.2,
      median_error_percent: 20,
    });
    expect(accuracyOf(comparisons.slice(0, 2)).median_error_percent).toBe(15);
  });

  test('the accuracy is unknown without a comparison', () => {
    expect(accuracyOf([])).toMatchObject({ comparisons: 0, error_percent: null, median_error_percent: null });
  });
});
