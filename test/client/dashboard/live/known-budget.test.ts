import { expect, test } from 'vitest';
import { isTotalSetBy } from '../../../../src/client/dashboard/live/known-budget.ts';

const anew = { code: 'history_made_anew', zh: '', en: '', since: '2026-01-01T00:00:00Z' };

test.each([
  ['set, as the daemon says', { total_is_set: true as const, warnings: [] }, false, true],
  ['not set, as the daemon does not say otherwise', { warnings: [{ ...anew, code: 'other' }] }, undefined, false],
  ['unknown while the history is made anew', { warnings: [anew] }, undefined, undefined],
  ['set as before while the history is made anew', { warnings: [anew] }, true, true],
  ['set even while the history is made anew', { total_is_set: true as const, warnings: [anew] }, undefined, true],
])('the budget is %s', (_, info, before, expected) => {
  expect(isTotalSetBy(info, before)).toBe(expected);
});
