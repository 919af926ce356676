import { expect, test } from 'vitest';
import { readDaemonSettings } from '../../src/shared/read-settings.ts';

const NOW_MS = new Date('2025-12-09T12:00:00').getTime();

test.each([
  ['TOKEN_SYNC_BUDGET_PERIOD', { env: { TOKEN_SYNC_BUDGET_PERIOD: '7d' }, flags: {} }],
  ['TOKEN_SYNC_ALERTS_PERIOD', { env: { TOKEN_SYNC_ALERTS_PERIOD: '7d' }, flags: {} }],
  ['--budget-period', { env: {}, flags: { 'budget-period': '7d' } }],
])('days without a first one in %s are refused, since nobody could keep it there', (place, sources) => {
  expect(() => readDaemonSettings({ readFile: () => '{}', ...sources }, NOW_MS)).toThrow(
    expect.objectContaining({
      kind: 'wrong_usage',
      field: place,
      text: expect.objectContaining({ en: expect.stringContaining(place), zh: expect.stringContaining(place) }),
      hint: { en: expect.stringContaining('2025-12-09/7d'), zh: expect.stringContaining('2025-12-09/7d') },
    }),
  );
});

test('days without a first one in the file count from now on, and with one from there anywhere', () => {
  const inFile = { readFile: () => '{ "budget": { "period": "7d" } }', env: {}, flags: {} };
  const inFlag = { readFile: () => '{}', env: {}, flags: { 'budget-period': '2025-12-09/7d' } };
  const period = { kind: 'every', date: [2025, 11, 9], days: 7 };
  expect(readDaemonSettings(inFile, NOW_MS).budget.period).toEqual(period);
  expect(readDaemonSettings(inFlag, NOW_MS).budget.period).toEqual(period);
});
