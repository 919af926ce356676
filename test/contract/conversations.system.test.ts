import { describe, expect, test } from 'vitest';
import type { Result } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';
import { until } from '../support/until.ts';

function shown({ conversations }: Result<'usage.conversations'>): [id: string, tokens: number, readings: number][] {
  return conversations.map(({ conversation_id, tokens, readings }) => [conversation_id, tokens, readings]);
}

describe.each(TRANSPORTS.filter((transport) => transport.has('usage.conversations')))('over $name', (transport) => {
  async function opened(): Promise<{ daemon: TestDaemon; call: Call }> {
    const daemon = await startDaemon();
    return { daemon, call: await transport.open(daemon) };
  }

  test('usage.conversations names none before anything was recorded', async () => {
    const { call } = await opened();

    expect(await call('usage.conversations')).toEqual({ conversations: [] });
  });

  test('usage.conversations sums each conversation as the statistics do, the largest first and the nameless last', async () => {
    const { daemon, call } = await opened();
    const record = (conversation_id: string | undefined, params: object) =>
      call('usage.record', { ...(conversation_id !== undefined && { conversation_id }), ...params });
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
    await record('数据库', { tokens: 350_000, timestamp: hoursAgo(3) });
    await record('数据库', { tokens: 700_000, timestamp: hoursAgo(2) });
    await record('b', { tokens: 500_000, sync_type: 'auto' });
    await record('b', { tokens: 9_000_000, sync_type: 'auto' });
    await call('usage.undo');
    await record('数据库', { tokens: 2_000 });
    await record('c', { tokens: 1_000, sync_type: 'correction' });
    await record(undefined, { tokens: 7, sync_type: 'estimate' });
    await call('usage.import', {
      sessions: [
        { tokens: 30, conversation_id: 'b', timestamp: '2020-01-01T00:00:00Z' },
        { tokens: 40, conversation_id: 'old', timestamp: '2020-01-02T00:00:00Z' },
      ],
    });
    await call('usage.set_total', { total: 5 });

    const answer = await call('usage.conversations');

    expect(shown(answer)).toEqual([
      ['b', 500_030, 2],
      // Neither the first figure, nor by how much a correction was another one.
      ['数据库', 351_000, 3],
      ['old', 40, 1],
      ['c', 0, 1],
      ['', 7, 1],
    ]);
    expect(answer).not.toHaveProperty('others');
    expect(answer.conversations[2]!.last_at).toBe('2020-01-02T00:00:00.000Z');
    expect(Date.parse(answer.conversations[0]!.last_at)).toBeGreaterThan(Date.now() - 60_000);
    const { buckets } = await call('usage.stats', { bucket: 'month' });
    const sum = (list: readonly { tokens: number }[]) => list.reduce((all, { tokens }) => all + tokens, 0);
    expect(sum(answer.conversations)).toBe(sum(buckets));
    await daemon.kill();
    const again = await startDaemon({ folder: daemon.folder });
    expect(await again.rpc('usage.conversations')).toEqual(answer);
  });

  test('usage.conversations counts readings from `since` on and before `until`, by their own time', async () => {
    const { call } = await opened();
    const sessions = [1, 2, 3].map((day) => ({
      tokens: day,
      conversation_id: `day ${day}`,
      timestamp: `2020-01-0${day}T00:00:00Z`,
    }));
    await call('usage.import', { sessions });

    const within = { since: '2020-01-02T00:00:00Z', until: '2020-01-03T00:00:00Z' };
    expect(shown(await call('usage.conversations', within))).toEqual([['day 2', 2, 1]]);
    expect(shown(await call('usage.conversations', { until: within.until }))).toHaveLength(2);
    expect(await call('usage.conversations', { since: within.until, until: within.since })).toEqual({
      conversations: [],
    });
  });

  test('usage.conversations names as many as its limit allows, and sums up the others', async () => {
    const { call } = await opened();
    const sessions = Array.from({ length: 25 }, (_, index) =>
      [1, 2].map((tokens) => ({ tokens: tokens * (index + 1), conversation_id: `c${index + 1}` })),
    );
    await call('usage.import', { sessions: sessions.flat() });

    const twenty = await call('usage.conversations');
    expect(shown(twenty)[0]).toEqual(['c25', 75, 2]);
    expect(twenty.conversations).toHaveLength(20);
    expect(twenty.others).toEqual({ conversations: 5, tokens: 45, readings: 10 });
    expect(shown(await call('usage.conversations', { limit: 1 }))).toEqual([['c25', 75, 2]]);
    expect(await call('usage.conversations', { limit: 25 })).not.toHaveProperty('others');
  });

  test('usage.conversations counts the sessions that another program put into the state file', async () => {
    const { daemon, call } = await opened();
    const state = daemon.state();
    const sessions = [
      { timestamp: '2020-01-01 00:00:00', tokens: 12, event: 'x', conversation_id: 'theirs', method: 'manual' },
      { start_time: '2020-01-01 00:00:00', task: 'y', tokens: 'many', conversation_id: 5 },
    ];
    daemon.write('architect_monitor.json', { ...state, token_usage: { ...state.token_usage, used: 12, sessions } });
    await until(async () => (await call('usage.get')).used === 12, 'the edit is adopted');

    expect(shown(await call('usage.conversations'))).toEqual([
      ['theirs', 12, 1],
      ['', 0, 1],
    ]);
  });

  test('usage.conversations refuses a wrong limit and a wrong time', async () => {
    const { call } = await opened();
    for (const limit of [0, 1_001, 1.5, '3']) {
      expect(await failureOf(call('usage.conversations', { limit }))).toMatchObject({ field: 'limit' });
    }
    expect(await failureOf(call('usage.conversations', { since: 'soon' }))).toMatchObject({ field: 'since' });
  });
});
