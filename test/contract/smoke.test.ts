import { expect, test } from 'vitest';
import { startDaemon, useDaemon } from '../support/daemon.ts';
const d = useDaemon();
test('a', async () => {
  console.log(await d().rpc('usage.record', { tokens: 5 }));
  const ws = await d().connect();
  console.log(await ws.call('usage.subscribe'));
  const t = performance.now();
  const e = await startDaemon();
  console.log(e.url, performance.now() - t);
  const t2 = performance.now();
  for (let i = 0; i < 100; i++) await ws.call('usage.record', { tokens: i, sync_type: 'auto' });
  console.log('100 recs', performance.now() - t2);
  expect(await e.stop()).toEqual({ code: 0, signal: null });
});
