import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../support/folders.ts';
import { type OpenedStore, openStore } from '../opened-store.ts';

const MANUAL = { sync_type: 'manual' } as const;

test('a 0 that is undone never was a beginning, whatever was recorded and undone behind it', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(500);
  await store.record(0, MANUAL);
  expect(firstCounted(store)).toBe(2);
  await store.record(0, MANUAL);
  await store.record(70);
  await store.undo();
  expect(firstCounted(store)).toBe(4);
  await store.undo();
  expect(firstCounted(store)).toBe(4);
  await store.undo();
  expect(firstCounted(store)).toBe(0);
});

test('a 0 that is undone gives way to the one before it', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(500);
  await store.record(0, MANUAL);
  await store.record(70);
  await store.record(0, MANUAL);
  expect(firstCounted(store)).toBe(4);
  await store.undo();
  expect(firstCounted(store)).toBe(2);
});

test('an edit to less than half stands, whichever reading is undone', async () => {
  const store = await openStore(temporaryFolder());
  await store.record(500);
  await store.record(0, MANUAL);
  await store.record(800);
  store.edit((state) => {
    state.token_usage.used = 100;
  });
  await store.adopt();
  expect(firstCounted(store)).toBe(3);
  await store.undo();
  await store.undo();
  expect(firstCounted(store)).toBe(3);
});

function firstCounted({ store }: OpenedStore): number {
  return store.ledger.index.firstCounted;
}
