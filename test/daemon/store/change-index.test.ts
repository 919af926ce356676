import { expect, test } from 'vitest';
import { seriesOf } from '../../../src/daemon/series.ts';
import { ChangeIndex } from '../../../src/daemon/store/change-index.ts';

function indexOf(...changes: readonly (readonly [committed_at: string, used: number])[]): ChangeIndex {
  const index = new ChangeIndex();
  for (const [committed_at, used] of changes) index.add({ committed_at, used, total: 9 });
  return index;
}

test('a clock that ran ahead for a while hides nothing that came after it was set right', () => {
  const index = indexOf(
    ['2025-01-01T00:00:00.000Z', 1],
    ['2099-01-01T00:00:00.000Z', 2],
    ['2025-01-02T00:00:00.000Z', 3],
    ['2025-01-03T00:00:00.000Z', 4],
  );

  const { points } = seriesOf(index, { until: '2026-01-01T00:00:00Z' });

  expect(points.map(({ used }) => used)).toEqual([1, 3, 4]);
  expect(seriesOf(index, {}).points.map(({ used }) => used)).toEqual([1, 3, 4, 2]);
});

test('changes of one instant stand in the order of their commit', () => {
  const at = '2025-01-01T00:00:00.000Z';
  const index = indexOf([at, 1], [at, 5], [at, 2]);

  expect(seriesOf(index, {}).points.map(({ used }) => used)).toEqual([1, 5, 2]);
  expect(seriesOf(index, { since: at }).points.map(({ used }) => used)).toEqual([1, 5, 2]);
  expect(seriesOf(index, { until: at }).points).toEqual([]);
});
