import { existsSync, rmdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { blockFile } from '../support/blocked-file.ts';
import { startDaemon } from '../support/daemon.ts';
import { until } from '../support/until.ts';

const STATE = 'architect_monitor.json';

test('a receipt that is given again tells the budget of its own time and that the value was rounded, also after a restart', async () => {
  let daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 350_400, sync_type: 'correction' });
  const rounded = await daemon.rpc('usage.record', { tokens: '350K', id: 'rounded' });
  const undone = await daemon.rpc('usage.undo', { id: 'undone' });
  expect(rounded).toMatchObject({ total_used: 350_400, increment: 0, rounded: true, total: 1_000_000, percent: 35.04 });
  expect(undone).toMatchObject({ total_used: 350_400, total: 1_000_000, percent: 35.04 });

  await daemon.rpc('usage.set_total', { total: 500_000 });
  for (const isRestarted of [false, true]) {
    if (isRestarted) {
      await daemon.stop();
      daemon = await startDaemon({ folder: daemon.folder });
    }
    expect(await daemon.rpc('usage.record', { tokens: 1, id: 'rounded' })).toEqual({ ...rounded, duplicate: true });
    expect(await daemon.rpc('usage.undo', { id: 'undone' })).toEqual({ ...undone, duplicate: true });
  }
  const exact = await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
  expect(exact).toMatchObject({ total: 500_000, percent: 70.08 });
  expect(exact).not.toHaveProperty('rounded');
});

test('the receipt of a session that came with a state file tells the present budget', async () => {
  const sessions = [{ id: 'theirs', tokens: 5, total_used: 5, timestamp: '2025-11-18 20:30:00' }];
  const daemon = await startDaemon({ state: { token_usage: { used: 5, total: 400, sessions } } });
  expect(await daemon.rpc('usage.record', { tokens: 9, id: 'theirs' })).toMatchObject({
    duplicate: true,
    total_used: 5,
    total: 400,
    percent: 1.25,
  });
});

describe('while the state file cannot be written', () => {
  test('every receipt says that the state file is behind while it cannot be written, and none does once it has followed', async () => {
    const daemon = await startDaemon();
    expect(await daemon.rpc('usage.record', { tokens: 10 })).not.toHaveProperty('state_file');
    blockFile(daemon.path(STATE));

    const socket = await daemon.connect();
    const messages = { user_message: 'hello', assistant_message: 'hello' };
    const receipts = [
      await daemon.rpc('usage.record', { tokens: 20, id: 'a' }),
      await socket.call('usage.record', { tokens: 20, id: 'a' }),
      (await daemon.post('/api/record_token_usage', { tokens: 5 })).json(),
      await socket.call('conversation.record', messages),
      await daemon.rpc('usage.undo'),
    ];
    expect(receipts.map(({ success, state_file }) => [success, state_file])).toEqual(
      receipts.map(() => [true, 'behind']),
    );
    expect(receipts[1]).toMatchObject({ duplicate: true });

    rmdirSync(daemon.path(STATE));
    await until(() => existsSync(daemon.path(STATE)), 'the file has followed');
    expect(await daemon.rpc('usage.record', { tokens: 30 })).not.toHaveProperty('state_file');
    expect(daemon.state().token_usage.used).toBe(30);
  });

  test('a reading whose receipt was behind can be read in the state file later, without another call', async () => {
    const daemon = await startDaemon();
    blockFile(daemon.path(STATE));
    expect(await daemon.rpc('usage.record', { tokens: 20 })).toMatchObject({ state_file: 'behind' });
    rmdirSync(daemon.path(STATE));
    await until(() => existsSync(daemon.path(STATE)), 'the state file has followed');
    expect(daemon.state().token_usage.used).toBe(20);
  });
});
