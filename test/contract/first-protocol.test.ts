import { describe, expect, test } from 'vitest';
import { useDaemon } from '../support/daemon.ts';
import { TRANSPORTS } from '../support/transports.ts';
import { until } from '../support/until.ts';

/** The calls of programs written for the first protocol, and the fields that they look for in the answers. */
const USAGE = {
  used: 'number',
  total: 'number',
  percent: 'number',
  remaining: 'number',
  sessions_count: 'number',
  last_updated: 'string',
  revision: 'number',
};
const RECEIPT = {
  success: 'boolean',
  id: 'string',
  total_used: 'number',
  increment: 'number',
  percent: 'number',
  revision: 'number',
};
const MESSAGES = { user_message: 'hello', assistant_message: 'world' };
const COUNT = { user_tokens: 'number', assistant_tokens: 'number' };

const CALLS = [
  ['usage.get', {}, USAGE],
  ['usage.record', { tokens: '350,000 tokens used', event: 'x', conversation_id: 'c', id: 'first' }, RECEIPT],
  ['usage.record', { tokens: 1, sync_type: 'auto', timestamp: '2025-11-18 20:30:00' }, RECEIPT],
  ['usage.last_reading', {}, { session: 'object' }],
  ['usage.undo', { id: 'take-back' }, RECEIPT],
  ['usage.import', { sessions: [{ tokens: 5 }] }, { success: 'boolean', imported_count: 'number', skipped: 'object' }],
  ['usage.set_total', { total: 2_000_000 }, USAGE],
  ['usage.history', { limit: 1 }, { sessions: 'object' }],
  ['usage.stats', { bucket: 'day' }, { buckets: 'object' }],
  ['usage.series', { points: 10 }, { points: 'object' }],
  ['usage.conversations', { limit: 5 }, { conversations: 'object' }],
  ['usage.forecast', {}, { tokens_per_day: 'number', basis_days: 'number' }],
  ['usage.estimate_accuracy', {}, { comparisons: 'number' }],
  ['conversation.estimate', MESSAGES, { ...COUNT, total_tokens: 'number', encoding: 'string' }],
  ['conversation.record', MESSAGES, { ...RECEIPT, ...COUNT, session_tokens: 'number' }],
  ['daemon.info', {}, { name: 'string', version: 'string', pid: 'number', url: 'string', warnings: 'object' }],
  ['dashboard.code', {}, {}],
] as const;

const daemon = useDaemon();

describe.each(TRANSPORTS.filter(({ name }) => name !== 'REST'))('the first protocol over $name', (transport) => {
  test.each(CALLS)('a client of the first protocol is served %s', async (method, params, fields) => {
    const call = await transport.open(daemon());
    // For the undo to take back.
    await call('usage.record', { tokens: 1, sync_type: 'auto' });
    const answer: object = await call(method, params);
    const kinds = Object.fromEntries(Object.entries(answer).map(([name, value]) => [name, typeof value]));
    expect(kinds).toMatchObject(fields);
  });
});

test('a client of the first protocol is told every change, and after a reconnect those since its revision', async () => {
  const socket = await daemon().connect();
  const { revision } = await socket.call('usage.subscribe', {});
  await socket.call('usage.record', { tokens: 1, sync_type: 'auto' });
  await until(() => socket.told('usage.changed').length === 1, 'the change is told');
  const [told] = socket.told('usage.changed');
  expect(told).toMatchObject({ revision: revision + 1, previous_revision: revision, cause: 'reading' });
  const again = await daemon().connect();
  expect((await again.call('usage.subscribe', { since_revision: revision })).changes).toEqual([told]);
});
