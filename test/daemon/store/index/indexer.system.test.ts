import { cpSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openToWrite } from '../../../../src/daemon/store/index/database/database.ts';
import { startIndexer } from '../../../../src/daemon/store/index/indexer.ts';
import { HistoryWriter } from '../../../../src/daemon/store/index/writing/writer.ts';
import { Segments } from '../../../../src/daemon/store/ledger/segments.ts';
import { HISTORY_FILE } from '../../../../src/protocol/addresses.ts';
import { startDaemon, type TestDaemon } from '../../../support/daemon.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { runningProcesses } from '../../../support/processes.ts';
import { MEMORY, scratchFolder } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';
import { historyFiles, OpenedStore } from '../opened-store.ts';
import { tablesIn, tablesOf } from './tables.ts';

/** More than a start takes in by itself. */
const READINGS = 16_000;

/** A closed folder, whose history is to be made by a process of its own when it is gone. */
let recorded: string;

beforeAll(async () => {
  const opened = await OpenedStore.open(scratchFolder(MEMORY));
  // To what it is by default.
  await opened.setTotal(1_000_000);
  for (let from = 0; from < READINGS; from += 1_000) {
    const readings = Array.from({ length: 1_000 }, (_, at) => ({
      ...{ tokens: 1 + (at % 7), id: `r${from + at}`, event: `an event of some length, number ${at}` },
      ...{ conversation_id: `c${at % 9}`, ...(at % 3 === 0 && { datedMs: 1 + 60_000 * (from + at) }) },
    }));
    await opened.import(readings);
  }
  await opened.undo('first');
  await opened.store.history.settled();
  await opened.close();
  recorded = opened.folder;
});

afterAll(() => rmSync(recorded, { recursive: true }));

function copied(): string {
  const folder = join(temporaryFolder(MEMORY), 'data');
  cpSync(recorded, folder, { recursive: true, preserveTimestamps: true });
  return folder;
}

/** A copy whose history is gone. */
function withoutHistory(): string {
  const folder = copied();
  for (const name of historyFiles(folder)) rmSync(join(folder, name));
  return folder;
}

test('the process makes the very history that was made as the readings came', async () => {
  const folder = withoutHistory();
  const path = join(folder, HISTORY_FILE);
  const segments = new Segments(join(folder, 'ledger'));
  const segment = segments.numbers().at(-1)!;
  const end = { segment, end: statSync(segments.path(segment)).size };
  const told: number[] = [];
  let areIdsKnown = false;
  const indexer = startIndexer(
    { path, ledger: segments.folder },
    {
      until: () => end,
      mend: () => Promise.reject(new Error('nothing is damaged')),
      onIds: () => (areIdsKnown = true),
      onProgress: (done) => told.push(done),
    },
  );
  await indexer.done;

  expect(areIdsKnown).toBe(true);
  expect(told).toEqual(told.toSorted((one, other) => one - other));
  expect(told.at(-1)).toBe(1);
  const db = openToWrite(path);
  new HistoryWriter(db).tellBy(Date.now());
  expect(tablesOf(db)).toEqual(tablesIn(recorded));
  db.close();
});

/** The processes that make the history of a daemon. */
function indexersOf({ pid }: TestDaemon): number[] {
  return runningProcesses()
    .filter(({ parent, args }) => parent === pid && args.some((arg) => arg.includes('history-indexer')))
    .map((running) => running.pid);
}

async function untilIndexed(daemon: TestDaemon): Promise<number> {
  const [pid] = await until(() => {
    const pids = indexersOf(daemon);
    return pids.length > 0 && pids;
  }, 'the history is being made');
  return pid!;
}

/** Some of the history is made, and some is not. */
function untilHalfDone(daemon: TestDaemon): Promise<unknown> {
  return until(async () => {
    const { warnings } = await daemon.rpc('daemon.info');
    return warnings.some(({ en }) => /made anew from the ledger \([1-9]\d? %\)/.test(en));
  }, 'a part of the history is made');
}

async function expectWhole(daemon: TestDaemon, more: readonly string[]): Promise<void> {
  const { sessions } = await daemon.rpc('usage.history', { limit: 1_000 });
  expect(sessions.slice(0, more.length).map(({ id }) => id)).toEqual(more.toReversed());
  expect(await daemon.rpc('usage.sum')).toMatchObject({ readings: READINGS - 1 + more.length });
  const { warnings } = await daemon.rpc('daemon.info');
  expect(warnings.filter(({ code }) => code === 'history_made_anew')).toEqual([]);
}

describe('while the history is made anew', () => {
  test('recording goes on, knows what was recorded, and whoever asks about the past is answered in the end', async () => {
    const daemon = await startDaemon({ folder: withoutHistory() });
    await untilIndexed(daemon);
    const ids = Array.from({ length: 20 }, (_, at) => `new${at}`);
    for (const id of ids) {
      expect(await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id })).not.toHaveProperty('duplicate');
    }
    expect(await daemon.rpc('usage.record', { tokens: 1, id: 'r5' })).toMatchObject({ duplicate: true });
    expect(await daemon.rpc('usage.record', { tokens: 1, id: 'new5' })).toMatchObject({ duplicate: true });
    expect(await daemon.rpc('usage.undo', { id: 'first' })).toMatchObject({ duplicate: true });

    await expectWhole(daemon, ids);
  });

  test('a budget that somebody has set is known, be it the default', async () => {
    const daemon = await startDaemon({ folder: withoutHistory() });
    await untilIndexed(daemon);
    const { revision } = await daemon.rpc('usage.get');
    const { total_is_set, warnings } = await daemon.rpc('daemon.info');
    expect([total_is_set, warnings.map(({ code }) => code)]).toEqual([true, ['history_made_anew']]);

    expect(await daemon.rpc('usage.set_total', { total: 1_000_000 })).toMatchObject({ revision });
  });

  test.each<[string, (daemon: TestDaemon) => Promise<unknown>]>([
    ['at its beginning', untilIndexed],
    ['in the middle', untilHalfDone],
  ])('the process that makes it may be killed %s, and the history is whole all the same', async (_, moment) => {
    const daemon = await startDaemon({ folder: withoutHistory() });
    const pid = await untilIndexed(daemon);
    await moment(daemon);
    process.kill(pid, 'SIGKILL');
    await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id: 'new' });
    expect(await daemon.rpc('usage.record', { tokens: 1, id: 'r5' })).toMatchObject({ duplicate: true });

    await expectWhole(daemon, ['new']);
    expect((await daemon.rpc('daemon.info')).warnings).toEqual([]);
  });

  test.each<[string, (daemon: TestDaemon) => Promise<unknown>]>([
    ['stopped', (daemon) => daemon.stop()],
    ['killed', (daemon) => daemon.kill()],
  ])('the daemon may be %s in the middle, and the next start goes on', async (_, end) => {
    const folder = withoutHistory();
    const daemon = await startDaemon({ folder });
    const pid = await untilIndexed(daemon);
    await untilHalfDone(daemon);
    const { id } = await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
    await end(daemon);
    await until(() => !runningProcesses().some((running) => running.pid === pid), 'its process is gone');

    const next = await startDaemon({ folder });
    await next.rpc('usage.record', { tokens: 1, sync_type: 'auto', id: 'newer' });
    await expectWhole(next, [id, 'newer']);
    expect((await next.rpc('daemon.info')).warnings).toEqual([]);
  });
});

test('nobody else can read the history or what belongs to it, whatever the umask, made as it comes or anew', async () => {
  const fresh = join(temporaryFolder(), 'fresh');
  mkdirSync(fresh, { mode: 0o700 });
  for (const folder of [fresh, withoutHistory()]) {
    const daemon = await startDaemon({ folder, under: 'umask 0' });
    await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', id: 'new' });
    await daemon.rpc('usage.history', {});
    const modes = () =>
      Object.fromEntries(
        historyFiles(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]),
      );
    expect(modes()).toEqual({ [HISTORY_FILE]: '600', [`${HISTORY_FILE}-shm`]: '600', [`${HISTORY_FILE}-wal`]: '600' });
    await daemon.stop();
    expect(modes()).toEqual({ [HISTORY_FILE]: '600' });
  }
});
