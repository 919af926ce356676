import { expect, test } from 'vitest';
import { seriesOf } from '../../../../src/daemon/queries/usage-series.ts';
import { ChangeIndex } from '../../../../src/daemon/store/index/change-index.ts';

function indexOf(...changes: readonly (readonly [committed_at: string, used: number])[]): ChangeIndex {
  const index = new ChangeIndex();
  for (const [place, [committed_at, used]] of changes.entries()) {
    index.add({ revision: place + 1, committed_at, used, total: 9 });
  }
  return index;
}

test('a clock that ran ahead for a while hides nothing that came after it was set right', () => {
  const index = indexOf(
    ['2025-01-01T00:00:00.000Z', 1],
    ['2099-01-01T00:00:00.000Z', 2],
    ['2025-01-02T00:00:00.000Z', 3],
    ['2025-01-03T00:00:00.000Z', 4],
  );

  const nowMs = Date.UTC(2025, 0, 4);

  for (const until of ['2026-01-01T00:00:00Z', undefined]) {
    const { points } = seriesOf(index, until === undefined ? {} : { until }, nowMs);
    expect(points.map(({ used }) => used)).toEqual([1, 2, 3, 4]);
    expect(points.at(-1)!.at).toBe('2025-01-03T00:00:00.000Z');
  }
  const { points } = seriesOf(index, { since: '2025-01-01T12:00:00Z', until: '2025-01-02T12:00:00Z' }, nowMs);
  expect(points.map(({ used }) => used)).toEqual([1, 2, 3]);
});

test('the line ends now where the clock has been set back since the last change', () => {
  const index = indexOf(['2025-01-01T00:00:00.000Z', 1], ['2025-01-05T00:00:00.000Z', 2]);
  const nowMs = Date.UTC(2025, 0, 2);

  expect(seriesOf(index, {}, nowMs).points).toEqual([
    { at: '2025-01-01T00:00:00.000Z', used: 1, total: 9 },
    { at: '2025-01-02T00:00:00.000Z', used: 2, total: 9 },
  ]);
});

test('changes of one instant stand in the order of their commit', () => {
  const at = '2025-01-01T00:00:00.000Z';
  const index = indexOf([at, 1], [at, 5], [at, 2]);

  expect(seriesOf(index, {}, Date.now()).points.map(({ used }) => used)).toEqual([1, 5, 2]);
  expect(seriesOf(index, { since: at }, Date.now()).points.map(({ used }) => used)).toEqual([1, 5, 2]);
  expect(seriesOf(index, { until: at }, Date.now()).points).toEqual([]);
});

test('an amount of an earlier time ends with its own change, whatever else the clock dated to that instant', () => {
  const index = indexOf(
    ['2025-01-01T10:00:00.000Z', 1],
    ['2025-01-01T12:00:00.000Z', 2],
    ['2025-01-01T11:00:00.000Z', 3],
  );
  const fromMs = Date.UTC(2025, 0, 1, 10, 30);
  index.add({ revision: 4, committed_at: '2025-01-01T12:00:00.000Z', used: 7, total: 9 }, false, [
    { fromMs, tokens: 4 },
  ]);

  const { levels, rises } = index.told(Date.UTC(2025, 0, 1, 13));
  expect([0, 1, 2, 3].map((rank) => new Date(levels.atMs(rank)).getUTCHours())).toEqual([10, 11, 11, 12]);
  expect([rises.start(0), rises.end(0)]).toEqual([
    [fromMs, 4],
    [Date.UTC(2025, 0, 1, 12), 4],
  ]);
});
