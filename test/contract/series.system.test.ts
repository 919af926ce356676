import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/protocol/methods.ts';
import { toSessionTime } from '../../src/protocol/timestamp.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';
import { until } from '../support/until.ts';

type Points = Result<'usage.series'>['points'];

function figures(points: Points): [used: number, total: number][] {
  return points.map(({ used, total }) => [used, total]);
}

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Math.floor(Date.now() / 1_000) * 1_000 - days * DAY_MS).toISOString();

describe('what was used before it was told', () => {
  test("the series shows imported history, dated readings and an adopted file's sessions at their own time", async () => {
    const daemon = await startDaemon({
      state: {
        token_usage: {
          used: 1_000,
          total: 500_000,
          sessions: [
            { tokens: 600, timestamp: toSessionTime(Date.parse(daysAgo(40))) },
            { tokens: 300, timestamp: toSessionTime(Date.parse(daysAgo(50))) },
          ],
        },
      },
    });
    await daemon.rpc('usage.import', {
      sessions: Array.from({ length: 30 }, (_, day) => ({ tokens: 1_000, timestamp: daysAgo(day + 1) })),
    });
    await daemon.rpc('usage.record', { tokens: 500, sync_type: 'auto', timestamp: daysAgo(2.5) });

    const { points } = await daemon.rpc('usage.series');

    const at = (days: number) => points.findLast((point) => Date.parse(point.at) <= Date.parse(daysAgo(days)))?.used;
    expect([51, 50, 40, 30, 20, 2.6, 2.5, 1].map(at)).toEqual([
      undefined,
      300,
      900,
      1_900,
      11_900,
      28_900,
      29_400,
      31_400,
    ]);
    expect(points.at(-1)).toMatchObject({ used: 31_500, total: 500_000 });
    const rises = points.slice(1).map(({ used }, index) => used - points[index]!.used);
    expect(Math.max(...rises)).toBeLessThanOrEqual(1_000);
    const { points: part } = await daemon.rpc('usage.series', { since: daysAgo(10.5), until: daysAgo(8.5) });
    expect(part.map(({ used }) => used)).toEqual([20_900, 21_900, 22_900]);
  });

  test('a dated reading stands in the series under the known budget, also where the line ends before anything was told', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 500, sync_type: 'auto', timestamp: daysAgo(3) });

    const { points } = await daemon.rpc('usage.series', { until: daysAgo(1) });

    expect(points).toEqual([{ at: expect.any(String), used: 500, total: 1_000_000 }]);
    const { points: later } = await daemon.rpc('usage.series', { since: daysAgo(2), until: daysAgo(1) });
    expect(later).toEqual([{ at: expect.any(String), used: 500, total: 1_000_000 }]);
  });

  test('the series shows nothing of a dated reading that was undone, and is the same after a restart', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.import', { sessions: [{ tokens: 1_000, timestamp: daysAgo(9) }] });
    await daemon.rpc('usage.record', { tokens: 70, sync_type: 'auto' });
    await daemon.rpc('usage.undo');
    await daemon.rpc('usage.undo');
    await daemon.rpc('usage.record', { tokens: 9, sync_type: 'auto', timestamp: daysAgo(3) });

    const { points } = await daemon.rpc('usage.series');

    expect(Math.max(...points.filter(({ at }) => at < daysAgo(1)).map(({ used }) => used))).toBe(9);
    expect(points.at(-1)!.used).toBe(9);
    await daemon.kill();
    const again = await startDaemon({ folder: daemon.folder });
    expect(await again.rpc('usage.series')).toEqual({ points });
  });
});

describe.each(TRANSPORTS.filter((transport) => transport.has('usage.series')))('over $name', (transport) => {
  async function opened(): Promise<{ daemon: TestDaemon; call: Call }> {
    const daemon = await startDaemon();
    return { daemon, call: await transport.open(daemon) };
  }

  test('the series is empty before anything was recorded', async () => {
    const { call } = await opened();

    expect(await call('usage.series')).toEqual({ points: [] });
    expect(await call('usage.series', { since: '2020-01-01', until: '2090-01-01' })).toEqual({ points: [] });
  });

  test('the series shows what stood after every change: readings, a restarted counter, undo, budget, import and edit', async () => {
    const { daemon, call } = await opened();
    const begin = Date.now();
    await call('usage.record', { tokens: 350_000 });
    await call('usage.record', { tokens: 900_000, sync_type: 'auto' });
    await call('usage.undo');
    await call('usage.record', { tokens: 1_000 });
    await call('usage.set_total', { total: 2_000_000 });
    await call('usage.import', { sessions: [{ tokens: 5, timestamp: '2020-01-01' }, { tokens: 6 }] });
    await call('usage.record', { tokens: 500, sync_type: 'correction' });
    const state = daemon.state();
    daemon.write('architect_monitor.json', {
      ...state,
      token_usage: { ...state.token_usage, used: 700, total: 3_000_000 },
    });
    await until(async () => (await call('usage.get')).used === 700, 'the edit is adopted');

    const { points } = await call('usage.series');

    expect(figures(points)).toEqual([
      // Imported history stands in the past, and leaves with the correction that no longer counts it.
      [5, 1_000_000],
      [350_005, 1_000_000],
      [1_250_005, 1_000_000],
      [350_005, 1_000_000],
      [1_005, 1_000_000],
      [1_005, 2_000_000],
      [1_011, 2_000_000],
      [500, 2_000_000],
      [700, 3_000_000],
    ]);
    const times = points.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[1]).toBeGreaterThanOrEqual(begin);
    expect(points[0]!.at).toBe(new Date(2020, 0, 1).toISOString());
    await daemon.kill();
    const again = await startDaemon({ folder: daemon.folder });
    expect(await again.rpc('usage.series')).toEqual({ points });
  });

  test('the series begins with what stood at `since` and ends before `until`', async () => {
    const { call } = await opened();
    for (const tokens of [10, 20, 30]) await call('usage.record', { tokens });
    const { points } = await call('usage.series');
    const [first, second, third] = points.map(({ at }) => at) as [string, string, string];
    const later = new Date(Date.parse(third) + 1).toISOString();
    const before = new Date(Date.parse(first) - 1).toISOString();

    expect(await call('usage.series', { since: later })).toEqual({
      points: [{ at: later, used: 30, total: 1_000_000 }],
    });
    expect(await call('usage.series', { since: before })).toEqual({ points });
    expect(await call('usage.series', { until: first })).toEqual({ points: [] });
    expect(await call('usage.series', { since: later, until: before })).toEqual({ points: [] });
    const within = (await call('usage.series', { since: second, until: third })).points;
    expect(within.every(({ at }) => second <= at && at < third)).toBe(true);
  });

  test('the series has no more points than asked for, the first and the last among them', async () => {
    const { call } = await opened();
    for (const tokens of [10, 90, 20, 80, 30, 70, 40]) await call('usage.record', { tokens });
    const { points } = await call('usage.series');

    expect((await call('usage.series', { points: 2 })).points).toEqual([points[0], points.at(-1)]);
    expect((await call('usage.series', { points: 4 })).points.map(({ used }) => used)).toEqual(
      expect.arrayContaining([10, 90, 40]),
    );
    expect((await call('usage.series', { points: 7 })).points).toEqual(points);
  });

  test('the series refuses a wrong number of points and a wrong time', async () => {
    const { call } = await opened();
    const wrong: [string, object][] = [
      ['points', { points: 1 }],
      ['points', { points: 2_001 }],
      ['points', { points: 2.5 }],
      ['points', { points: '9' }],
      ['since', { since: 'soon' }],
      ['until', { until: 'later' }],
      ['bucket', { bucket: 'day' }],
    ];
    for (const [field, params] of wrong) {
      expect(await failureOf(call('usage.series', params))).toMatchObject({ code: expect.any(Number), field });
    }
  });
});
