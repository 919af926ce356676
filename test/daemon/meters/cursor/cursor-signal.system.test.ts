import { appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CursorSignal } from '../../../../src/daemon/meters/cursor/cursor-signal.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { until } from '../../../support/until.ts';
import { Looker, listing, SteeredCursor } from './steered-cursor.ts';

/** Longer than all looks that an event brings, and than a poll. */
const SETTLED_MS = 400;

/** A signal, and how often it has told. */
function signalOf(folder: string, platform: string, pollMs?: number) {
  const heard = { count: 0, atMs: 0 };
  const signal = new CursorSignal({
    ...{ folder, platform, ...(pollMs !== undefined && { pollMs }) },
    onSignal: () => {
      heard.count += 1;
      heard.atMs = performance.now();
    },
  });
  onTestFinished(() => signal.close());
  signal.start();
  return { heard, signal };
}

async function settled(heard: { readonly count: number; readonly atMs: number }): Promise<number> {
  const fromMs = performance.now();
  await until(() => performance.now() - Math.max(heard.atMs, fromMs) > SETTLED_MS, 'nothing more is told');
  return heard.count;
}

/** How it hears: by events alone, as good as, and by the poll alone. */
const WAYS: readonly (readonly [string, string, number])[] = [
  ['by events', 'linux', 60_000],
  ['by the poll', 'darwin', 50],
];

/** What Cursor commits with; the log is emptied now and then. */
const JOURNALS = ['wal', 'delete'] as const;

for (const [way, platform, pollMs] of WAYS) {
  for (const journal of JOURNALS) {
    test(`${way}, every commit is told once (journal ${journal}), and a checkpoint or a look of ours is none`, async () => {
      const cursor = await SteeredCursor.start(journal);
      const { heard } = signalOf(dirname(cursor.path), platform, pollMs);
      await until(() => heard.count === 1, 'the database that is there is told');
      await settled(heard);
      const looker = new Looker(cursor.path);
      for (let count = 1; count <= 30; count += 1) {
        const before = heard.count;
        // The number of a commit alone tells it from the one before.
        await cursor.run(`update ItemTable set value = ${count}; insert into ItemTable values ('x', ${count})`);
        await until(() => heard.count > before, `commit ${count} is told`);
        looker.look();
        if (count % 10 === 0 && journal === 'wal')
          await cursor.run(`pragma wal_checkpoint(${count === 20 ? 'truncate' : 'passive'})`);
      }
      expect(await settled(heard)).toBeGreaterThanOrEqual(31);
      const last = heard.count;
      for (let count = 0; count < 20; count += 1) looker.look();
      if (journal === 'wal') await cursor.run('pragma wal_checkpoint(passive)');
      expect(await settled(heard)).toBe(last);
    });
  }
}

test('commits that bring one row each in WAL mode are told as often as they are made, neither less nor more', async () => {
  const cursor = await SteeredCursor.start();
  const { heard } = signalOf(dirname(cursor.path), 'linux');
  await until(() => heard.count === 1, 'the database that is there is told');
  for (let count = 1; count <= 100; count += 1) {
    await cursor.say('a', count);
    await until(() => heard.count > count, `commit ${count} is told`);
  }
  expect(await settled(heard)).toBe(101);
});

test.each(WAYS)(
  '%s: the folder may come late, go, and come again, and so may the database',
  async (_, platform, pollMs) => {
    const folder = join(temporaryFolder(), 'Cursor', 'globalStorage');
    const { heard } = signalOf(folder, platform, Math.min(pollMs, 250));
    expect(await settled(heard)).toBe(0);
    const first = await SteeredCursor.start('wal', join(folder, 'state.vscdb'));
    await until(() => heard.count > 0, 'the database is told');
    await first.run('pragma wal_checkpoint(truncate)');
    const come = await settled(heard);
    renameSync(folder, `${folder}.old`);
    await until(() => heard.count > come, 'that it is gone is told');
    const gone = await settled(heard);
    await first.end();
    mkdirSync(folder);
    copyFileSync(join(`${folder}.old`, 'state.vscdb'), first.path);
    await until(() => heard.count > gone, 'the database in the new folder is told');
    const copied = await settled(heard);
    copyFileSync(first.path, `${first.path}.new`);
    renameSync(`${first.path}.new`, first.path);
    await until(() => heard.count > copied, 'that another took its place is told');
    const replaced = await settled(heard);
    const second = await SteeredCursor.open(first.path);
    await second.say('a', 1);
    await until(() => heard.count > replaced, 'a commit to it is told');
  },
);

test('what others write beside the database is not told, and after the close nothing is', async () => {
  const cursor = await SteeredCursor.start();
  const folder = dirname(cursor.path);
  const { heard, signal } = signalOf(folder, 'linux');
  await until(() => heard.count === 1, 'the database that is there is told');
  writeFileSync(join(folder, 'storage.json'), '{}');
  appendFileSync(join(folder, 'storage.json'), ' ');
  mkdirSync(join(folder, 'state.vscdb.backup'));
  expect(await settled(heard)).toBe(1);
  signal.close();
  await cursor.say('a', 1);
  rmSync(join(folder, 'storage.json'));
  expect(await settled(heard)).toBe(1);
});

test('what moves the times of the files alone is no commit while Cursor works', async () => {
  const cursor = await SteeredCursor.start();
  const { heard } = signalOf(dirname(cursor.path), 'linux', 20);
  await until(() => heard.count === 1, 'the database that is there is told');
  for (const side of ['', '-wal', '-shm']) utimesSync(`${cursor.path}${side}`, 1, 1);
  expect(await settled(heard)).toBe(1);
});

test('a signal touches no file', async () => {
  const cursor = await SteeredCursor.start();
  await cursor.say('a', 1);
  const before = listing(dirname(cursor.path));
  const { heard } = signalOf(dirname(cursor.path), 'linux', 5);
  await settled(heard);
  expect(listing(dirname(cursor.path))).toEqual(before);
});
