import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';

const DAY_MS = 86_400_000;

/** A budget of a period of 100 days of which 10,000 were used on each of the last thirty. */
async function given(total: number): Promise<TestDaemon> {
  const daemon = await startDaemon();
  const end = new Date(Date.now() + 99 * DAY_MS).toLocaleDateString('sv-SE');
  await daemon.rpc('usage.set_total', { total, period: end });
  const sessions = Array.from({ length: 30 }, (_, day) => ({
    tokens: 10_000,
    timestamp: new Date(Date.now() - (30 - day) * DAY_MS + 60_000).toISOString(),
  }));
  await daemon.rpc('usage.import', { sessions });
  return daemon;
}

test('a receipt says once that it has turned the verdict, to a person alone', async () => {
  const daemon = await given(1_700_000);
  const record = (tokens: number, ask: boolean) => daemon.rpc('usage.record', { tokens, sync_type: 'auto', ask });
  expect(await record(1, true)).not.toHaveProperty('period');
  // Of 1,400,000 that are left 500,000 are gone at once.
  expect(await record(500_000, false)).not.toHaveProperty('period');
  expect(await record(1, true)).toMatchObject({ period: { verdict: 'short' } });
  expect(await record(1, true)).not.toHaveProperty('period');
});

test('the first receipt after a start says that its reading has turned the verdict', async () => {
  const daemon = await given(1_700_000);
  const turning = { tokens: 500_000, sync_type: 'auto', ask: true };
  expect(await daemon.rpc('usage.record', turning)).toMatchObject({ period: { verdict: 'short' } });
});

test('a receipt says nothing of a verdict that nobody knows, and of a budget without a period', async () => {
  const daemon = await startDaemon();
  expect(await daemon.rpc('usage.record', { tokens: 5, ask: true })).not.toHaveProperty('period');
  await daemon.rpc('usage.set_total', { period: '15' });
  expect(await daemon.rpc('usage.record', { tokens: 6, ask: true })).not.toHaveProperty('period');
});
