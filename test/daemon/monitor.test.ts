import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { stretchOf } from '../../src/daemon/queries/asked-time.ts';
import { eachConsumedIn } from '../../src/daemon/queries/consumed.ts';
import { temporaryFolder } from '../support/folders.ts';
import { until } from '../support/until.ts';
import { OpenedStore, openStore } from './store/opened-store.ts';

const HOUR_MS = 3_600_000;

describe('readings of one turn', () => {
  test('readings of one turn are answered in order, each with the figures after it', async () => {
    const opened = await openStore(temporaryFolder());
    const receipts = await Promise.all([3, 4, 5].map((tokens) => opened.record(tokens)));

    expect(receipts.map(({ total_used, revision }) => [total_used, revision])).toEqual([
      [3, 1],
      [7, 2],
      [12, 3],
    ]);
    expect(opened.told.map(({ revision, previous_revision }) => [previous_revision, revision])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test('readings of one turn with one id are recorded as one', async () => {
    const opened = await openStore(temporaryFolder());
    const [first, ...others] = await Promise.all([1, 2, 3].map((tokens) => opened.record(tokens, { id: 'same' })));

    expect(others).toEqual([
      { ...first, duplicate: true },
      { ...first, duplicate: true },
    ]);
    expect(opened.usage).toMatchObject({ used: 1, sessions_count: 1 });
  });

  test('readings and undos of one turn are committed one after the other', async () => {
    const opened = await openStore(temporaryFolder());
    const answers = await Promise.all([
      opened.record(1),
      opened.record(2),
      opened.undo(),
      opened.record(4),
      opened.undo(),
    ]);

    expect(answers.map(({ total_used }) => total_used)).toEqual([1, 3, 1, 5, 1]);
  });

  test('readings of one turn are recorded though one of them is refused', async () => {
    const opened = await openStore(temporaryFolder());
    const [ok, refused, after] = await Promise.allSettled([
      opened.record(1),
      opened.record(Number.MAX_SAFE_INTEGER),
      opened.record(2),
    ]);

    expect([ok.status, refused.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(opened.usage).toMatchObject({ used: 3, revision: 2 });
  });
});

describe('an undo', () => {
  test('an undo brings the next older session into the file, never the one it takes back, nor one twice', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.import(
      Array.from({ length: 103 }, (_, index) => ({ tokens: 1, id: `r${index}`, datedMs: index * HOUR_MS })),
    );
    // Older than all, so it is not in the file.
    await opened.import([{ tokens: 1, id: 'old', datedMs: 1 }]);
    const before = opened.state().token_usage.sessions;
    await opened.undo();
    expect(opened.state().token_usage.sessions).toEqual(before);
    expect(opened.usage).toMatchObject({ used: 103, sessions_count: 103 });

    for (let count = 0; count < 5; count++) await opened.undo();

    const ids = opened.state().token_usage.sessions.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(Array.from({ length: 98 }, (_, index) => `r${97 - index}`));
    expect(opened.usage).toMatchObject({ used: 98, sessions_count: 98 });
  });

  test('an undo brings a session of another program back in its own spelling', async () => {
    const folder = temporaryFolder();
    const opened = await openStore(folder);
    const foreign = Array.from({ length: 100 }, (_, index) => `{"tokens":${index}.0,"task":"t${index}"}`);
    opened.write(`{"token_usage":{"used":0,"total":100,"sessions":[${foreign.join(',')}]}}`);
    await opened.adopt();
    await opened.record(1, { id: 'a' });
    expect(opened.text()).not.toContain('"t99"');
    await opened.undo();

    expect(opened.state().token_usage.sessions).toHaveLength(100);
    expect(opened.text()).toContain('"tokens": 99.0,\n        "task": "t99"');
  });

  // biome-ignore lint/suspicious/noExplicitAny: a program changes what it likes
  test.each<[what: string, edits: ((sessions: any[]) => unknown)[]]>([
    ['sessions', [() => undefined]],
    ['a reading', [(sessions) => (sessions[1].event = 'edited')]],
    ['a session of another program', [(sessions) => (sessions[0].event = 'edited')]],
    ['a session that was changed twice', [1, 2].map((time) => (sessions) => (sessions[0].tokens = time))],
    [
      'a reading that went and came again as another',
      [(sessions) => sessions.pop(), (sessions) => sessions.push({ id: 'ours', tokens: 1, note: 'again' })],
    ],
  ])('an undo brings %s back as edits have left it', async (_, edits) => {
    const opened = await openStore(temporaryFolder());
    await opened.record(1, { id: 'ours' });
    opened.edit(({ token_usage }) => token_usage.sessions.unshift({ id: 'theirs', tokens: 9, event: 'e' }));
    await opened.adopt();
    for (const edit of edits) {
      opened.edit(({ token_usage }) => edit(token_usage.sessions));
      await opened.adopt();
    }
    const left = opened.state().token_usage.sessions;
    for (let count = 0; count < 100; count++) await opened.record(1);
    expect(opened.text()).not.toContain('ours');
    for (let count = 0; count < 2; count++) await opened.undo();

    expect(opened.state().token_usage.sessions.slice(98)).toEqual(left);
  });

  test('an undo passes over a session of another program that has been given an id, whether it stands in the file or not', async () => {
    const opened = await openStore(temporaryFolder());
    const shown = () => opened.state().token_usage.sessions.map(({ id }: { id: string }) => id);
    opened.edit((state) => state.token_usage.sessions.push({ timestamp: '2025-01-01 00:00:00', tokens: 9 }));
    await opened.adopt();
    opened.edit((state) => (state.token_usage.sessions[0].id = 'given'));
    await opened.adopt();
    await opened.import(Array.from({ length: 100 }, (_, index) => ({ tokens: 1, id: `r${index}` })));
    await opened.undo();
    expect(shown()).toEqual(Array.from({ length: 99 }, (_, index) => `r${98 - index}`));

    opened.edit((state) => state.token_usage.sessions.push({ timestamp: '2099-01-01 00:00:00', tokens: 9 }));
    await opened.adopt();
    opened.edit((state) => (state.token_usage.sessions.at(-1).id = 'given again'));
    await opened.adopt();
    await opened.undo();
    expect(shown()).toEqual([...Array.from({ length: 98 }, (_, index) => `r${97 - index}`), 'given again']);
  });

  test('an undo of a reading whose session a person removed takes the count back and nothing else', async () => {
    const opened = await openStore(temporaryFolder());
    await opened.record(10, { id: 'a' });
    await opened.record(20, { id: 'b' });
    opened.edit((state) => state.token_usage.sessions.shift());
    await opened.adopt();
    expect(opened.usage.sessions_count).toBe(1);
    await opened.undo();

    expect(opened.usage).toMatchObject({ used: 10, sessions_count: 1 });
    expect(await opened.history()).toMatchObject([{ id: 'b', undone: true }, { id: 'a' }]);
  });
});

describe('the clock', () => {
  test('a clock that is ahead for a while moves no usage into the future, and the last reading stays on top', async () => {
    let nowMs = Date.UTC(2025, 10, 18, 12);
    const opened = await openStore(temporaryFolder(), { now: () => nowMs });
    await opened.record(1, { id: 'a' });
    nowMs = Date.UTC(2099, 0, 1);
    await opened.record(2, { id: 'glitch' });
    nowMs = Date.UTC(2025, 10, 19, 12);
    await opened.record(4, { id: 'b' });
    await opened.record(8, { id: 'dated', datedMs: Date.UTC(2025, 10, 1) });
    await opened.record(16, { id: 'ahead', datedMs: Date.UTC(2030, 0, 1) });
    await opened.record(32, { id: 'c' });

    const day = { since: '2025-11-19T00:00:00Z', until: '2025-11-20T00:00:00Z' };
    await opened.store.history.settled();
    const usage: number[] = [];
    eachConsumedIn(opened.store.history.reader, stretchOf(day, nowMs), (_atMs, tokens) => void usage.push(tokens));
    expect(usage).toEqual([2, 4, 32]);
    expect(await opened.historyIds()).toEqual(['c', 'b', 'glitch', 'ahead', 'a', 'dated']);
    const page = await opened.queries.history(day);
    expect(page.sessions.map(({ id }) => id)).toEqual(['c', 'b', 'glitch']);
    expect(opened.state().token_usage.sessions[0].id).toBe('c');
  });
});

test('a page is whole and without repeats when past readings are added while it is gathered', async () => {
  const opened = await openStore(temporaryFolder());
  await opened.import(
    Array.from({ length: 3_500 }, (_, index) => ({
      tokens: 1,
      id: `r${index}`,
      event: index % 50 === 0 ? 'wanted' : '',
      datedMs: (index + 1) * HOUR_MS,
    })),
  );
  const page = opened.queries.history({ query: 'wanted', since: '1970-01-01T00:30:00Z' });
  // Between two turns of the search.
  const past = Array.from({ length: 100 }, (_, at) => ({ tokens: 1, id: `p${at}`, event: 'wanted', datedMs: at }));
  const added = opened.import(past);

  const ids = (await page).sessions.map(({ id }) => id);
  await added;

  expect(ids).toEqual(Array.from({ length: 70 }, (_, index) => `r${(69 - index) * 50}`));
});

test('a program that writes without a pause keeps no reading waiting', async () => {
  const opened = await openStore(temporaryFolder());
  const { store } = opened;
  const takeEdit = store.takeEdit.bind(store);
  let edits = 0;
  store.takeEdit = (nowMs) => {
    // Somebody has written once more whenever anybody looks.
    if (edits < 10_000) opened.edit((state) => (state.count = ++edits));
    return takeEdit(nowMs);
  };

  await opened.record(10, { id: 'a' });

  expect(edits).toBeLessThan(100);
  edits = 10_000;
  await opened.adopt();
  expect(opened.usage.used).toBe(10);
  expect(opened.state().token_usage.sessions).toHaveLength(1);
});

test('a reading waits for one long edit at most, and the edits behind it follow by themselves', async () => {
  const opened = await openStore(temporaryFolder());
  const { store } = opened;
  const takeEdit = store.takeEdit.bind(store);
  let lateMs = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + lateMs);
  onTestFinished(() => clock.mockRestore());
  let edits = 0;
  store.takeEdit = (nowMs) => {
    if (edits < 4) {
      opened.edit((state) => (state.count = ++edits));
      lateMs += 500;
    }
    return takeEdit(nowMs);
  };

  await opened.record(10);

  expect(edits).toBe(1);
  await until(() => opened.state().count === 4 && edits === 4, 'the others are taken over');
  await until(() => store.view.snapshot.revision === 5, 'each of them');
});

test('an edit that raced with the last commit before a stop is saved', async () => {
  const opened = await OpenedStore.open(temporaryFolder());
  await opened.record(10, { id: 'a' });
  const { monitor, store } = opened;
  const recorded = opened.record(20, { id: 'b' });
  // Written into the file that this commit is about to replace; nobody looks before the stop.
  const commit = store.commit.bind(store);
  store.commit = (changes, onCommitted) => {
    const done = commit(changes, onCommitted);
    if (changes.some(({ kind }) => kind === 'reading')) opened.edit((state) => (state.status = 'x'));
    return done;
  };
  await Promise.all([recorded, monitor.close()]);
  await store.close();

  const again = await openStore(opened.folder);
  expect(again.state()).toMatchObject({ status: 'x', token_usage: { used: 30 } });
});

test.each([undefined, 1])(
  'a mark is known on after the next change, also that of a start (segments of %s)',
  async (maxSegmentBytes) => {
    const folder = temporaryFolder();
    const options = maxSegmentBytes === undefined ? {} : { maxSegmentBytes };
    const marks: string[] = [];
    for (let start = 0; start < 3; start++) {
      const opened = await OpenedStore.open(folder, options);
      const first = opened.usage;
      expect(first.mark).toBe(marks.at(-1) ?? first.mark);
      marks.push((await opened.record(1)) && opened.usage.mark);
      expect(opened.store.revisionOf(first.mark)).toBe(first.revision);
      expect(opened.store.revisionOf(opened.usage.mark)).toBe(first.revision + 1);
      expect(opened.store.revisionOf(`${first.revision}:ffffffff`)).toBeUndefined();
      await opened.close();
    }
  },
);
