import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { until } from '../support/until.ts';

const daemon = useDaemon();

test.each(['live', 'period'])(
  'a reading of the type %s is the daemon’s own, and refused from a client by every way',
  async (sync_type) => {
    const before = await daemon().rpc('usage.get');

    const refused = await failureOf(daemon().rpc('usage.record', { tokens: 5, sync_type } as never));
    expect(refused).toMatchObject({ kind: 'invalid_params', field: 'sync_type' });
    const answer = await daemon().post('/api/record_token_usage', { tokens: 5, sync_type });
    expect([answer.status, answer.json().success]).toEqual([400, false]);
    const name = `${sync_type}.json`;
    writeFileSync(join(daemon().folder, 'drop', name), `${JSON.stringify({ tokens: 5, sync_type })}\n`);
    await until(() => existsSync(join(daemon().folder, 'drop/rejected', name)), 'the file is rejected');

    expect(await daemon().rpc('usage.get')).toEqual(before);
  },
);

test('sessions of a reset can be looked for', async () => {
  expect((await daemon().rpc('usage.history', { sync_type: 'period' })).sessions).toEqual([]);
});
