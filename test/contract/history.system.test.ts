import { beforeAll, describe, expect, test } from 'vitest';
import type { Result, Session } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon, useDaemon } from '../support/daemon.ts';
import { failureOf } from '../support/rpc-failure.ts';
import { type Call, TRANSPORTS } from '../support/transports.ts';

const RECORDED = Array.from({ length: 60 }, (_, index) => `now-${index}`);
const IMPORTED = [
  { tokens: 5, id: 'march', timestamp: '2025-03-10 12:00:00', event: 'Größe der Änderung', conversation_id: 'spring' },
  { tokens: 6, id: 'january', timestamp: '2025-01-10T09:00:00Z', event: 'İstanbul' },
  {
    tokens: 7,
    id: 'february',
    timestamp: '2025-02-10 12:00:00+09:00',
    event: '完成架构设计',
    conversation_id: 'spring',
  },
  { tokens: 8, id: 'february-too', timestamp: '2025-02-10 12:00:00+09:00' },
];
const NEWEST_FIRST = [...RECORDED.toReversed(), 'march', 'february-too', 'february', 'january'];

/** Sixty readings, of which the last is undone, then an import of past ones. */
async function seed(daemon: TestDaemon): Promise<void> {
  for (const [index, id] of RECORDED.entries()) {
    await daemon.rpc('usage.record', { tokens: index, id, event: `Step ${index}`, sync_type: 'auto' });
  }
  await daemon.rpc('usage.undo');
  await daemon.rpc('usage.import', { sessions: IMPORTED });
}

function idsOf({ sessions }: { readonly sessions: readonly Session[] }): unknown[] {
  return sessions.map(({ id }) => id);
}

/** All pages, as ids; `between` happens after each but the last. */
async function pages(call: Call, params: object, between?: () => Promise<unknown>): Promise<unknown[][]> {
  const found: unknown[][] = [];
  let page: Result<'usage.history'> = await call('usage.history', params);
  for (;;) {
    found.push(idsOf(page));
    if (page.next === undefined) return found;
    await between?.();
    page = await call('usage.history', { ...params, before: page.next });
  }
}

describe.each(TRANSPORTS)('over $name', (transport) => {
  const daemon = useDaemon({ env: { TZ: 'Europe/Berlin' } });
  let call: Call;
  beforeAll(async () => {
    await seed(daemon());
    call = await transport.open(daemon());
  });

  test('the history lists everything, newest first by its own date', async () => {
    expect(idsOf(await call('usage.history'))).toEqual(NEWEST_FIRST);
  });

  test('the history shows each session as the state file does', async () => {
    const { sessions } = await call('usage.history');

    expect(daemon().state().token_usage.sessions.toSorted(byId)).toEqual(
      sessions.filter(({ undone }) => !undone).toSorted(byId),
    );
    expect(sessions.at(-4)).toEqual({
      id: 'march',
      timestamp: '2025-03-10 12:00:00',
      tokens: 5,
      event: 'Größe der Änderung',
      conversation_id: 'spring',
      sync_type: 'import',
      total_used: 1_716,
    });
  });

  test('the history keeps readings that were undone, marked', async () => {
    const { sessions } = await call('usage.history');

    expect(sessions[0]).toMatchObject({ id: 'now-59', tokens: 59, undone: true });
    expect(sessions.filter(({ undone }) => undone !== undefined)).toHaveLength(1);
  });

  test.each<[string, object, string[]]>([
    ['since, itself included', { since: '2025-03-10 12:00:00', until: '2025-04-01' }, ['march']],
    ['since a moment later', { since: '2025-03-10 12:00:01', until: '2025-04-01' }, []],
    ['until', { until: '2025-02-01' }, ['january']],
    [
      'since and until in other zones',
      { since: '2025-01-10T10:00:00+01:00', until: '2025-02-10T04:00:00Z' },
      ['february-too', 'february', 'january'],
    ],
    ['sync_type', { sync_type: 'import' }, ['march', 'february-too', 'february', 'january']],
    ['conversation_id', { conversation_id: 'spring' }, ['march', 'february']],
    ['query', { query: 'step 12' }, ['now-12']],
    ['query in capitals', { query: 'STEP 12' }, ['now-12']],
    ['query in Chinese', { query: '架构' }, ['february']],
    ['query with umlauts in another case', { query: 'GRÖßE DER ÄNDERUNG' }, ['march']],
    ['query with the capital I of Turkish', { query: 'İstan' }, ['january']],
    ['query of what looks like a pattern', { query: '.*' }, []],
    ['query of an undone one', { query: 'Step 59' }, ['now-59']],
    ['all of them at once', { query: '完成', conversation_id: 'spring', sync_type: 'import' }, ['february']],
  ])('the history filters by %s', async (_, filter, expected) => {
    expect(idsOf(await call('usage.history', filter))).toEqual(expected);
  });

  test.each([
    ['since', 'yesterday'],
    ['until', '2025-02-30'],
    ['sync_type', 'guess'],
    ['query', 'a\0b'],
  ])('the history refuses a wrong %s', async (field, value) => {
    expect(await failureOf(call('usage.history', { [field]: value }))).toMatchObject({ field });
  });

  if (transport.name === 'REST') return;

  test.each([1, 7, 63, 64, 65, 1_000])('history pages of %i have neither gap nor repeat', async (limit) => {
    const found = await pages(call, { limit });

    expect(found.flat()).toEqual(NEWEST_FIRST);
    expect(found.slice(0, -1).every((page) => page.length === limit)).toBe(true);
    expect(found.every((page) => page.length > 0)).toBe(true);
  });

  test('history pages with a filter have neither gap nor repeat', async () => {
    expect(await pages(call, { limit: 1, conversation_id: 'spring' })).toEqual([['march'], ['february']]);
  });

  test.each([0, -1, 1.5, 1_001, '5'])('the history refuses a page of %j', async (limit) => {
    expect(await failureOf(call('usage.history', { limit }))).toMatchObject({ field: 'limit' });
  });

  test.each(['', 'x', '1', '1.', '../..', '99999999999999999999.1'])(
    'the history refuses %j as `before`',
    async (before) => {
      expect(await failureOf(call('usage.history', { before }))).toMatchObject({ code: -32602, field: 'before' });
    },
  );
});

test('history pages have neither gap nor repeat while others record and import', async () => {
  const daemon = await startDaemon({ env: { TZ: 'Europe/Berlin' } });
  await seed(daemon);
  let count = 0;
  const meanwhile = async () => {
    count++;
    await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
    await daemon.rpc('usage.import', { sessions: [{ tokens: 1, timestamp: '2025-02-20' }] });
    if (count === 2) await daemon.rpc('usage.undo');
  };

  const found = (await pages((method, params) => daemon.rpc(method, params), { limit: 9 }, meanwhile)).flat();

  expect(count).toBeGreaterThan(5);
  expect(found.filter((id) => NEWEST_FIRST.includes(String(id)))).toEqual(NEWEST_FIRST);
  expect(new Set(found).size).toBe(found.length);
});

test("the history goes beyond the state file's hundred, a hundred a page unless told otherwise, and over a restart", async () => {
  const first = await startDaemon();
  const sessions = Array.from({ length: 1_234 }, (_, index) => ({ tokens: 1, id: `n-${index}` }));
  await first.rpc('usage.import', { sessions });
  const before = await pages((method, params) => first.rpc(method, params), {});
  await first.stop();
  const second = await startDaemon({ folder: first.folder });

  const after = await pages((method, params) => second.rpc(method, params), {});

  expect(second.state().token_usage.sessions).toHaveLength(100);
  expect(after.map((page) => page.length)).toEqual([...Array(12).fill(100), 34]);
  expect(after.flat().toSorted()).toEqual(sessions.map(({ id }) => id).toSorted());
  expect(after).toEqual(before);
});

function byId(a: Session, b: Session): number {
  return String(a.id) < String(b.id) ? -1 : 1;
}

test('the history tells the UTC time of our own readings where that is asked for, and of no other sessions', async () => {
  const daemon = await startDaemon({
    env: { TZ: 'Europe/Berlin' },
    state: { token_usage: { used: 1, total: 9, sessions: [{ timestamp: '2025-01-01 00:00:00', tokens: 1 }] } },
  });
  const at = '2025-11-18T20:30:00.000Z';
  const socket = await daemon.connect();
  await socket.call('usage.subscribe', {});
  await daemon.rpc('usage.record', { tokens: 1, timestamp: at, sync_type: 'auto' });

  const [ours, theirs] = (await daemon.rpc('usage.history', { instants: true })).sessions;
  expect(ours).toMatchObject({ timestamp: '2025-11-18 21:30:00', at });
  expect(theirs).not.toHaveProperty('at');
  expect((await daemon.rpc('usage.history')).sessions[0]).not.toHaveProperty('at');
  expect(await daemon.rpc('usage.last_reading')).toMatchObject({ at });
  expect(await socket.next('usage.changed')).toMatchObject({ cause: 'reading', at });
  const before = Date.now();
  await daemon.rpc('usage.set_total', { total: 10 });
  const changed = await socket.next('usage.changed');
  expect(Date.parse(changed.at!)).toBeGreaterThanOrEqual(before);
});
