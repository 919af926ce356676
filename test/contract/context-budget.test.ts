import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { until } from '../support/until.ts';

const DAY_MS = 86_400_000;

test('of the room in a conversation no date and no period is told, but the turns left, by its last rises', async () => {
  const daemon = await startDaemon({ config: { budget: { kind: 'context', period: '15', renews: true } } });
  await daemon.rpc('usage.set_total', { total: 200_000 });
  expect(await daemon.rpc('usage.forecast')).toEqual({
    tokens_per_day: 0,
    exhausts_at: null,
    basis_days: 0,
    reason: 'context',
  });

  // The first figure, and the beginning of another conversation, are no turns.
  for (const tokens of [20_000, 24_000, 30_000]) await daemon.rpc('usage.record', { tokens, conversation_id: 'A' });
  expect((await daemon.rpc('usage.forecast')).turns_left).toBe(Math.floor(170_000 / 5_000));
  await daemon.rpc('usage.record', { tokens: 12_000, conversation_id: 'B' });
  expect(await daemon.rpc('usage.forecast')).not.toHaveProperty('turns_left');
  await daemon.rpc('usage.record', { tokens: 14_000, conversation_id: 'B' });
  expect((await daemon.rpc('usage.forecast')).turns_left).toBe(186_000 / 2_000);
  // Of a conversation that was compacted the rises before count on.
  await daemon.rpc('usage.record', { tokens: 31_000, conversation_id: 'A' });
  expect((await daemon.rpc('usage.forecast')).turns_left).toBe(Math.floor(169_000 / (11_000 / 3)));

  const { text } = await daemon.get('/metrics');
  expect(text).not.toContain('token_sync_period');
  expect(text).not.toContain('token_sync_exhausts');
});

test('the last twenty rises tell how large a turn is', async () => {
  const daemon = await startDaemon({ args: ['--budget-kind', 'context'] });
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const figures = [
    10_000,
    60_000,
    110_000,
    160_000,
    ...Array.from({ length: 20 }, (_, turn) => 161_000 + turn * 1_000),
  ];
  for (const tokens of figures) await daemon.rpc('usage.record', { tokens });
  expect((await daemon.rpc('usage.forecast')).turns_left).toBe(820);
});

test('the pace of a conversation is not bounded by a figure that has just fallen', async () => {
  const paces = await Promise.all(
    ['context', 'counter'].map(async (kind) => {
      const daemon = await startDaemon({ args: ['--budget-kind', kind] });
      const sessions = Array.from({ length: 6 }, (_, day) => ({
        tokens: 100_000,
        timestamp: new Date(Date.now() - (6 - day) * DAY_MS).toISOString(),
      }));
      await daemon.rpc('usage.import', { sessions });
      await daemon.rpc('usage.record', { tokens: 4_000, sync_type: 'correction' });
      return (await daemon.rpc('usage.forecast')).tokens_per_day;
    }),
  );
  expect(paces[0]).toBeGreaterThan(90_000);
  expect(paces[1]).toBeLessThan(1_000);
});

test('a threshold is told once in a conversation, however often others are looked at in between', async () => {
  const daemon = await startDaemon({ args: ['--budget-kind', 'context', '--alerts-desktop', 'false'] });
  await daemon.rpc('usage.set_total', { total: 200_000 });
  const socket = await daemon.connect();
  await socket.call('usage.subscribe', {});
  const told = () => socket.told('usage.alert').map(({ level }) => level);
  const tell = (tokens: number, conversation_id: string) => socket.call('usage.record', { tokens, conversation_id });
  await tell(170_000, 'A');
  for (let turn = 1; turn <= 3; turn++) {
    await tell(20_000 + turn, 'B');
    await tell(170_000 + turn, 'A');
  }
  await tell(181_000, 'A');
  await until(() => told().length === 2, 'both thresholds are told');
  expect(told()).toEqual([80, 90]);
  await tell(165_000, 'B');
  await until(() => told().length === 3, 'the other conversation has a threshold of its own');
});
