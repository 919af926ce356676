import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Receipt } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon, useDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';

const HOUR_MS = 3_600_000;

function hoursAgo(hours: number): string {
  return new Date(Date.now() - hours * HOUR_MS).toISOString();
}

/** The sum of all buckets of the statistics. */
async function sums(daemon: TestDaemon): Promise<{ tokens: number; set_aside: number }> {
  const { buckets } = await daemon.rpc('usage.stats', { bucket: 'day' });
  const sum = (amounts: readonly number[]) => amounts.reduce((all, amount) => all + amount, 0);
  return {
    tokens: sum(buckets.map(({ tokens }) => tokens)),
    set_aside: sum(buckets.map(({ set_aside = 0 }) => set_aside)),
  };
}

async function countedOf(daemon: TestDaemon): Promise<Record<string, number>> {
  const { sessions } = await daemon.rpc('usage.history');
  return Object.fromEntries(sessions.map(({ id, tokens, counted }) => [id, counted ?? tokens]));
}

describe('a receipt and its session tell', () => {
  let daemon: TestDaemon;
  let record: (params: object) => Promise<Receipt>;
  const shared = useDaemon();
  beforeAll(() => {
    daemon = shared();
    record = (params) => daemon.rpc('usage.record', params);
  });

  test('a receipt and its session tell what the reading counts, how it was understood, and which reading it touched', async () => {
    expect(await record({ tokens: 350_000, id: 'first', timestamp: hoursAgo(9), event: 'begin' })).toMatchObject({
      increment: 350_000,
      counted: 0,
      flags: ['first'],
    });
    await record({ tokens: 566, sync_type: 'estimate', id: 'estimate', timestamp: hoursAgo(8) });
    const gaveWay = await record({ tokens: 350_000, id: 'again', timestamp: hoursAgo(7) });
    expect(gaveWay).toMatchObject({ total_used: 350_000, increment: -566, counted: 0, flags: ['gave_way'] });
    expect(gaveWay).not.toHaveProperty('reset');
    expect(await record({ tokens: 349_000, id: 'late', timestamp: hoursAgo(8) })).toMatchObject({
      total_used: 350_000,
      increment: 0,
      flags: ['late'],
    });
    const slip = await record({ tokens: 3_600_000, id: 'slip', event: 'mistyped' });
    expect(slip).toMatchObject({ increment: 3_250_000 });
    expect(slip).not.toHaveProperty('counted');
    expect(slip).not.toHaveProperty('flags');
    expect(await record({ tokens: 360_000, id: 'retyped' })).toMatchObject({
      total_used: 360_000,
      increment: -3_240_000,
      counted: 10_000,
      flags: ['replaces'],
      touched: { id: 'slip', event: 'mistyped', increment: 3_250_000, timestamp: expect.any(String) },
    });
    const correction = await record({ tokens: 355_000, sync_type: 'correction', id: 'correction' });
    expect(correction).toMatchObject({
      increment: -5_000,
      counted: 0,
      flags: ['restates'],
      touched: { id: 'retyped', increment: -3_240_000 },
    });
    expect(await record({ tokens: 1, id: 'correction' })).toEqual({ ...correction, duplicate: true });
    expect(await record({ tokens: 1_000, conversation_id: 'other', id: 'other' })).toMatchObject({
      increment: 1_000,
      reset: true,
      flags: ['new'],
    });
  });

  test('state file and history tell what a session counts by now', async () => {
    const sessions = new Map(daemon.state().token_usage.sessions.map((session) => [session.id, session]));
    expect(sessions.get('estimate')).toMatchObject({ tokens: 566, counted: 0 });
    expect(sessions.get('slip')).toMatchObject({ tokens: 3_250_000, counted: 0 });
    expect(sessions.get('retyped')).toMatchObject({ tokens: -3_240_000, counted: 5_000, flags: ['replaces'] });
    expect(sessions.get('other')).not.toHaveProperty('counted');
    const { sessions: history } = await daemon.rpc('usage.history');
    expect(history).toEqual(daemon.state().token_usage.sessions);
  });

  test('the statistics tell what counts, and what was set aside', async () => {
    expect(await sums(daemon)).toEqual({ tokens: 5_000 + 1_000, set_aside: 350_000 });
    const { conversations } = await daemon.rpc('usage.conversations');
    expect(conversations.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(6_000);
    expect((await daemon.get('/metrics')).text).toContain('token_sync_recorded_tokens 6000\n');
  });

  test('an undo gives back what its reading took from others, also after a restart', async () => {
    const { folder } = daemon;
    const before = await countedOf(daemon);
    const undone = await daemon.rpc('usage.undo', { id: 'u1' });
    expect(undone).toMatchObject({ total_used: 355_000, touched: { id: 'other', increment: 1_000 } });
    await daemon.rpc('usage.undo');
    await daemon.stop();
    const again = await startDaemon({ folder });
    expect(await again.rpc('usage.undo', { id: 'u1' })).toEqual({ ...undone, duplicate: true });
    expect(await countedOf(again)).toMatchObject({ ...before, retyped: 10_000 });
    await again.rpc('usage.undo');
    expect(await countedOf(again)).toMatchObject({ slip: 3_250_000 });
    expect(again.state().token_usage.sessions[0]).not.toHaveProperty('counted');
    for (const _ of ['slip', 'late', 'again']) await again.rpc('usage.undo');
    expect(await countedOf(again)).toMatchObject({ estimate: 566, first: 0 });
    expect(again.state().token_usage).toMatchObject({ used: 350_566, sessions: [{ id: 'estimate' }, { id: 'first' }] });
    expect(await sums(again)).toEqual({ tokens: 566, set_aside: 350_000 });
  });
});

test('an import is no part of what a counter shows, and makes no later value a restart', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.import', { sessions: [{ tokens: 8_000_000, timestamp: '2025-01-01' }] });
  const first = await daemon.rpc('usage.record', { tokens: 350_000, timestamp: hoursAgo(3) });
  expect(first).toMatchObject({ total_used: 350_000, counted: 0, flags: ['first'] });
  expect(first).not.toHaveProperty('reset');
  await daemon.rpc('usage.import', { sessions: [{ tokens: 5_000, timestamp: '2025-01-02' }] });
  expect(await daemon.rpc('usage.record', { tokens: 360_000 })).toMatchObject({ increment: 5_000, counted: 10_000 });
  expect(await sums(daemon)).toEqual({ tokens: 8_015_000, set_aside: 350_000 - 8_000_000 });
});

test('a ledger of 0.1.0 is read by the same rules, and stays as it is', async () => {
  const folder = freshFolder();
  const fixture = join(import.meta.dirname, '../fixtures/data-0.1.0');
  cpSync(fixture, folder, { recursive: true });
  const daemon = await startDaemon({ folder });
  const before = await countedOf(daemon);
  const { used } = await daemon.rpc('usage.get');
  expect(Object.values(before).filter((counted) => counted < 0)).toEqual([]);
  await daemon.rpc('usage.record', { tokens: used + 5_000, id: 'next' });
  expect(await countedOf(daemon)).toMatchObject({ ...before, next: 5_000 });
  const segment = 'ledger/000001.jsonl';
  expect(daemon.read(segment)).toBe(readFileSync(join(fixture, segment), 'utf8'));
});
