import { describe, expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { TRANSPORTS } from '../support/transports.ts';
import { until } from '../support/until.ts';

describe.each(TRANSPORTS.filter((transport) => transport.has('usage.changes')))('over $name', (transport) => {
  test('usage.changes tells of every kind of change, newest first, the same after a restart', async () => {
    const daemon = await startDaemon();
    const call = await transport.open(daemon);
    await call('usage.set_total', { total: 500_000 });
    await call('usage.record', { tokens: 350_000, event: 'kept' });
    await call('usage.record', { tokens: 999_000, event: 'slip', sync_type: 'auto' });
    await call('usage.undo');
    await call('usage.import', { sessions: [{ tokens: 5, timestamp: '2020-01-01' }, { tokens: 6 }] });
    await call('usage.record', { tokens: 340_000, sync_type: 'correction', event: 'right' });
    const state = daemon.state();
    daemon.write('architect_monitor.json', { ...state, token_usage: { ...state.token_usage, used: 360_000 } });
    await until(async () => (await call('usage.get')).used === 360_000, 'the edit is adopted');

    const told = await call('usage.changes');

    const shown = told.changes.map(({ cause, increment, used, session, sessions }) => [
      cause,
      increment,
      used,
      session?.event ?? sessions,
      session?.undone,
    ]);
    expect(shown).toEqual([
      ['edit', 20_000, 360_000, undefined, undefined],
      ['reading', -10_011, 340_000, 'right', undefined],
      ['import', 11, 350_011, 2, undefined],
      ['undo', -999_000, 350_000, 'slip', true],
      ['reading', 999_000, 1_349_000, 'slip', true],
      ['reading', 350_000, 350_000, 'kept', undefined],
      ['total', 0, 0, undefined, undefined],
    ]);
    expect(told.changes.map(({ revision }) => revision)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(told.changes.every(({ at }) => Math.abs(Date.parse(at) - Date.now()) < 60_000)).toBe(true);
    expect(told.alerts.map(({ level, revision }) => [level, revision])).toEqual([
      [100, 3],
      [90, 3],
      [80, 3],
    ]);
    await daemon.kill();
    const again = await startDaemon({ folder: daemon.folder });
    expect(await again.rpc('usage.changes')).toEqual(told);
    await again.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
    const { changes } = await again.rpc('usage.changes', { limit: 2 });
    expect(changes.map(({ revision, increment }) => [revision, increment])).toEqual([
      [8, 1],
      [7, 20_000],
    ]);
  });

  test('usage.changes refuses a number of changes that cannot be had', async () => {
    const call = await transport.open(await startDaemon());
    for (const limit of [0, 1.5, 201]) {
      expect((await failureOf(call('usage.changes', { limit }))).field).toBe('limit');
    }
  });
});

test('usage.changes tells the newest of more changes than are held in memory', async () => {
  const daemon = await startDaemon();
  const socket = await daemon.connect();
  for (let sent = 0; sent < 900; sent += 100) {
    await Promise.all(
      Array.from({ length: 100 }, () => socket.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'one' })),
    );
  }
  const { changes } = await daemon.rpc('usage.changes', { limit: 200 });
  expect(changes.map(({ used }) => used)).toEqual(Array.from({ length: 200 }, (_, index) => 900 - index));
});
