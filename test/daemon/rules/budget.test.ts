import { expect, test } from 'vitest';
import { setTotal } from '../../../src/daemon/rules/budget.ts';
import { NOW_MS, snapshotOf } from './readings.ts';

test('a budget is set without a word about usage or sessions', () => {
  expect(setTotal(snapshotOf(5), 2_000_000, 'rpc', NOW_MS)).toMatchObject({
    kind: 'total',
    total: 2_000_000,
    used: 5,
    revision: 8,
    sessions_count: 3,
    last_updated: '2025-11-18T20:30:00',
  });
});
