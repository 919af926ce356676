import { expect, test } from 'vitest';
import { TokenSyncManager } from '../../src/client/sdk/index.ts';
import { useDaemon } from '../support/daemon.ts';
import { runCli, runJson, startCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

/** No text, though it stands where one is read. */
const TRAP = { toString: 1, valueOf: null, toJSON: 'x' };

const OBJECTS = [
  { event: TRAP },
  { id: TRAP, timestamp: TRAP, tokens: TRAP, sync_type: TRAP, conversation_id: TRAP, total_used: TRAP, flags: [TRAP] },
  { timestamp: 5, tokens: 'x', event: ['a', [TRAP]], undone: TRAP, reset: TRAP, counted: TRAP },
  { tokens: 1e300, total_used: 1e300, timestamp: '9999-12-31T23:59:59-12:00' },
  { session_id: TRAP, start_time: TRAP, task: TRAP, method: TRAP },
  {},
];

const daemon = useDaemon({
  state: {
    token_usage: { used: 7, total: 100, sessions: [null, 5, 'x', [TRAP], ...OBJECTS] },
    last_updated: '2026-11-30T10:00:00',
  },
});
const at = () => ({ folder: daemon().folder });

test.each([
  [['history']],
  [['history', '--query', 'tostring']],
  [['export', '--format', 'csv']],
  [['export', '--format', 'json']],
  [['export', '--format', 'jsonl']],
  [['status']],
  [['doctor']],
])('the command %j runs over sessions of any shape', async (args) => {
  const { code, stdout, stderr } = await runCli(args, at());
  expect({ code, stderr }).toMatchObject({ code: args[0] === 'doctor' ? expect.anything() : 0 });
  expect(stdout).not.toMatch(/unexpected|Cannot convert/);
  expect(stderr).not.toMatch(/unexpected|Cannot convert/);
});

test('the history has sessions of any shape, on the command line, over REST and in the SDK', async () => {
  const { json } = await runJson(['history'], at());
  expect(json.sessions).toEqual(expect.arrayContaining(OBJECTS));
  expect((await runCli(['history'], at())).stdout.split('\n')).toHaveLength(1 + OBJECTS.length + 1);
  const rest = (await daemon().get('/api/history')).json() as { sessions: unknown[] };
  expect(rest.sessions).toHaveLength(OBJECTS.length);
  expect((await daemon().get('/api/history?format=csv')).text.trim().split('\r\n')).toHaveLength(1 + OBJECTS.length);
  const manager = new TokenSyncManager({ url: daemon().url });
  expect((await manager.history()).sessions).toHaveLength(OBJECTS.length);
  await manager.close();
});

test('the older dashboard is served with sessions of any shape', async () => {
  const sessions = (await daemon().get('/api/token_sessions')).json() as { sessions: unknown[] };
  expect(sessions.sessions).toEqual(daemon().state().token_usage.sessions);
  const { events } = (await daemon().get('/api/architect_events')).json() as { events: object[] };
  expect(events.length).toBeGreaterThanOrEqual(OBJECTS.length);
  for (const event of events) expect(event).toMatchObject({ id: expect.any(String), timestamp: expect.any(String) });
  expect((await daemon().get('/api/architect_monitor')).status).toBe(200);
  expect((await daemon().get('/metrics')).status).toBe(200);
  expect((await daemon().get('/')).status).toBe(200);
});

test('watch shows sessions of any shape', async () => {
  const watching = startCli(['watch'], at());
  await until(() => watching.stdout().includes('7 / 100'), 'the figure is shown');
  await daemon().rpc('usage.record', { tokens: 1, sync_type: 'auto' });
  await until(() => watching.stdout().includes('8 / 100'), 'the change is shown');
  watching.process.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ code: 0, stderr: '' });
});
