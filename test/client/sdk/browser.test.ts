import { expect, test } from 'vitest';
import { TokenSyncManager } from '../../../src/client/sdk/browser.ts';
import { startDaemon } from '../../support/daemon.ts';

test('makes the same calls with nothing but what a browser has', async () => {
  const daemon = await startDaemon();
  const manager = new TokenSyncManager({ url: daemon.url });
  const subscription = manager.subscribe();
  expect(await subscription.next()).toMatchObject({ value: { type: 'snapshot', revision: 0 } });
  expect(await manager.quickRecord('350K', '完成架构设计')).toMatchObject({ total_used: 350_000 });
  expect(await subscription.next()).toMatchObject({ value: { type: 'change', usage: { used: 350_000 } } });
  expect(manager.parseTokenValue('1.2M')).toBe(1_200_000);
  await manager.close();
});

test('a manager in a browser says that it is not let in, though a browser does not tell why a socket was refused', async () => {
  const daemon = await startDaemon({ args: ['--auth', 'token'] });
  const manager = new TokenSyncManager({ url: daemon.url });
  await expect(manager.getCurrentUsage()).rejects.toMatchObject({
    kind: 'unauthorized',
    hint: { en: 'run `token-sync open`' },
  });
  await manager.close();
});

test('a manager in a browser says that the daemon cannot be reached, and catches up when it is back', async () => {
  const daemon = await startDaemon();
  const manager = new TokenSyncManager({ url: daemon.url });
  const subscription = manager.subscribe();
  await subscription.next();
  await daemon.kill();
  expect(await subscription.next()).toMatchObject({ value: { type: 'connection', state: 'lost' } });
  await expect(manager.getCurrentUsage()).rejects.toMatchObject({ kind: 'unreachable' });
  const again = await startDaemon({ folder: daemon.folder, port: daemon.port });
  await again.rpc('usage.record', { tokens: 1 });
  expect(await subscription.next()).toMatchObject({ value: { type: 'connection', state: 'back' } });
  expect(await subscription.next()).toMatchObject({ value: { type: 'change', revision: 1 } });
  await manager.close();
});
