import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';
import { until } from '../support/until.ts';

type Points = Result<'usage.series'>['points'];

function figures(points: Points): [used: number, total: number][] {
  return points.map(({ used, total }) => [used, total]);
}

describe.each(TRANSPORTS.filter((transport) => transport.has('usage.series')))('over $name', (transport) => {
  async function opened(): Promise<{ daemon: TestDaemon; call: Call }> {
    const daemon = await startDaemon();
    return { daemon, call: await transport.open(daemon) };
  }

  test('is empty before anything was recorded', async () => {
    const { call } = await opened();

    expect(await call('usage.series')).toEqual({ points: [] });
    expect(await call('usage.series', { since: '2020-01-01', until: '2090-01-01' })).toEqual({ points: [] });
  });

  test('shows what stood after every change: readings, a restarted counter, undo, budget, import and edit', async () => {
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
      [350_000, 1_000_000],
      [1_250_000, 1_000_000],
      [350_000, 1_000_000],
      [1_000, 1_000_000],
      [1_000, 2_000_000],
      [1_011, 2_000_000],
      [500, 2_000_000],
      [700, 3_000_000],
    ]);
    const times = points.map(({ at }) => Date.parse(at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(begin);
    await daemon.kill();
    const again = await startDaemon({ folder: daemon.folder });
    expect(await again.rpc('usage.series')).toEqual({ points });
  });

  test('begins with what stood at `since` and ends before `until`', async () => {
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

  test('has no more points than asked for, the first and the last among them', async () => {
    const { call } = await opened();
    for (const tokens of [10, 90, 20, 80, 30, 70, 40]) await call('usage.record', { tokens });
    const { points } = await call('usage.series');

    expect((await call('usage.series', { points: 2 })).points).toEqual([points[0], points.at(-1)]);
    expect((await call('usage.series', { points: 4 })).points.map(({ used }) => used)).toEqual(
      expect.arrayContaining([10, 90, 40]),
    );
    expect((await call('usage.series', { points: 7 })).points).toEqual(points);
  });

  test('refuses what is no number of points and no time', async () => {
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
