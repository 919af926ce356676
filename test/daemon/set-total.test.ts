import { expect, test } from 'vitest';
import type { Fold } from '../../src/daemon/operation.ts';
import { totalOperation } from '../../src/daemon/operations.ts';
import { EMPTY } from '../../src/daemon/rules/snapshot.ts';
import { HistoryUnready } from '../../src/daemon/store/index/history-warnings.ts';

/** The change that a budget brings about where the default stands, of which it is known or not whether somebody has set it. */
function changeBy(total: number, isTotalSet: boolean | undefined) {
  const fold = { snapshot: EMPTY, nowMs: 0, isTotalSet } as Pick<Fold, 'snapshot' | 'nowMs' | 'isTotalSet'> as Fold;
  return totalOperation(total, 'rpc').decide(fold).change;
}

test('the same budget again changes nothing where somebody has set it', () => {
  expect(changeBy(EMPTY.total, true)).toBeUndefined();
});

test.each<[string, number, boolean | undefined]>([
  ['the default where nobody has set it', EMPTY.total, false],
  ['another where somebody has set it', 5, true],
  ['another where that is not known', 5, undefined],
])('%s is a change', (_, total, isTotalSet) => {
  expect(changeBy(total, isTotalSet)).toMatchObject({ kind: 'total', total });
});

test('the default is decided once it is known whether somebody has set it', () => {
  expect(() => changeBy(EMPTY.total, undefined)).toThrow(HistoryUnready);
});
