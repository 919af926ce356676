import { describe, expect, test } from 'vitest';
import { startDaemon, type TestDaemon, useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { TRANSPORTS } from '../support/transports.ts';

const ENDS: readonly (readonly [string, (daemon: TestDaemon) => Promise<unknown>])[] = [
  ['a stop', (daemon) => daemon.stop()],
  ['a kill', (daemon) => daemon.kill()],
];

describe.each(ENDS)('after %s', (_, end) => {
  test('everything acknowledged is there after a restart, under the same revision', async () => {
    const first = await startDaemon();
    await first.rpc('usage.record', { tokens: 350_000, event: '完成架构设计 👩‍🚀', conversation_id: 'c' });
    await first.rpc('usage.import', { sessions: [{ tokens: 7, timestamp: '2025-11-01' }] });
    await first.rpc('usage.set_total', { total: 777_777 });
    const [usage, history, state] = [await first.rpc('usage.get'), await first.rpc('usage.history'), first.state()];
    await end(first);

    const second = await startDaemon({ folder: first.folder });

    expect(await second.rpc('usage.get')).toEqual(usage);
    expect(await second.rpc('usage.history')).toEqual(history);
    expect(second.state()).toEqual(state);
  });

  test('the id of a reading is known after a restart over every transport', async () => {
    const first = await startDaemon();
    const receipts = await Promise.all(
      TRANSPORTS.map(async (transport) => {
        const call = await transport.open(first);
        return await call('usage.record', { tokens: 10, sync_type: 'auto', id: transport.name });
      }),
    );
    await end(first);
    const second = await startDaemon({ folder: first.folder });

    for (const transport of TRANSPORTS) {
      const call = await transport.open(second);
      for (const receipt of receipts) {
        expect(await call('usage.record', { tokens: 999, id: receipt.id })).toEqual({ ...receipt, duplicate: true });
      }
    }
    expect(await second.rpc('usage.get')).toMatchObject({ used: 30, revision: 3 });
  });

  test('revisions go on after a restart', async () => {
    const first = await startDaemon();
    for (const tokens of [1, 2, 3]) await first.rpc('usage.record', { tokens });
    await end(first);
    const second = await startDaemon({ folder: first.folder });

    expect(await second.rpc('usage.record', { tokens: 4 })).toMatchObject({ revision: 4 });
  });
});

describe('in one batch', () => {
  const daemon = useDaemon();
  const request = (id: number, params: object, method = 'usage.record') => ({ jsonrpc: '2.0', id, method, params });

  test.each(['WebSocket', 'HTTP'])('a reading twice in one batch counts once over %s', async (name) => {
    const { used } = await daemon().rpc('usage.get');
    const reading = { tokens: 10, sync_type: 'auto', id: `in-batch-${name}` };
    const batch = [
      request(1, reading),
      request(2, { ...reading, tokens: 99 }),
      request(3, { ...reading, id: `${name}-2` }),
    ];

    const answers = await answersTo(name, batch);

    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(answers[1].result).toEqual({ ...answers[0].result, duplicate: true });
    expect(answers[2].result).toMatchObject({ total_used: used + 20, increment: 10 });
  });

  test.each(['WebSocket', 'HTTP'])('each request of a batch sees what those before it did over %s', async (name) => {
    const answers = await answersTo(name, [
      request(1, { tokens: 100, sync_type: 'correction' }),
      request(2, {}, 'usage.get'),
      request(3, { tokens: 5, sync_type: 'auto' }),
      request(4, {}, 'usage.undo'),
      request(5, { tokens: -1 }),
      request(6, { tokens: 150 }),
      request(7, { sessions: [{ tokens: 50 }] }, 'usage.import'),
      request(8, { limit: 2 }, 'usage.history'),
      request(9, { total: 400 }, 'usage.set_total'),
      request(10, {}, 'usage.get'),
    ]);

    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(answers[1].result.used).toBe(100);
    expect(answers[3].result).toMatchObject({ total_used: 100, increment: -5 });
    expect(answers[4].error.code).toBe(-32001);
    expect(answers[5].result).toMatchObject({ total_used: 150, increment: 50 });
    expect(answers[6].result.current_usage).toMatchObject({ used: 200 });
    expect(answers[7].result.sessions.map(({ total_used }: { total_used: number }) => total_used)).toEqual([200, 150]);
    expect(answers[9].result).toMatchObject({ used: 200, total: 400, percent: 50 });
  });

  /** The answers to a batch, in the order in which they came. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
  async function answersTo(name: string, batch: readonly object[]): Promise<any[]> {
    if (name === 'HTTP') return (await daemon().post('/rpc', batch)).json();
    const socket = await daemon().connect();
    socket.send(JSON.stringify(batch));
    return JSON.parse(await socket.nextFrame());
  }
});

test('a revision of a ledger that is gone is not mistaken for one of the new ledger', async () => {
  const first = await startDaemon();
  for (const tokens of [1, 2, 3]) await first.rpc('usage.record', { tokens });
  await first.stop();
  const other = await startDaemon();
  const socket = await other.connect();

  expect(await socket.call('usage.subscribe', { since_revision: 3 })).not.toHaveProperty('changes');
  expect(await failureOf(socket.call('usage.undo'))).toMatchObject({ code: -32002 });
});
