import { expect, test } from 'vitest';
import { observationsOf } from '../../../../src/daemon/meters/live/reported.ts';
import type { MeterReport } from '../../../../src/protocol/methods.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const resets_at = '2026-03-01T12:00:00Z';

const told: readonly (readonly [string, MeterReport, readonly object[]])[] = [
  ['nothing', { tool: 'claude' }, []],
  [
    'a context, exact where nothing else is said',
    { tool: 'claude', conversation: 'c', context: { used: 5, limit: 10 }, model: 'm', project: '/p/atlas' },
    [
      {
        kind: 'gauge',
        meter: 'claude.context',
        conversation: 'c',
        used: 5,
        limit: 10,
        provenance: 'exact',
        folder: '/p/atlas',
      },
    ],
  ],
  [
    'windows by their lengths',
    {
      tool: 'claude',
      windows: [
        { used_percent: 35, resets_at, window_minutes: 300 },
        { used_percent: 120.5, resets_at, window_minutes: 10_080 },
      ],
    },
    [
      { kind: 'window', meter: 'claude.5h', usedPercent: 35, resetsAtMs: NOW + 7_200_000 },
      { kind: 'window', meter: 'claude.7d', usedPercent: 120.5 },
    ],
  ],
];

test.each(told)('a report tells %s', (_, report, expected) => {
  const observations = observationsOf(report, NOW);
  expect(observations).toMatchObject(expected);
  expect(observations).toHaveLength(expected.length);
});

const refused: readonly (readonly [string, MeterReport, string])[] = [
  ['a context of no conversation', { tool: 'claude', context: { used: 5 } }, 'conversation'],
  ['a context of a nameless one', { tool: 'claude', conversation: '', context: { used: 5 } }, 'conversation'],
  ['a context of a tool without that meter', { tool: 'qwen', conversation: 'c', context: { used: 5 } }, 'qwen.context'],
  [
    'a window without a length',
    { tool: 'claude', windows: [{ used_percent: 1, resets_at, window_minutes: 0 }] },
    'window_minutes',
  ],
  [
    'a window of ages',
    { tool: 'claude', windows: [{ used_percent: 1, resets_at, window_minutes: 1e9 }] },
    'window_minutes',
  ],
];

test.each(refused)('%s is refused', (_, report, word) => {
  expect(() => observationsOf(report, NOW)).toThrow(word);
});
