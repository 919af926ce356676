import { expect, onTestFinished, test, vi } from 'vitest';
import { Segments } from '../../../src/daemon/store/segments.ts';
import { type OpenedStore, openStore, temporaryFolder } from './opened-store.ts';

const MIB = 1024 * 1024;

test('a page whose sessions come from forty imports by turns reads each of their lines once', async () => {
  const opened = await openStore(temporaryFolder());
  for (let line = 0; line < 40; line++) {
    await opened.import(
      Array.from({ length: 25 }, (_, index) => ({ tokens: 1, datedMs: 1_000 * (index * 40 + line) })),
    );
  }
  const reads = readsOfSegments();

  expect(await opened.history()).toHaveLength(1_000);
  expect(reads).toHaveBeenCalledTimes(40);
});

test('lines are kept up to four megabytes, and the longest unused goes first', async () => {
  const opened = await storeOfLines(Array(4).fill(1.2 * MIB));
  const reads = readsOfSegments();
  readLines(opened, [0, 1, 2, 0]);
  expect(reads).toHaveBeenCalledTimes(3);

  readLines(opened, [3, 0, 2]);
  expect(reads).toHaveBeenCalledTimes(4);
  readLines(opened, [1]);
  expect(reads).toHaveBeenCalledTimes(5);
});

test('a line that is longer than all that is kept is read once for all its sessions', async () => {
  const opened = await storeOfLines([1, 5 * MIB, 1]);
  const reads = readsOfSegments();

  readLines(opened, [0, 1, 1, 1]);
  expect(reads).toHaveBeenCalledTimes(2);
  readLines(opened, [2, 2, 0]);
  expect(reads).toHaveBeenCalledTimes(4);
});

async function storeOfLines(lengths: readonly number[]): Promise<OpenedStore> {
  const opened = await openStore(temporaryFolder(), { maxSegmentBytes: 100 * MIB });
  for (const length of lengths) await opened.record(1, { event: 'x'.repeat(length) });
  return opened;
}

function readLines({ store }: OpenedStore, ordinals: readonly number[]): void {
  for (const ordinal of ordinals) store.ledger.index.read(ordinal);
}

function readsOfSegments() {
  const reads = vi.spyOn(Segments.prototype, 'read');
  onTestFinished(() => reads.mockRestore());
  return reads;
}
