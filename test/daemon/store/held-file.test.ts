import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { STATE_FILE } from '../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { until } from '../../support/until.ts';
import { type OpenedStore, openStore } from './opened-store.ts';

/** A program that has opened the file to write it, and has not ended. */
function writerOf(store: OpenedStore, flags: 'w' | 'r+') {
  const fd = openSync(join(store.folder, STATE_FILE), flags);
  let isOpen = true;
  const close = () => {
    if (isOpen) closeSync(fd);
    isOpen = false;
  };
  onTestFinished(close);
  return {
    write(state: object) {
      ftruncateSync(fd, 0);
      writeSync(fd, JSON.stringify(state, undefined, 2), 0);
    },
    close,
  };
}

async function recorded(): Promise<OpenedStore> {
  const store = await openStore(temporaryFolder());
  await store.record(10, { id: 'a' });
  return store;
}

test('a program that empties the file, computes, and writes is waited for, and receipts say meanwhile that the file is behind', async () => {
  const store = await recorded();
  const state = store.state();
  const writer = writerOf(store, 'w');
  expect(await store.record(20, { id: 'b' })).toMatchObject({ total_used: 30, state_file: 'behind' });
  expect(store.text()).toBe('');
  writer.write({ ...state, status: 'edited' });
  writer.close();

  await until(() => store.text().includes('"b"'), 'the file shows the reading again');
  expect(store.state()).toMatchObject({ status: 'edited', token_usage: { used: 30 } });
  expect(await store.record(1, { id: 'c' })).not.toHaveProperty('state_file');
  expect(store.warningCodes()).toEqual([]);
});

test('a program that takes too long is not waited for, and its later write is adopted all the same', async () => {
  const store = await recorded();
  const state = store.state();
  const writer = writerOf(store, 'w');
  await store.record(20, { id: 'b' });
  await until(() => store.text().includes('"b"'), 'the file was put in place', 10_000);
  expect(store.warningCodes()).toEqual([]);
  writer.write({ ...state, status: 'late' });

  await until(() => store.text().includes('"late"'), 'the late edit is adopted');
  expect(store.state()).toMatchObject({ status: 'late', token_usage: { used: 30 } });
});

test('a write into a file that was replaced meanwhile is adopted, and a second one too', async () => {
  const store = await recorded();
  const state = store.state();
  const writer = writerOf(store, 'r+');
  await store.record(20, { id: 'b' });
  writer.write({ ...state, status: 'first' });
  await until(() => store.text().includes('"first"'), 'the first edit is adopted');
  writer.write({ ...state, status: 'second', token_usage: { ...state.token_usage, used: 15 } });

  await until(() => store.text().includes('"second"'), 'the second edit is adopted');
  expect(store.state()).toMatchObject({ status: 'second', token_usage: { used: 35 } });
});
