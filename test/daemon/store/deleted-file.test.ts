import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STATE_FILE } from '../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { until } from '../../support/until.ts';
import { type OpenedStore, openStore } from './opened-store.ts';

/** Deletes the file in the midst of the next commit: it was looked at already, and is not in place yet. */
function deleteInNextCommit({ store, folder }: OpenedStore): void {
  const commit = store.commit.bind(store);
  store.commit = (...args) => {
    store.commit = commit;
    rmSync(join(folder, STATE_FILE));
    return commit(...args);
  };
}

/** Creates the file as a program does that has deleted it, and fails where it is there. */
function create(path: string, text: string): void {
  const file = openSync(path, 'wx');
  writeSync(file, text);
  closeSync(file);
}

/** A store whose file a program has just deleted, as the daemon has noticed. */
async function deleted(): Promise<{ store: OpenedStore; path: string; text: string }> {
  const store = await openStore(temporaryFolder());
  await store.record(10);
  const path = join(store.folder, STATE_FILE);
  const text = store.text();
  rmSync(path);
  await store.adopt();
  return { store, path, text };
}

test('a program that deletes the file and creates it exclusively finds it deleted, and its edit is taken over', async () => {
  const { store, path, text } = await deleted();
  create(path, text.replace('"used": 10', '"used": 25'));
  await store.adopt();
  expect(store.usage.used).toBe(25);
  expect(store.warningCodes()).toEqual([]);
});

test('a deleted file that nobody makes is made again by itself', async () => {
  const { store, path, text } = await deleted();
  expect(existsSync(path)).toBe(false);
  await until(() => existsSync(path), 'the file is there again');
  expect(store.text()).toBe(text);
});

test('a reading while the file is deleted leaves it deleted and says so, and both the reading and the edit hold', async () => {
  const { store, path, text } = await deleted();
  expect(await store.record(5)).toMatchObject({ total_used: 15, state_file: 'behind' });
  create(path, text.replace('"used": 10', '"used": 25'));
  await store.adopt();
  expect(store.usage.used).toBe(30);
  expect(store.state().token_usage.used).toBe(30);
  expect(store.warningCodes()).toEqual([]);
});

test('a reading during whose recording the file is deleted leaves it deleted and says so', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(10);
  const path = join(store.folder, STATE_FILE);
  const text = store.text();
  deleteInNextCommit(store);
  expect(await store.record(5)).toMatchObject({ total_used: 15, state_file: 'behind' });
  create(path, text.replace('"used": 10', '"used": 25'));
  await store.adopt();
  expect(store.state().token_usage.used).toBe(30);
});

test.each([
  ['before', async () => (await deleted()).store],
  [
    'in the midst of',
    async () => {
      const store = await openStore(temporaryFolder());
      await store.record(10);
      deleteInNextCommit(store);
      return store;
    },
  ],
])('a reading is in the file soon where it was deleted %s its recording and nobody makes it', async (_, open) => {
  const store = await open();
  const path = join(store.folder, STATE_FILE);
  expect(await store.record(5)).toHaveProperty('state_file', 'behind');
  await until(() => existsSync(path), 'the file is there again');
  expect(store.state().token_usage.used).toBe(15);
  expect(await store.record(5)).not.toHaveProperty('state_file');
});

test('a duplicate while the file is deleted is told that the file does not show it', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(10, { id: 'a' });
  rmSync(join(store.folder, STATE_FILE));
  expect(await store.record(10, { id: 'a' })).toMatchObject({ duplicate: true, state_file: 'behind' });
});

test('a stop makes a deleted file again before it ends', async () => {
  const { store, text } = await deleted();
  await store.close();
  expect(store.text()).toBe(text);
});

test('a file that is moved away and back is what it was', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(10);
  const path = join(store.folder, STATE_FILE);
  renameSync(path, `${path}.away`);
  await store.adopt();
  renameSync(`${path}.away`, path);
  await store.adopt();
  expect(store.usage).toMatchObject({ used: 10, revision: 1 });
  expect(await store.record(5)).not.toHaveProperty('state_file');
});
