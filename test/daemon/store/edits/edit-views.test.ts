import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { EMPTY } from '../../../../src/daemon/rules/snapshot.ts';
import { EditViews } from '../../../../src/daemon/store/edits/edit-views.ts';
import type { View } from '../../../../src/daemon/store/state-file/view.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { type OpenedStore, openStore, reopened, unmarked } from '../opened-store.ts';

/** A clock that stands, so that all happens in one second, or goes on by a minute with every look. */
function clock(kind: 'one second' | 'minutes'): () => number {
  let nowMs = new Date(2025, 10, 18, 20, 0, 0).getTime();
  return () => {
    if (kind === 'minutes') nowMs += 60_000;
    return nowMs;
  };
}

async function opened(kind: 'one second' | 'minutes' = 'minutes', options = {}): Promise<OpenedStore> {
  return openStore(temporaryFolder(MEMORY), { now: clock(kind), ...options });
}

function ids(store: OpenedStore): string[] {
  return store.state().token_usage.sessions.map(({ id }: { id?: string }) => id ?? 'foreign');
}

/** Longer than a program takes to load, change and save. */
function laterOn(): void {
  const now = performance.now() + 60_000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
}

const BOTH = ['one second', 'minutes'] as const;

afterEach(() => vi.restoreAllMocks());

describe.each(BOTH)('an edit of the latest file, all in %s', (kind) => {
  test.each<[string, (state: State) => void, number, string[]]>([
    ['that removes the newest session', (state) => state.token_usage.sessions.shift(), 60, ['b', 'a']],
    ['that removes the newest two', (state) => state.token_usage.sessions.splice(0, 2), 60, ['a']],
    ['that removes the oldest', (state) => state.token_usage.sessions.pop(), 60, ['c', 'b']],
    ['that removes all sessions', (state) => state.token_usage.sessions.splice(0), 60, []],
    ['that sets used', (state) => (state.token_usage.used = 500), 500, ['c', 'b', 'a']],
    [
      'that sets used and removes all sessions',
      (state) => Object.assign(state.token_usage, { used: 5_000, sessions: [] }),
      5_000,
      [],
    ],
    [
      'that brings a session and its count, as older programs record',
      (state) => {
        state.token_usage.used += 7;
        state.token_usage.sessions.unshift({ tokens: 7, method: 'manual' });
        state.last_updated = '2025-11-18T20:30:00.123456';
      },
      67,
      ['foreign', 'c', 'b', 'a'],
    ],
  ])('an edit of the latest file %s is taken as it is', async (_, change, used, sessions) => {
    const store = await opened(kind);
    await store.record(10, { id: 'a' });
    await store.record(20, { id: 'b' });
    await store.record(30, { id: 'c' });
    laterOn();
    store.edit(change);
    await store.adopt();

    expect([store.usage.used, ids(store), store.usage.sessions_count]).toEqual([used, sessions, sessions.length]);
    await store.record(1, { id: 'd' });
    expect([store.state().token_usage.used, ids(store)]).toEqual([used + 1, ['d', ...sessions]]);
  });

  test('a file of something else entirely is taken as it is', async () => {
    const store = await opened(kind);
    await store.record(350_000, { id: 'a', sync_type: 'manual' });
    store.write({ token_usage: { used: 123_456, total: 2_000_000, sessions: [] }, status: 'x' }, 'by rename');
    await store.adopt();

    expect(store.usage).toMatchObject({ used: 123_456, total: 2_000_000, sessions_count: 0 });
    expect(store.state()).toMatchObject({ status: 'x', token_usage: { sessions: [] } });
  });

  test('an edit that takes an earlier edit back is taken', async () => {
    const store = await opened(kind);
    await store.record(10, { id: 'a' });
    const before = store.text();
    store.edit((state) => {
      state.token_usage.used = 99;
      state.status = 'x';
    });
    await store.adopt();
    expect(store.usage).toMatchObject({ used: 99, revision: 2 });
    store.write(before);
    await store.adopt();

    expect(store.usage).toMatchObject({ used: 10, revision: 3 });
    expect(unmarked(store.text())).toBe(unmarked(before));
    expect(store.told.map(({ cause }) => cause)).toEqual(['reading', 'edit', 'edit']);
  });

  test('an edit that removes a session and one that brings it back leave one session, and one in the history', async () => {
    const store = await opened(kind);
    await store.record(10, { id: 'a' });
    await store.record(20, { id: 'b' });
    const before = store.text();
    store.edit((state) => state.token_usage.sessions.pop());
    await store.adopt();
    expect([ids(store), store.usage.sessions_count]).toEqual([['b'], 1]);
    store.write(before);
    await store.adopt();

    expect([ids(store), store.usage.sessions_count, await store.historyIds()]).toEqual([['b', 'a'], 2, ['b', 'a']]);
    const again = await reopened(store);
    expect([ids(again), again.usage.sessions_count, await again.historyIds()]).toEqual([['b', 'a'], 2, ['b', 'a']]);
  });
});

describe('a file that says what an older one said, with a reading since', () => {
  test.each(BOTH)(
    'a file that says what an older one said is an older copy: the reading since holds, the copy is kept, and a person is told, all in %s',
    async (kind) => {
      const store = await opened(kind);
      await store.record(10, { id: 'a' });
      const old = store.text();
      await store.record(20, { id: 'b' });
      store.write(old);
      await store.adopt();

      expect(store.usage).toMatchObject({ used: 30, sessions_count: 2, revision: 2 });
      expect([store.state().token_usage.used, ids(store)]).toEqual([30, ['b', 'a']]);
      const [copy, ...others] = readdirSync(store.folder).filter((name) => name.includes('.older-'));
      expect([readFileSync(join(store.folder, copy!), 'utf8'), others]).toEqual([old, []]);
      expect(store.warnings.list()).toEqual([
        expect.objectContaining({ code: 'state_file_older', en: expect.stringContaining(`kept in ${copy}`) }),
      ]);
    },
  );

  test('the last file but one is taken for what a crash left, and an older one is reported as a copy', async () => {
    const store = await opened('minutes');
    const texts: string[] = [];
    for (const id of ['a', 'b', 'c']) {
      await store.record(10, { id });
      texts.push(store.text());
    }
    const codes: string[][] = [];
    for (const text of texts) {
      const again = await openStore(store.crashed(text));
      codes.push(again.warningCodes());
      expect([again.usage.used, again.text()]).toEqual([30, texts[2]]);
    }
    expect(codes).toEqual([['state_file_older'], [], []]);
  });

  test.each<[string, (state: State) => void, object]>([
    [
      'a session and its count',
      (state) => {
        state.token_usage.used += 7;
        state.token_usage.sessions.unshift({ tokens: 7, method: 'manual' });
        state.last_updated = '2025-11-18T20:30:00.123456';
      },
      { used: 42, sessions_count: 4 },
    ],
    ['a corrected figure', (state) => (state.token_usage.used = 500), { used: 505, sessions_count: 3 }],
  ])(
    'an edit of an older file without a mark that brings %s counts once, though a crash leaves it in the file',
    async (_, change, usage) => {
      const store = await opened('minutes');
      for (const id of ['a', 'b']) await store.record(15, { id });
      const state = store.state();
      change(state);
      const edit = unmarked(JSON.stringify(state, undefined, 2));
      await store.record(5, { id: 'c' });
      store.write(edit);
      await store.adopt();
      expect(store.usage).toMatchObject(usage);

      const again = await openStore(store.crashed(edit));

      expect(again.usage).toMatchObject({ ...usage, revision: store.usage.revision });
      expect([again.warningCodes(), unmarked(again.text())]).toEqual([[], unmarked(store.text())]);
    },
  );
});

describe.each(BOTH)('an edit of an older file, all in %s', (kind) => {
  const stale: [string, (state: State) => void, number, object][] = [
    ['of a member of its own', (state) => (state.status = 'x'), 0, { status: 'x' }],
    [
      'of many members',
      (state) => {
        for (let index = 0; index < 20; index++) state[`k${index}`] = index;
      },
      0,
      { k0: 0, k19: 19 },
    ],
    [
      'of used, with a session of its own',
      (state) => {
        state.token_usage.used += 7;
        state.token_usage.sessions.unshift({ tokens: 7, method: 'manual' });
        state.last_updated = '2025-11-18T20:30:00.123456';
      },
      7,
      {},
    ],
    ['of nothing', () => undefined, 0, {}],
  ];
  test.each(stale)(
    'an edit of an older file %s holds beside the recordings since',
    async (_, change, added, expected) => {
      for (const behind of [1, 2, 5, 150]) {
        const store = await opened(kind);
        await store.record(10, { id: 'first' });
        const old = store.state();
        for (let count = 0; count < behind; count++) await store.record(1, { id: `r${count}` });
        change(old);
        store.write(old);
        await store.adopt();

        expect([behind, store.usage.used]).toEqual([behind, 10 + behind + added]);
        expect(store.state()).toMatchObject(expected);
        const shown = ids(store).filter((id) => id !== 'foreign');
        expect(shown.length).toBe(Math.min(behind + 1, added > 0 && behind > 98 ? 99 : 100));
        expect(shown[0]).toBe(`r${behind - 1}`);
        await store.close();
      }
    },
  );

  test('an edit of a file from before an undo does not bring the session back, nor its count', async () => {
    const store = await opened(kind);
    await store.record(10, { id: 'a' });
    await store.record(20, { id: 'b' });
    const old = store.state();
    await store.undo();
    old.status = 'x';
    store.write(old);
    await store.adopt();

    expect([store.usage.used, ids(store), store.state().status]).toEqual([10, ['a'], 'x']);
  });

  test('an edit of a file from before a new budget does not bring the old one back', async () => {
    const store = await opened(kind);
    await store.record(10, { id: 'a' });
    const old = store.state();
    await store.setTotal(2_000_000);
    await store.record(20, { id: 'b' });
    old.status = 'x';
    store.write(old);
    await store.adopt();

    expect(store.usage).toMatchObject({ used: 30, total: 2_000_000 });
    expect(store.state().status).toBe('x');
  });

  test('a second edit of one file is compared with what the first left, also of another author, of which a copy is kept', async () => {
    const store = await opened(kind);
    await store.record(10, { id: 'a' });
    const old = store.state();
    store.edit((state) => (state.first = 1));
    await store.adopt();
    await store.record(20, { id: 'b' });
    old.second = 2;
    store.write(old);
    await store.adopt();

    expect(store.state()).toMatchObject({ second: 2, token_usage: { used: 30 } });
    expect(store.state()).not.toHaveProperty('first');
    const [copy, ...others] = readdirSync(store.folder).filter((name) => name.includes('.older-'));
    expect([JSON.parse(readFileSync(join(store.folder, copy!), 'utf8')), others]).toMatchObject([{ first: 1 }, []]);
    expect(store.warningCodes()).toEqual(['state_file_taken_back']);
  });
});

describe('sessions that two programs change', () => {
  test('sessions that two programs take out are taken off the count once', async () => {
    const store = await opened();
    const of = (...sessions: object[]) => ({
      ...store.state(),
      token_usage: { ...store.state().token_usage, sessions },
    });
    store.write(of({ timestamp: '2025-11-01 10:00:00', tokens: 5 }));
    await store.adopt();
    const read = store.state();
    await store.setTotal(2_000_000);
    store.write(of({ id: 'theirs', tokens: 9 }));
    await store.adopt();
    read.token_usage.sessions = [{ timestamp: '2025-11-02 10:00:00', tokens: 6 }];
    store.write(read);
    await store.adopt();

    expect([store.usage.sessions_count, store.state().token_usage.sessions.length]).toEqual([2, 2]);
  });

  test('sessions are not added twice by a program that drops the mark and saves again without reading', async () => {
    const store = await opened();
    await store.record(10, { id: 'a' });
    const state = store.state();
    delete state.token_usage.mark;
    state.token_usage.sessions.unshift({ timestamp: '2025-11-19 10:00:00', tokens: 7 });
    store.write(state);
    await store.adopt();
    await store.record(20, { id: 'b' });
    state.token_usage.sessions.unshift({ timestamp: '2025-11-19 11:00:00', tokens: 8 });
    store.write(state);
    await store.adopt();

    const shown = store
      .state()
      .token_usage.sessions.map(({ id, tokens }: { id?: string; tokens: number }) => id ?? tokens);
    expect([shown.toSorted(), store.usage.sessions_count]).toEqual([[7, 8, 'a', 'b'], 4]);
    expect(await store.history()).toHaveLength(4);
  });

  test('added sessions stand beside those of their neighbours that are left', async () => {
    const store = await opened();
    for (const id of ['a', 'b', 'c']) await store.record(10, { id });
    const old = store.state();
    await store.record(10, { id: 'd' });
    store.edit((state) => state.token_usage.sessions.splice(2, 1));
    await store.adopt();
    old.token_usage.sessions.splice(1, 0, { id: 'theirs', tokens: 9 });
    store.write(old);
    await store.adopt();

    expect(ids(store)).toEqual(['d', 'c', 'theirs', 'a']);
  });
});

describe('an edit of a file from before all that is remembered', () => {
  test.each<[string, (state: State) => void, number, object]>([
    ['of a member', (state) => (state.status = 'x'), 0, { status: 'x' }],
    ['of used', (state) => (state.token_usage.used += 7), 7, {}],
    ['that brings a session', (state) => state.token_usage.sessions.unshift({ id: 'theirs', tokens: 7 }), 0, {}],
  ])(
    'an edit of a file from before all that is remembered %s holds beside everything since, also over a new segment and a restart',
    async (_, change, added, expected) => {
      const options = { maxSegmentBytes: 10_000 };
      const first = await opened('minutes', options);
      for (const id of ['a', 'b']) await first.record(10, { id });
      const old = first.state();
      for (let count = 0; count < 60; count++) await first.record(1, { id: `r${count}` });
      const second = await reopened(first, { now: clock('minutes'), ...options });
      await second.record(1, { id: 'last' });
      change(old);
      second.write(old);
      await second.adopt();

      expect(second.usage.used).toBe(81 + added);
      expect(second.state()).toMatchObject(expected);
      expect(ids(second).filter((id) => id !== 'theirs')).toHaveLength(63);
      expect(ids(second).includes('theirs')).toBe(change.toString().includes('theirs'));
    },
  );

  test('an edit of a file more than a thousand changes old still holds', async () => {
    const store = await opened();
    await store.record(10, { id: 'a' });
    const old = store.state();
    for (let round = 0; round < 1_100; round += 10) {
      // Each in a batch of its own would take long; the views are as many.
      for (let count = 0; count < 10; count++) await store.record(1, { id: `r${round + count}` });
    }
    old.status = 'x';
    store.write(old);
    await store.adopt();

    expect([store.usage.used, store.state().status, ids(store).length]).toEqual([1_110, 'x', 100]);
  });
});

test('many rounds of recording, editing, undoing and saving older copies: what only adds is never lost', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('record' as const), tokens: fc.integer({ min: 1, max: 99 }) }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('edit' as const), behind: fc.nat({ max: 4 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('count' as const), behind: fc.nat({ max: 4 }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), fc.constantFrom(...BOTH), async (steps, kind) => {
      const store = await opened(kind);
      const copies = [store.state()];
      let used = 0;
      const keys: string[] = [];
      for (const [index, each] of steps.entries()) {
        if (each.kind === 'record') {
          await store.record(each.tokens, { id: `r${index}` });
          used += each.tokens;
          copies.unshift(store.state());
        } else {
          const copy = structuredClone(copies[Math.min(each.behind, copies.length - 1)]);
          copy[`k${index}`] = true;
          keys.push(`k${index}`);
          if (each.kind === 'count') {
            copy.token_usage.used += 1_000;
            copy.token_usage.sessions.unshift({ tokens: 1_000, task: `t${index}` });
            used += 1_000;
          }
          store.write(copy);
          await store.adopt();
          // The author of the next edit has seen this one.
          copies.splice(0, copies.length, store.state());
        }
      }
      expect(store.usage.used).toBe(used);
      expect(store.state().token_usage.used).toBe(used);
      for (const key of keys) expect(store.state()).toHaveProperty(key, true);
      await store.close();
    }),
    { numRuns: 40 },
  );
});

// biome-ignore lint/suspicious/noExplicitAny: a test changes what it likes
type State = any;

test.each([
  ['that record', 0, 256],
  ['that change a word', 200, 256],
  ['that import a hundred', 15_000, 66],
  ['that rewrite a tenth of a megabyte', 100_000, 10],
  ['that rewrite ten megabytes', 10_000_000, 8],
])('of views %s as many are held as memory allows', (_, weight, expected) => {
  const view = (index: number): View => ({
    mark: `mark ${index}`,
    hash: '',
    document: { kind: 'object', entries: [] },
    snapshot: EMPTY,
    weight,
  });
  const views = new EditViews(view(0));
  for (let index = 1; index < 2_000; index++) views.push(view(index));

  const held = Array.from({ length: 2_000 }, (_, index) => views.at(`mark ${index}`) !== undefined);
  expect(held.filter(Boolean)).toHaveLength(expected);
  expect(held.slice(-expected).every(Boolean)).toBe(true);
});
