import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { useDaemon } from '../support/daemon.ts';
import { until } from '../support/until.ts';
import type { ForeignClient } from './clients/client.ts';
import { LIBRARIES } from './clients/libraries.ts';
import { PROGRAMS } from './clients/programs.ts';

const daemon = useDaemon();

describe.each(Object.entries({ ...LIBRARIES, ...PROGRAMS }))('%s', (_, { connect, hasBatches, listens }) => {
  let client: ForeignClient;
  beforeEach(async () => {
    client = await connect(daemon().url);
  });
  afterEach(() => client.close());

  test('a foreign client calls a method', async () => {
    const params = { tokens: '1,500', event: '来自别的客户端 🚀' };
    const { result } = await client.request({ method: 'usage.record', params });

    expect(result).toMatchObject({ success: true, total_used: 1_500 });
    expect((await client.request({ method: 'usage.get' })).result).toMatchObject({ used: 1_500 });
    expect(daemon().state().token_usage.sessions[0]).toMatchObject({ event: params.event });
  });

  test('a foreign client is told what is wrong with its call', async () => {
    expect((await client.request({ method: 'usage.record', params: { tokens: -1 } })).error).toMatchObject({
      code: -32001,
      data: { kind: 'value_refused', field: 'tokens' },
    });
    expect((await client.request({ method: 'no.such.method' })).error).toMatchObject({ code: -32601 });
  });

  test("a foreign client's notification is carried out and not answered", async () => {
    const before = await daemon().rpc('usage.get');

    await client.notify({ method: 'usage.record', params: { tokens: 7, sync_type: 'auto' } });

    await until(
      async () => (await daemon().rpc('usage.get')).used === before.used + 7,
      'the notification is carried out',
    );
    expect((await client.request({ method: 'usage.get' })).result).toMatchObject({ used: before.used + 7 });
  });

  if (hasBatches) {
    test("a foreign client's batch is answered as a batch", async () => {
      const { used } = await daemon().rpc('usage.get');
      const params = { tokens: 1, sync_type: 'auto' };

      const responses = await client.batch!([
        { method: 'usage.record', params },
        { method: 'usage.record', params: { tokens: 'nothing' } },
        { method: 'usage.record', params },
      ]);

      expect(responses).toMatchObject([
        { result: { total_used: used + 1 } },
        { error: { code: -32001 } },
        { result: { total_used: used + 2 } },
      ]);
    });
  }

  if (listens) {
    test('a foreign client that subscribes is told of changes', async () => {
      const told: unknown[] = [];
      client.listen!('usage.changed', (params) => told.push(params));
      const { result } = await client.request({ method: 'usage.subscribe' });

      await daemon().rpc('usage.record', { tokens: 3, sync_type: 'auto', event: 'pushed' });

      await until(() => told.length > 0, 'the change is told');
      expect(told[0]).toMatchObject({ previous_revision: result.revision, session: { event: 'pushed' } });
    });
  }
});
