import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import type { LedgerIndex } from '../../../../src/daemon/store/index/ledger-index.ts';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { ledgerFiles, type OpenedStore, openStore, segmentPath } from '../opened-store.ts';

const SMALL = { maxSegmentBytes: 2_000 };

afterEach(() => void vi.restoreAllMocks());

/** A ledger of many segments with everything in it that the index takes note of. */
async function longHistory(): Promise<OpenedStore> {
  const store = await openStore(temporaryFolder(), SMALL);
  // The default, which only the change itself tells to be set.
  await store.setTotal(1_000_000);
  for (let round = 0; round < 8; round++) {
    await store.record(10, { id: `a${round}`, event: '完成'.repeat(round * 20), conversation_id: `c${round % 3}` });
    await store.record(1_000, { id: `undone${round}` });
    await store.undo(`undo${round}`);
    await store.import([
      { tokens: 5, id: `past${round}`, datedMs: Date.UTC(2025, 1, 20 - round) },
      { tokens: 7, id: `other${round}`, conversation_id: 'imported' },
    ]);
    store.edit((state) => {
      const { sessions } = state.token_usage;
      sessions.splice(1, 1);
      sessions.unshift({ tokens: round, event: 'by hand', timestamp: '2025-03-01 10:00:00' });
    });
    await store.adopt();
    await store.record(0, { sync_type: 'manual', id: `slip${round}` });
    await store.undo(`slipUndo${round}`);
    await store.record(round, { sync_type: 'manual', id: `reset${round}` });
    await store.record(300, { sync_type: 'estimate', id: `estimate${round}` });
    await store.record(400, { sync_type: 'estimate', id: `waits${round}`, conversation_id: `w${round % 3}` });
    await store.record(100 + round, { sync_type: 'manual', id: `gaveWay${round}` });
  }
  expect(ledgerFiles(store.folder).length).toBeGreaterThan(6);
  await store.close();
  return store;
}

/** Everything that an index tells. */
async function toldBy(store: OpenedStore) {
  const { sessions, changes, firstCounted, figures }: LedgerIndex = store.store.ledger.index;
  const rows = Array.from({ length: sessions.length }, (_, at) => [
    sessions.atMs(at),
    sessions.orderMs(at),
    sessions.countedOf(at),
    sessions.setAsideOf(at),
    sessions.kindOf(at),
    sessions.isReset(at),
    sessions.isUndone(at),
    sessions.isRemoved(at),
    sessions.conversations.textOf(sessions.conversationOf(at)),
    sessions.byTime(at),
  ]);
  const { atMs, used, total } = changes.told(Number.POSITIVE_INFINITY).levels;
  const levels = Array.from({ length: changes.length }, (_, rank) => [
    changes.revisionOf(rank),
    atMs(rank),
    used(rank),
    total(rank),
  ]);
  const { isTotalNamed } = changes;
  const at = { levels, isTotalNamed, firstCounted, figures: figures.state };
  return { rows, ...at, usage: store.usage, history: await store.history() };
}

async function toldAfterStart(folder: string) {
  const read = vi.spyOn(Segments.prototype, 'readWhole');
  const store = await openStore(folder, SMALL);
  const wholeReads = new Set(read.mock.calls.map(([number]) => number)).size;
  read.mockRestore();
  const told = await toldBy(store);
  const duplicate = await store.record(1, { id: 'a0' });
  const undo = await store.undo('undo0');
  const warnings = store.warningCodes();
  await store.close();
  return { told: { ...told, duplicate, undo, warnings }, wholeReads };
}

function indexFiles(folder: string): string[] {
  return readdirSync(join(folder, 'ledger'))
    .filter((name) => name.endsWith('.index'))
    .map((name) => join(folder, 'ledger', name));
}

test('a start with the kept indices tells the same as one that reads every segment, and reads only the last', async () => {
  const { folder } = await longHistory();
  const segments = ledgerFiles(folder).length;
  expect(indexFiles(folder)).toHaveLength(segments - 1);
  const kept = await toldAfterStart(folder);
  for (const path of indexFiles(folder)) rmSync(path);
  const read = await toldAfterStart(folder);
  const again = await toldAfterStart(folder);
  expect(kept.told).toEqual(read.told);
  expect(kept.told.isTotalNamed).toBe(true);
  expect(again.told).toEqual(read.told);
  expect([kept.wholeReads, read.wholeReads, again.wholeReads]).toEqual([1, segments, 1]);
});

test('damage in an old segment is found although its index was kept, even when its size and time are as before', async () => {
  const { folder } = await longHistory();
  const path = segmentPath(folder, 3);
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[bytes.length - 40]! ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  const { told } = await toldAfterStart(folder);
  expect(told.warnings).toContain('ledger_damaged');
});

test('a missing segment is noticed, and what follows it is told as it is', async () => {
  const { folder } = await longHistory();
  rmSync(segmentPath(folder, 3));
  const kept = await toldAfterStart(folder);
  expect(kept.told.warnings).toContain('ledger_segment_missing');
  for (const path of indexFiles(folder)) rmSync(path);
  expect((await toldAfterStart(folder)).told).toEqual(kept.told);
});

test('an index that was cut, changed or is of another segment is not believed', async () => {
  const { folder } = await longHistory();
  const [first, second] = indexFiles(folder);
  const whole = readFileSync(first!);
  const { told } = await toldAfterStart(folder);
  const flipped = Buffer.from(whole);
  flipped[whole.length >> 1]! ^= 4;
  for (const bytes of [Buffer.alloc(0), whole.subarray(0, 8), whole.subarray(0, -1), flipped, readFileSync(second!)]) {
    writeFileSync(first!, bytes);
    const start = await toldAfterStart(folder);
    expect(start.told).toEqual(told);
    expect(start.wholeReads).toBeGreaterThan(1);
    expect(readFileSync(first!)).not.toEqual(bytes);
  }
});

test('a folder in which nothing can be kept is no failure', async () => {
  vi.spyOn(Segments.prototype, 'writeBeside').mockImplementation(() => {
    throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
  });
  const { folder } = await longHistory();
  expect(indexFiles(folder)).toEqual([]);
  expect((await toldAfterStart(folder)).told.warnings).toEqual([]);
});

test('an index that an earlier version kept is made anew', async () => {
  const { folder } = await longHistory();
  const { told } = await toldAfterStart(folder);
  const [first] = indexFiles(folder);
  const body = serialize({ format: 1, of: '', part: {}, revision: 1 });
  writeFileSync(first!, Buffer.concat([Buffer.from(crc32(body).toString(16).padStart(8, '0')), body]));
  const start = await toldAfterStart(folder);
  expect(start.told).toEqual(told);
  expect(start.wholeReads).toBeGreaterThan(1);
});
