import { beforeAll, describe, expect, test } from 'vitest';
import type { Params, Result } from '../../src/protocol/methods.ts';
import { startDaemon, useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';

describe('of three thousand sessions', () => {
  const daemon = useDaemon();
  beforeAll(async () => {
    const sessions = Array.from({ length: 3_000 }, (_, index) => ({
      tokens: index + 1,
      id: `past-${index}`,
      event: index % 1_000 === 7 ? 'needle' : `step ${index}`,
      conversation_id: index % 3 === 0 ? 'third' : 'other',
      timestamp: new Date(Date.UTC(2025, 0, 1) + index * 60_000).toISOString(),
    }));
    await daemon().rpc('usage.import', { sessions });
    await daemon().rpc('usage.record', { tokens: 9_000_000, conversation_id: 'third', sync_type: 'auto' });
    await daemon().rpc('usage.record', { tokens: 5, conversation_id: 'third', sync_type: 'auto' });
    await daemon().rpc('usage.undo');
  });

  test.each<Params<'usage.sum'>>([
    {},
    { conversation_id: 'third' },
    { sync_type: 'auto' },
    { query: 'NEEDLE' },
    { query: 'step 2', conversation_id: 'other', sync_type: 'import' },
    { since: '2025-01-01T10:00:00Z', until: '2025-01-02T10:00:00Z', conversation_id: 'third' },
    { conversation_id: 'nobody' },
  ])('usage.sum of %j is the sum of what a list shows', async (filter) => {
    const { readings, tokens } = await daemon().rpc('usage.sum', filter);
    const shown: Result<'usage.history'>['sessions'] = [];
    let page: Result<'usage.history'> | undefined;
    do {
      page = await daemon().rpc('usage.history', { ...filter, limit: 1_000, ...(page?.next && { before: page.next }) });
      shown.push(...page.sessions.filter(({ undone }) => !undone));
    } while (page.next);
    expect({ readings, tokens }).toEqual({
      readings: shown.length,
      tokens: shown.reduce((sum, session) => sum + (session.counted ?? Number(session.tokens)), 0),
    });
  });

  test('usage.sum with little patience tells how far it looked, and goes on from there to the same end', async () => {
    const found: (string | undefined)[] = [];
    const times: string[] = [];
    let before: string | undefined;
    let sum = 0;
    do {
      const part = await daemon().rpc('usage.history', {
        query: 'needle',
        patience_ms: 1,
        ...(before !== undefined && { before }),
      });
      const counted = await daemon().rpc('usage.sum', { query: 'needle', ...(before !== undefined && { before }) });
      if (before === undefined) sum = counted.readings;
      found.push(...part.sessions.map(({ id }) => id));
      if (part.looked_back_to) times.push(part.looked_back_to);
      before = part.next;
    } while (before !== undefined);
    expect(found).toEqual(['past-2007', 'past-1007', 'past-7']);
    expect(sum).toBe(3);
    expect(times.length).toBeGreaterThan(0);
    expect(times).toEqual(times.toSorted().reverse());
  });

  test('usage.sum refuses a patience that cannot be had', async () => {
    for (const patience_ms of [0, 0.5, 10_001]) {
      expect((await failureOf(daemon().rpc('usage.history', { patience_ms }))).field).toBe('patience_ms');
    }
  });
});

test('a session of another program that names no conversation is listed where it is summed', async () => {
  const sessions = [
    { tokens: 12, event: 'none' },
    { tokens: 5, event: 'a number', conversation_id: 5 },
    { tokens: 7, event: 'named', conversation_id: 'theirs' },
  ];
  const daemon = await startDaemon({ state: { token_usage: { used: 24, total: 1_000, sessions } } });
  const filter = { conversation_id: '' };

  const { sessions: listed } = await daemon.rpc('usage.history', filter);

  expect(listed.map(({ event }) => event)).toEqual(['none', 'a number']);
  expect(await daemon.rpc('usage.sum', filter)).toEqual({ readings: 2, tokens: 17 });
});
