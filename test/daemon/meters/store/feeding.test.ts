import { describe, expect, test } from 'vitest';
import { IN_MEMORY } from '../../../../src/daemon/disk/database-file.ts';
import type { CountSeen, GaugeSeen } from '../../../../src/daemon/meters/observation.ts';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { count, metersIn, part, SETTINGS, storeAt, tokens } from './meters-at.ts';

const SLOT_MS = 900_000;
const SWITCH_MS = 100 * SLOT_MS;
const main = ['codex'];

/** Every token that waits for the ledger. */
function waiting(store: MeterStore): number {
  return store.outbox().rows.reduce((sum, row) => sum + row.tokens, 0);
}

function used(key: string, input: number, atMs = SWITCH_MS, rest: Partial<CountSeen> = {}): CountSeen {
  return count(key, input, { atMs, ...rest });
}

function gauge(value: number, atMs: number, conversation = 'c'): GaugeSeen {
  return { kind: 'gauge', meter: 'cursor.context', conversation, used: value, atMs, provenance: 'exact' };
}

describe('a counter that feeds the budget', () => {
  test.each<[string, readonly CountSeen[], number]>([
    ['tells what was used since the switch', [used('a', 5), used('b', 7)], 12],
    ['tells nothing that was used before it, whenever it is found', [used('a', 5, SWITCH_MS - 1)], 0],
    ['tells of a thing that had begun before it what came later', [used('a', 5, SWITCH_MS - 1), used('a', 8)], 3],
    ['tells nothing twice', [used('a', 5), used('a', 5), used('a', 3)], 5],
    [
      'tells nothing of what was read from the cache',
      [used('a', 0, SWITCH_MS, { tokens: tokens({ input: 1, cache_read: 50, cache_write: 2, output: 4 }) })],
      7,
    ],
    [
      'tells nothing again that a larger sight holds less of',
      [10, 4, 10].map((input, index) => used('a', 0, SWITCH_MS, { tokens: tokens({ input, cache_read: 20 * index }) })),
      10,
    ],
    ['is not fed by another', [used('a', 5, SWITCH_MS, { meter: 'claude' })], 0],
  ])('a counter that feeds the budget %s', (_, seen, told) => {
    const together = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    together.commit({ parts: [part('/a', seen)] }, SWITCH_MS);
    const apart = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    for (const each of seen) apart.commit({ parts: [part('/a', [each])] }, SWITCH_MS);
    expect([waiting(together), waiting(apart)]).toEqual([told, told]);
  });

  test('all of it is told where the setting says so', () => {
    const store = storeAt(IN_MEMORY, { main, count: 'all' }, SWITCH_MS);
    store.commit(
      { parts: [part('/a', [used('a', 0, SWITCH_MS, { tokens: tokens({ input: 1, cache_read: 50 }) })])] },
      SWITCH_MS,
    );
    expect(waiting(store)).toBe(51);
  });

  test('a start is no beginning: what was used while nobody read is told', () => {
    const path = metersIn(temporaryFolder(MEMORY));
    storeAt(path, { main }, SWITCH_MS).close();
    const store = storeAt(path, { main }, SWITCH_MS * 2);
    store.commit({ parts: [part('/a', [used('a', 5, SWITCH_MS + 1)])] }, SWITCH_MS * 2);
    expect(waiting(store)).toBe(5);
  });

  test.each(['main', 'followed'] as const)(
    'a change of %s that takes a meter away and gives it back begins anew',
    (name) => {
      const store = storeAt(IN_MEMORY, { main }, SWITCH_MS);
      store.configure({ ...SETTINGS, main, [name]: [] }, SWITCH_MS + 10);
      store.commit({ parts: [part('/a', [used('a', 5, SWITCH_MS + 11)])] }, SWITCH_MS + 11);
      store.configure({ ...SETTINGS, main }, SWITCH_MS + 20);
      store.commit(
        { parts: [part('/b', [used('b', 5, SWITCH_MS + 19), used('c', 3, SWITCH_MS + 20)])] },
        SWITCH_MS + 30,
      );
      expect(waiting(store)).toBe(3);
    },
  );

  test('a source that is looked for later than the switch tells nothing from before that', () => {
    const store = storeAt(IN_MEMORY, { main: ['codex', 'qwen'] }, SWITCH_MS);
    store.configure(
      { ...SETTINGS, main: ['codex', 'qwen'], followed: [...SETTINGS.followed, 'qwen'] },
      SWITCH_MS + 100,
    );
    const seen = [
      used('a', 5, SWITCH_MS + 99, { meter: 'qwen' }),
      used('b', 7, SWITCH_MS + 100, { meter: 'qwen' }),
      used('c', 9, SWITCH_MS + 1),
    ];
    store.commit({ parts: [part('/a', seen)] }, SWITCH_MS + 200);
    expect(waiting(store)).toBe(16);
  });
});

describe('what was told of a withdrawn file', () => {
  const fork = (keys: readonly string[]) =>
    part(
      '/fork',
      keys.map((key) => used(key, 10)),
    );

  test('it is told again under its new keys without counting twice, over kills in between', () => {
    const path = metersIn(temporaryFolder(MEMORY));
    let store = storeAt(path, { main }, SWITCH_MS);
    store.commit({ parts: [fork(['wrong1', 'wrong2'])] }, SWITCH_MS);
    store.commit({ parts: [], withdrawn: ['/fork'] }, SWITCH_MS);
    store.close();
    store = storeAt(path, { main }, SWITCH_MS);
    store.commit({ parts: [fork(['right1'])] }, SWITCH_MS);
    expect(waiting(store)).toBe(20);
    store.commit({ parts: [fork(['right2', 'right3'])], readAgain: ['/fork'] }, SWITCH_MS);
    expect(waiting(store)).toBe(30);
  });

  test('what turned out to be its parent’s is paid back by the next growth, wherever it is', () => {
    const store = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    store.commit({ parts: [part('/parent', [used('p1', 10)]), fork(['wrong1', 'own'])] }, SWITCH_MS);
    store.commit({ parts: [fork(['p1', 'own2'])], withdrawn: ['/fork'], readAgain: ['/fork'] }, SWITCH_MS);
    expect(waiting(store)).toBe(30);
    store.commit({ parts: [part('/other', [used('x', 25)])] }, SWITCH_MS);
    expect(waiting(store)).toBe(45);
  });

  test('it is known again after the switch was turned off and on, and eats up nothing that comes later', () => {
    const store = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    store.commit({ parts: [fork(['wrong'])] }, SWITCH_MS);
    store.configure(SETTINGS, SWITCH_MS + 1);
    store.configure({ ...SETTINGS, main }, SWITCH_MS + 2);
    store.commit({ parts: [fork(['right'])], withdrawn: ['/fork'], readAgain: ['/fork'] }, SWITCH_MS + 3);
    store.commit({ parts: [part('/other', [used('x', 25, SWITCH_MS + 4)])] }, SWITCH_MS + 5);
    expect(waiting(store)).toBe(35);
  });

  test('a fork that was read before its old parent pays back what it told of it', () => {
    const store = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    store.commit({ parts: [part('/fork', [used('old', 10), used('new', 1)])] }, SWITCH_MS);
    store.commit({ parts: [part('/parent', [used('old', 10, 5)])] }, SWITCH_MS);
    store.commit({ parts: [part('/fork', [used('next', 12)])] }, SWITCH_MS);
    expect(waiting(store)).toBe(13);
  });
});

describe('the outbox', () => {
  const talk = (key: string, input: number, atMs: number, conversation: string) =>
    used(key, input, atMs, { conversation, folder: '/w/p' });

  test('a row grows with its conversation and quarter of an hour until it is handed out, and never after', () => {
    const store = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    const seen = [
      talk('a', 1, SWITCH_MS, 'one'),
      talk('b', 2, SWITCH_MS + 5, 'two'),
      talk('c', 4, SWITCH_MS + SLOT_MS, 'one'),
    ];
    store.commit({ parts: [part('/a', seen)] }, SWITCH_MS);
    store.commit({ parts: [part('/a', [talk('d', 8, SWITCH_MS + 9, 'one')])] }, SWITCH_MS);
    const rest = { meter: 'codex', project: 'p', isHandedOut: false };
    expect(store.outbox().rows).toEqual([
      { seq: SWITCH_MS, tokens: 9, conversation: 'one', atMs: SWITCH_MS + 9, ...rest },
      { seq: SWITCH_MS + 1, tokens: 2, conversation: 'two', atMs: SWITCH_MS + 5, ...rest },
      { seq: SWITCH_MS + 2, tokens: 4, conversation: 'one', atMs: SWITCH_MS + SLOT_MS, ...rest },
    ]);

    expect(store.handOut([SWITCH_MS, 3])).toMatchObject([{ seq: SWITCH_MS, tokens: 9, isHandedOut: true }]);
    store.commit({ parts: [part('/a', [talk('e', 16, SWITCH_MS + 9, 'one')])] }, SWITCH_MS);
    expect(store.outbox().rows.map(({ tokens: told }) => told)).toEqual([9, 2, 4, 16]);
  });

  test('a row goes only after it was handed out, and stays the same over a new start', () => {
    const path = metersIn(temporaryFolder(MEMORY));
    let store = storeAt(path, { main }, SWITCH_MS);
    store.commit({ parts: [part('/a', [talk('a', 1, SWITCH_MS, 'one'), talk('b', 2, SWITCH_MS, 'two')])] }, SWITCH_MS);
    const handed = store.handOut([SWITCH_MS]);
    store.close();
    store = storeAt(path, { main }, SWITCH_MS);
    expect(store.outbox().rows[0]).toEqual(handed[0]);
    store.settle([SWITCH_MS, SWITCH_MS + 1]);
    expect(store.outbox()).toMatchObject({ rows: [{ tokens: 2, conversation: 'two' }], lastSeq: SWITCH_MS + 1 });
  });

  test('no number is given twice, not even by a database that was made anew or put back', () => {
    const store = storeAt(IN_MEMORY, { main }, SWITCH_MS);
    const commit = (key: string, nowMs: number) => {
      store.commit({ parts: [part('/a', [used(key, 1)])] }, nowMs);
      store.settle(store.handOut(store.outbox().rows.map(({ seq }) => seq)).map(({ seq }) => seq));
      return store.outbox().lastSeq;
    };
    expect([commit('a', 50), commit('b', 40), commit('c', 7_000)]).toEqual([50, 51, 7_000]);
  });
});

describe('a gauge that feeds the budget', () => {
  const follows = { main: ['cursor.context'] };

  test.each<[string, readonly GaugeSeen[], number, number | undefined]>([
    ['tells a new conversation from 0', [gauge(10, SWITCH_MS)], 10, 10],
    ['tells its rises alone', [gauge(10, SWITCH_MS), gauge(4, SWITCH_MS + 1), gauge(9, SWITCH_MS + 2)], 15, 9],
    ['tells that it fell', [gauge(10, SWITCH_MS), gauge(4, SWITCH_MS + 1)], 10, 4],
    [
      'begins an older conversation at its first value',
      [gauge(50, 5), gauge(60, SWITCH_MS), gauge(63, SWITCH_MS + 1)],
      3,
      63,
    ],
    ['tells nothing from before the switch', [gauge(50, 5), gauge(60, 6)], 0, undefined],
    ['passes over what is older than it knows', [gauge(50, SWITCH_MS + 5), gauge(90, SWITCH_MS + 4)], 50, 50],
    ['tells nothing twice', [gauge(50, SWITCH_MS), gauge(50, SWITCH_MS), gauge(50, SWITCH_MS + 1)], 50, 50],
  ])('a gauge that feeds the budget %s', (_, seen, rises, shown) => {
    const store = storeAt(IN_MEMORY, follows, SWITCH_MS);
    for (const each of seen) store.commit({ parts: [{ observations: [each] }] }, SWITCH_MS);
    expect(waiting(store)).toBe(rises);
    expect(store.outbox().rows.at(-1)?.used).toBe(shown);
  });

  test('conversations rise each by itself', () => {
    const store = storeAt(IN_MEMORY, follows, SWITCH_MS);
    const observations = [gauge(10, SWITCH_MS, 'one'), gauge(30, SWITCH_MS, 'two'), gauge(12, SWITCH_MS + 1, 'one')];
    store.commit({ parts: [{ observations }] }, SWITCH_MS);
    expect(store.outbox().rows.map(({ tokens: told, used: value }) => [told, value])).toEqual([
      [12, 12],
      [30, 30],
    ]);
  });
});
