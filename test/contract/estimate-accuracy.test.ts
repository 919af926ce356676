import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';

test('the error of estimates is known from the values that followed, without those undone, and after a restart', async () => {
  const daemon = await startDaemon();
  const record = (tokens: number, sync_type: string) =>
    daemon.rpc('usage.record', { tokens, sync_type, conversation_id: 'c' });
  expect(await daemon.rpc('usage.estimate_accuracy')).toEqual({
    comparisons: 0,
    estimated_tokens: 0,
    actual_tokens: 0,
    error_percent: null,
    median_error_percent: null,
  });

  await record(1_000, 'manual');
  await record(100, 'estimate');
  await record(7_000, 'estimate');
  await daemon.rpc('usage.undo');
  await record(1_125, 'manual');

  const expected = { comparisons: 1, estimated_tokens: 100, actual_tokens: 125, error_percent: -20 };
  expect(await daemon.rpc('usage.estimate_accuracy')).toMatchObject(expected);
  await daemon.stop();
  const again = await startDaemon({ folder: daemon.folder });
  expect(await again.rpc('usage.estimate_accuracy')).toMatchObject({ ...expected, median_error_percent: 20 });
});

test('the error of estimates is not taken from those of long ago, however long the ledger', async () => {
  const daemon = await startDaemon();
  const records = [
    { tokens: 1_000, sync_type: 'manual' },
    { tokens: 100, sync_type: 'estimate' },
    { tokens: 1_125, sync_type: 'manual' },
    ...Array.from({ length: 2_500 }, () => ({ tokens: 1, sync_type: 'auto' })),
    { tokens: 100, sync_type: 'estimate' },
  ];
  for (let start = 0; start < records.length; start += 1_000) {
    const batch = records
      .slice(start, start + 1_000)
      .map((params, id) => ({ jsonrpc: '2.0', id, method: 'usage.record', params }));
    await daemon.post('/rpc', batch);
  }

  expect(await daemon.rpc('usage.estimate_accuracy')).toMatchObject({ comparisons: 0 });
});
