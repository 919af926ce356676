import { beforeAll, describe, expect, test } from 'vitest';
import type { Session } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon, useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';

/** Takes back whatever there is; every test begins with a counter at 0 and nothing to undo. */
async function undoAll(daemon: TestDaemon): Promise<void> {
  while ((await daemon.rpc('usage.get')).sessions_count > 0) await daemon.rpc('usage.undo');
}

function idsOf(sessions: readonly Session[]): unknown[] {
  return sessions.map(({ id }) => id);
}

describe.each(TRANSPORTS.filter((transport) => transport.has('usage.undo')))('over $name', (transport) => {
  const daemon = useDaemon();
  let call: Call;
  beforeAll(async () => {
    call = await transport.open(daemon());
  });

  test.each([
    ['manual', { tokens: 350_000 }],
    ['manual that began anew', { tokens: 500 }],
    ['manual seen coarsely', { tokens: '1K' }],
    ['auto', { tokens: 57, sync_type: 'auto' }],
    ['estimate', { tokens: 7, sync_type: 'estimate' }],
    ['import', { tokens: 9, sync_type: 'import' }],
    ['correction', { tokens: 3, sync_type: 'correction' }],
    ['equal', { tokens: 1_001 }],
    ['dated', { tokens: 5, sync_type: 'auto', timestamp: '2025-11-18 20:30:00' }],
  ])('an undo takes a reading back: %s', async (_, params) => {
    await undoAll(daemon());
    await call('usage.record', { tokens: 1_001 });
    const before = daemon().state().token_usage;
    const recorded = await call('usage.record', params);

    const receipt = await call('usage.undo');

    expect(receipt).toEqual({
      success: true,
      id: expect.any(String),
      total_used: 1_001,
      increment: 1_001 - recorded.total_used,
      total: 1_000_000,
      percent: 0.1,
      revision: recorded.revision + 1,
      touched: {
        id: recorded.id,
        event: '',
        increment: recorded.increment,
        timestamp: 'timestamp' in params ? params.timestamp : expect.any(String),
      },
    });
    const { mark } = await daemon().rpc('usage.get');
    expect(daemon().state().token_usage).toEqual({ ...before, mark });
    const { sessions } = await call('usage.history');
    expect(sessions.find((session) => session.id === recorded.id)).toMatchObject({ undone: true });
  });

  test('undo goes back step by step to the beginning, then says that there is nothing left', async () => {
    await undoAll(daemon());
    const figures = [100, 250, 240, 5_000, 5_000, 12];
    for (const tokens of figures) await call('usage.record', { tokens });
    await call('usage.set_total', { total: 2_000_000 });

    const back = [];
    for (const _ of figures) back.push((await call('usage.undo')).total_used);

    expect(back).toEqual([...figures.toReversed().slice(1), 0]);
    expect(await failureOf(call('usage.undo'))).toMatchObject({ code: -32002, kind: 'not_found' });
    expect(await call('usage.get')).toMatchObject({ used: 0, sessions_count: 0, total: 2_000_000 });
    expect(daemon().state().token_usage.sessions).toEqual([]);
  });

  test('an undo skips readings that were undone before', async () => {
    await undoAll(daemon());
    for (const tokens of [1, 2, 4]) await call('usage.record', { tokens, sync_type: 'auto' });
    await call('usage.undo');
    await call('usage.record', { tokens: 8, sync_type: 'auto' });

    const back = [];
    for (let times = 0; times < 3; times++) back.push((await call('usage.undo')).total_used);

    expect(back).toEqual([3, 1, 0]);
  });

  test("an undo takes back an import's last reading first", async () => {
    await undoAll(daemon());
    await call('usage.import', {
      sessions: [
        { tokens: 10, id: `newer-${transport.name}`, timestamp: '2025-11-18' },
        { tokens: 20, id: `older-${transport.name}`, timestamp: '2025-11-01' },
      ],
    });

    expect(await call('usage.undo')).toMatchObject({ total_used: 10, increment: -20 });
    expect(idsOf(daemon().state().token_usage.sessions)).toEqual([`newer-${transport.name}`]);
    expect(await call('usage.undo')).toMatchObject({ total_used: 0, increment: -10 });
  });

  test('an undo with an id takes back only that reading, and tells which is the last otherwise', async () => {
    await undoAll(daemon());
    expect(await call('usage.last_reading')).toEqual({});
    const first = await call('usage.record', { tokens: 100, event: 'now' });
    await call('usage.import', { sessions: [{ tokens: 10, event: 'long ago', timestamp: '2025-11-18' }] });
    const { session } = await call('usage.last_reading');

    expect(session).toMatchObject({ event: 'long ago', tokens: 10 });
    expect(await failureOf(call('usage.undo', { reading: first.id }))).toMatchObject({ kind: 'not_found' });
    expect(await call('usage.get')).toMatchObject({ used: 110 });
    expect(await call('usage.undo', { reading: session!.id })).toMatchObject({ total_used: 100 });
  });

  test('the same undo twice takes back once', async () => {
    await undoAll(daemon());
    for (const tokens of [1, 2, 4]) await call('usage.record', { tokens, sync_type: 'auto' });

    const first = await call('usage.undo', { id: `undo-${transport.name}` });
    await call('usage.record', { tokens: 50, sync_type: 'auto' });

    expect(first).toMatchObject({ id: `undo-${transport.name}`, total_used: 3 });
    expect(await call('usage.undo', { id: `undo-${transport.name}` })).toEqual({ ...first, duplicate: true });
    expect(await call('usage.get')).toMatchObject({ used: 53 });
  });

  test('as many undos at once as there are readings take back each of them once', async () => {
    await undoAll(daemon());
    for (let times = 0; times < 10; times++) await call('usage.record', { tokens: 1, sync_type: 'auto' });

    const receipts = await Promise.all(Array.from({ length: 10 }, () => call('usage.undo')));

    expect(receipts.map((receipt) => receipt.total_used).toSorted((a, b) => a - b)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
    expect(await call('usage.get')).toMatchObject({ used: 0, sessions_count: 0 });
  });

  test('an undo brings an older session back into the state file when one of its hundred leaves it', async () => {
    await undoAll(daemon());
    const ids = Array.from({ length: 103 }, (_, index) => `${transport.name}-${index}`);
    for (const id of ids) await call('usage.record', { tokens: 1, sync_type: 'auto', id });
    const newest = ids.toReversed();

    expect(idsOf(daemon().state().token_usage.sessions)).toEqual(newest.slice(0, 100));
    await call('usage.undo');
    expect(idsOf(daemon().state().token_usage.sessions)).toEqual(newest.slice(1, 101));
  });
});

test('undo goes on to the beginning after a restart and a kill', async () => {
  const first = await startDaemon();
  for (const tokens of [100, 250, 240, 5_000]) await first.rpc('usage.record', { tokens });
  await first.rpc('usage.undo', { id: 'u-1' });
  await first.stop();

  const second = await startDaemon({ folder: first.folder });
  expect(await second.rpc('usage.undo', { id: 'u-1' })).toMatchObject({ duplicate: true, total_used: 240 });
  expect(await second.rpc('usage.undo')).toMatchObject({ total_used: 250 });
  await second.kill();

  const third = await startDaemon({ folder: first.folder });
  expect(await third.rpc('usage.undo')).toMatchObject({ total_used: 100 });
  expect(await third.rpc('usage.undo')).toMatchObject({ total_used: 0 });
  expect(await failureOf(third.rpc('usage.undo'))).toMatchObject({ code: -32002 });
  const { sessions } = await third.rpc('usage.history');
  expect(sessions.map(({ undone }) => undone)).toEqual([true, true, true, true]);
});
