import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STATE_FILE } from '../../../src/protocol/addresses.ts';
import { until } from '../../support/until.ts';
import { type OpenedStore, openStore, temporaryFolder } from './opened-store.ts';

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
  const file = openSync(path, 'wx');
  writeSync(file, text.replace('"used": 10', '"used": 25'));
  closeSync(file);
  await store.adopt();
  expect(store.usage.used).toBe(25);
  expect(store.warningCodes()).toEqual([]);
});

test('one that nobody makes is made again by itself', async () => {
  const { store, path, text } = await deleted();
  expect(existsSync(path)).toBe(false);
  await until(() => existsSync(path), 'the file is there again');
  expect(store.text()).toBe(text);
});

test('a reading that comes meanwhile is in the file when it is acknowledged', async () => {
  const { store } = await deleted();
  expect(await store.record(5)).not.toHaveProperty('state_file');
  expect(store.state().token_usage.used).toBe(15);
});

test('a duplicate that comes meanwhile is told that the file does not show it', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(10, { id: 'a' });
  rmSync(join(store.folder, STATE_FILE));
  expect(await store.record(10, { id: 'a' })).toMatchObject({ duplicate: true, state_file: 'behind' });
});

test('a stop makes it before it ends', async () => {
  const { store, text } = await deleted();
  await store.close();
  expect(store.text()).toBe(text);
});

test('one that is moved away and back is what it was', async () => {
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
