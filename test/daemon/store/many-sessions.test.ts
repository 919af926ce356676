import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MAX_SESSIONS } from '../../../src/daemon/store/state-file/document.ts';
import { STATE_FILE } from '../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { visited } from '../../support/visited.ts';
import { OpenedStore, openStore } from './opened-store.ts';

/** Sessions of other programs in the shapes that occur, newest first, each another one. */
function sessions(count: number): object[] {
  return Array.from({ length: count }, (_, at) => {
    const age = count - at;
    const time = new Date(Date.UTC(2025, 0, 1) + age * 60_000).toISOString().slice(0, 19);
    const shapes = [
      { timestamp: time.replace('T', ' '), tokens: age, event: `e ${age}`, method: 'manual' },
      { session_id: `s-${age}`, start_time: time, task: `t ${age}`, achievements: ['a', 'b'] },
      { tokens: age, event: `only ${age}` },
      { id: `theirs-${age}`, timestamp: time, tokens: 5 },
    ];
    return shapes[age % shapes.length]!;
  });
}

/** A file with sessions; `kept` are its other members. */
function fileWith(list: readonly object[], kept: { readonly token_usage?: object } = {}): object {
  return { ...kept, token_usage: { used: 100, total: 1_000_000, ...kept.token_usage, sessions: list } };
}

/** Each of them leaves a file with so many sessions to be adopted, and returns what adopts it. */
const WAYS: Readonly<Record<string, (count: number) => Promise<() => Promise<unknown>>>> = {
  'at the first start': async (count) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, STATE_FILE), JSON.stringify(fileWith(sessions(count))));
    return () => openStore(folder);
  },
  'by an edit': async (count) => {
    const store = await openStore(temporaryFolder());
    await store.record(5);
    store.edit((state) => state.token_usage.sessions.push(...sessions(count)));
    return () => store.adopt();
  },
  'by a second save of the same reading that takes every third away and changes another': async (count) => {
    const store = await openStore(temporaryFolder());
    const read = store.state();
    const list = sessions(count);
    store.write(fileWith(list, read));
    await store.adopt();
    const others = list.filter((_, at) => at % 3 > 0).map((each, at) => (at % 2 ? each : { ...each, note: at }));
    store.write(fileWith(others, read));
    return () => store.adopt();
  },
  'by a save that has a new one between any two, after an edit of each': async (count) => {
    const store = await openStore(temporaryFolder());
    const read = store.state();
    const list = sessions(count);
    store.write(fileWith(list, read));
    await store.adopt();
    store.edit((state) => {
      for (const session of state.token_usage.sessions) session.seen = true;
    });
    await store.adopt();
    store.write(
      fileWith(
        list.flatMap((each, at) => (at % 2 ? [each] : [{ event: `between ${at}` }, each])),
        read,
      ),
    );
    return () => store.adopt();
  },
  'by a save of all of them that drops the mark': async (count) => {
    const store = await openStore(temporaryFolder());
    store.edit((state) => state.token_usage.sessions.push(...sessions(count)));
    await store.adopt();
    store.write(fileWith(sessions(count).map((each) => ({ ...each, again: true }))));
    return () => store.adopt();
  },
  'at a start behind them': async (count) => {
    const folder = temporaryFolder();
    const store = await OpenedStore.open(folder, { maxSegmentBytes: 100_000_000 });
    store.edit((state) => state.token_usage.sessions.push(...sessions(count)));
    await store.adopt();
    await store.close();
    return () => openStore(folder, { maxSegmentBytes: 100_000_000 });
  },
};

describe('many sessions of another program', () => {
  test.each(Object.keys(WAYS))(
    'many sessions of another program are taken over %s with work in proportion to their number',
    async (way) => {
      const adopt = await WAYS[way]!(1_000);
      const adoptTwice = await WAYS[way]!(2_000);

      const [once, twice] = [await visited(adopt), await visited(adoptTwice)];

      expect(once).toBeGreaterThan(1_000);
      expect(twice / once).toBeLessThan(2.3);
    },
  );

  test('of many sessions of another program the latest stand in the file, and all in the history', async () => {
    const store = await openStore(temporaryFolder());
    const list = sessions(3_000);

    store.edit((state) => state.token_usage.sessions.push(...list));
    await store.adopt();

    expect(store.state().token_usage.sessions).toEqual(list.slice(0, MAX_SESSIONS));
    expect(store.usage).toMatchObject({ sessions_count: 3_000, revision: 1 });
    expect(await store.history()).toHaveLength(3_000);
    expect(store.warningCodes()).toEqual([]);
  });

  test('taking over many sessions lets others have their turn many times on the way', async () => {
    const store = await openStore(temporaryFolder());
    store.edit((state) => state.token_usage.sessions.push(...sessions(3_000)));
    let turns = 0;
    let isOver = false;
    const count = () => {
      if (store.usage.revision === 0) turns++;
      if (!isOver) setImmediate(count);
    };

    const adopted = store.adopt();
    count();
    await adopted;
    isOver = true;

    expect(turns).toBeGreaterThan(10);
  });
});
