import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { DatabaseFault } from '../../../../src/daemon/disk/database-fault.ts';
import { createQueries } from '../../../../src/daemon/queries/queries.ts';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';
import { HISTORY_FILE } from '../../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { historyFiles, ledgerFiles, type OpenedStore, openStore, segmentPath } from '../opened-store.ts';
import { caughtUp } from './caught-up.ts';
import { tablesIn } from './tables.ts';

/** More than the daemon takes in by itself. */
const MANY = 1_600;

const manyOf = (tag: string) => Array.from({ length: MANY }, (_, index) => ({ tokens: 1, id: `${tag}-${index}` }));

async function recorded(count: number, maxSegmentBytes = 2_000_000): Promise<OpenedStore> {
  const opened = await openStore(temporaryFolder(MEMORY), { maxSegmentBytes });
  for (let at = 0; at < count; at++) await opened.record(10, { id: `old-${at}` });
  await opened.store.history.settled();
  return opened;
}

/** Another program that writes to the database, and does not end its transaction. */
function lockedBy({ folder }: OpenedStore): { free(): void } {
  const db: DatabaseSync = openToWrite(join(folder, HISTORY_FILE));
  db.exec('begin immediate');
  const free = () => {
    if (!db.isOpen) return;
    db.exec('rollback');
    db.close();
  };
  onTestFinished(free);
  return { free };
}

/** Every id of before is offered again, and recorded by nobody. */
async function expectKnown(opened: OpenedStore, count: number): Promise<void> {
  for (let at = 0; at < count; at++) {
    expect(await opened.record(10, { id: `old-${at}` })).toMatchObject({ duplicate: true });
  }
}

async function expectOfLedger(opened: OpenedStore): Promise<void> {
  await opened.store.history.settled();
  await opened.close();
  expect(tablesIn(opened.folder)).toEqual(await caughtUp(opened.folder, Date.now()));
}

test('while another program keeps the history locked every reading is recorded, and what must know all waits', async () => {
  const opened = await recorded(20);
  const tool = lockedBy(opened);

  expect(await opened.record(1, { id: 'a' })).toMatchObject({ increment: 1 });
  opened.edit((state) => Object.assign(state, { note: 'mine' }));
  const beside = opened.adopt();
  expect(await opened.record(1, { id: 'b' })).toMatchObject({ increment: 1 });
  await beside;
  await expectKnown(opened, 20);
  expect(opened.monitor.isTotalSet).toBe(false);
  let isUndone = false;
  const undo = opened.undo().then(() => (isUndone = true));
  const sum = opened.queries.sum({});
  await opened.record(1, { id: 'c' });
  expect(isUndone).toBe(false);
  tool.free();

  await undo;
  await sum;
  await opened.adopt();
  expect(opened.state()).toHaveProperty('note', 'mine');
  expect(opened.usage.used).toBe(202);
  expect(opened.warningCodes()).toEqual([]);
  await expectOfLedger(opened);
});

test('a lock that meets a large import has no id forgotten, and nothing taken for damaged', async () => {
  const opened = await recorded(20);
  const tool = lockedBy(opened);
  await opened.import(manyOf('new'));
  const repeated = expectKnown(opened, 20);
  tool.free();
  await repeated;

  expect(opened.usage.used).toBe(200 + MANY);
  expect(opened.warningCodes()).toEqual([]);
  await expectOfLedger(opened);
});

test('a start beside somebody who keeps the history locked answers from memory and leaves it as it is', async () => {
  const first = await recorded(20);
  await first.close();
  const tool = lockedBy(first);

  const second = await openStore(first.folder);
  await expectKnown(second, 20);
  await second.record(1, { id: 'new' });
  expect(await second.queries.sum({})).toEqual({ readings: 21, tokens: 201 });
  expect(second.warningCodes()).toEqual(['history_in_memory']);
  await second.close();
  tool.free();

  const third = await openStore(first.folder);
  expect(await third.queries.sum({})).toEqual({ readings: 21, tokens: 201 });
  expect(third.warningCodes()).toEqual([]);
  expect(historyFiles(first.folder).filter((name) => /lost|damaged/.test(name))).toEqual([]);
});

test('a history that is made anew knows no id until it has read it', async () => {
  const opened = await recorded(300);
  opened.store.history.noteFault(new DatabaseFault('it is tried'));
  await expectKnown(opened, 300);
  expect(opened.usage.used).toBe(3_000);
  await expectOfLedger(opened);
});

test.each<[string, (path: string) => Promise<void>]>([
  ['removed', async () => undefined],
  [
    'exchanged',
    async (path) => {
      const other = await recorded(5);
      await other.close();
      renameSync(join(other.folder, HISTORY_FILE), path);
    },
  ],
])('a history whose file is %s while it is in use is made anew, and all answers stay the same', async (_, put) => {
  const opened = await recorded(20);
  const far = createQueries(opened.store.history, opened.monitor, {
    mostHere: 1,
    onFault: (error) => opened.store.history.noteFault(error),
  });
  onTestFinished(() => far.close());
  for (const name of historyFiles(opened.folder)) rmSync(join(opened.folder, name));
  await put(join(opened.folder, HISTORY_FILE));
  await opened.import(manyOf('new'));
  await expectKnown(opened, 20);

  const sum = { readings: 20 + MANY, tokens: 200 + MANY };
  expect(await far.sum({})).toEqual(sum);
  expect(await opened.queries.sum({})).toEqual(sum);
  await far.close();
  await expectOfLedger(opened);
});

test('lines that a mended segment has elsewhere than before are taken in', async () => {
  const opened = await recorded(30, 60_000);
  await opened.import(Array.from({ length: 20 }, (_, at) => ({ tokens: 1, id: `small-${at}` })));
  for (let at = 30; at < 40; at++) await opened.record(10, { id: `old-${at}` });
  await opened.store.history.settled();
  const path = segmentPath(opened.folder, 1);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"small-3"', '"Xmall-3"'));

  await opened.import(manyOf('new'));

  expect(await opened.queries.sum({})).toMatchObject({ readings: 60 + MANY, tokens: 420 + MANY });
  expect(opened.usage.used).toBe(420 + MANY);
});

test('a segment that cannot be read leaves the rest of the history to be asked, and what was known of it is kept', async () => {
  const opened = await recorded(100, 5_000);
  const path = segmentPath(opened.folder, 2);
  const lost = readFileSync(path, 'utf8').match(/"kind":"reading"/g)!.length;
  const aside = join(temporaryFolder(MEMORY), 'segment');
  renameSync(path, aside);
  mkdirSync(path);
  opened.store.history.noteFault(new DatabaseFault('it is tried'));

  expect(await opened.queries.sum({})).toEqual({ readings: 100 - lost, tokens: 10 * (100 - lost), unreadable: lost });
  expect(await opened.record(10, { id: 'old-99' })).toMatchObject({ duplicate: true });
  expect(await opened.undo()).toMatchObject({ total_used: 990 });
  expect(historyFiles(opened.folder).some((name) => name.includes('.lost-'))).toBe(true);
  expect(opened.warningCodes()).toEqual(['history_damaged', 'history_lost']);
  opened.store.history.noteFault(new DatabaseFault('it is tried again'));
  await opened.store.history.settled();
  expect(historyFiles(opened.folder).some((name) => name.includes('.lost-'))).toBe(true);
  await opened.close();
  rmSync(path, { recursive: true });
  renameSync(aside, path);

  const next = await openStore(opened.folder, { maxSegmentBytes: 5_000 });
  expect(ledgerFiles(next.folder).length).toBeGreaterThan(5);
  expect(await next.queries.sum({})).toEqual({ readings: 99, tokens: 990 });
  expect(historyFiles(next.folder).some((name) => name.includes('.lost-'))).toBe(false);
});

test('a ledger that is removed under the running daemon, its history with it, leaves questions answered and the stop possible', async () => {
  const opened = await recorded(20);
  for (const name of [...ledgerFiles(opened.folder)]) rmSync(join(opened.folder, 'ledger', name));
  for (const name of historyFiles(opened.folder)) rmSync(join(opened.folder, name));

  await opened.queries.sum({}).catch(() => undefined);
  expect(await opened.record(1, { id: 'new' })).toMatchObject({ total_used: 201 });
  await opened.close();
});

test('a history that another program locks while it is filled is waited for some seconds, and then answers from memory', async () => {
  const opened = await recorded(20);
  const tool = lockedBy(opened);
  await opened.import(manyOf('new'));

  expect(await opened.queries.sum({})).toEqual({ readings: 20 + MANY, tokens: 200 + MANY });
  expect(opened.warningCodes()).toEqual(['history_in_memory']);
  await expectKnown(opened, 20);
  tool.free();
});
