import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import { HISTORY_FILE } from '../../../../src/protocol/addresses.ts';
import { TokenSyncError } from '../../../../src/protocol/errors.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { randomOf } from '../../../support/random.ts';
import { MEMORY, scratchFolder } from '../../../support/scratch.ts';
import { until } from '../../../support/until.ts';
import { historyFiles, OpenedStore, openStore } from '../opened-store.ts';

const PAGE_BYTES = 4_096;
const DAMAGED = /^history\.damaged-\d{17}(-\d+)?\.db$/;
const HOUR_MS = 3_600_000;

/** A closed folder with sessions of every kind, and what is answered of them. */
let recorded: { readonly folder: string; readonly answers: unknown; readonly ids: readonly unknown[] };

beforeAll(async () => {
  const opened = await OpenedStore.open(scratchFolder(MEMORY));
  for (let at = 0; at < 60; at++) {
    const sync_type = (['auto', 'estimate', 'manual'] as const)[at % 3]!;
    const tokens = sync_type === 'manual' ? 1_000 * at : 10 + at;
    await opened.record(tokens, { id: `r${at}`, sync_type, event: `event ${at}`, conversation_id: `c${at % 5}` });
  }
  const dated = Array.from({ length: 60 }, (_, at) => ({ tokens: 5, id: `d${at}`, datedMs: (1 + at) * HOUR_MS }));
  await opened.import(dated);
  opened.edit(({ token_usage: { sessions } }) => sessions.push({ task: 'theirs', tokens: 7 }, { id: 'x', tokens: 8 }));
  await opened.adopt();
  await opened.setTotal(2_000_000);
  await opened.undo('taken-back');
  recorded = { folder: opened.folder, answers: await answersOf(opened), ids: await opened.historyIds() };
  await opened.close();
});

afterAll(() => rmSync(recorded.folder, { recursive: true }));

/** What is answered, by everything that looks back; what is refused because the history is being made anew is asked again. */
async function answersOf({ queries }: OpenedStore): Promise<unknown> {
  const asked: (() => Promise<unknown>)[] = [
    () => queries.history({ limit: 1_000, instants: true }),
    () => queries.history({ query: 'EVENT 1', sync_type: 'manual' }),
    () => queries.sum({ conversation_id: 'c1' }),
    () => queries.sum({ query: 'event' }),
    () => queries.stats({ bucket: 'hour', time_zone: 'UTC' }),
    () => queries.series({}),
    () => queries.conversations({}),
    () => queries.changes({}, []),
    () => queries.lastReading(),
    () => queries.estimateAccuracy(),
  ];
  const answers: unknown[] = [];
  for (const ask of asked) answers.push(await untilReady(ask));
  return answers;
}

function untilReady<T>(ask: () => Promise<T>): Promise<T> {
  let answer: T;
  return until(async () => {
    try {
      answer = await ask();
      return true;
    } catch (error) {
      if (error instanceof TokenSyncError && error.kind === 'busy') return false;
      throw error;
    }
  }, 'the history is made anew').then(() => answer);
}

/** Starts on a folder whose history is damaged and expects every answer to be right, and that recording goes on, whichever is tried first. */
async function expectRight(folder: string, first: 'asks' | 'records'): Promise<{ readonly isTold: boolean }> {
  const opened = await openStore(folder);
  if (first === 'asks') expect(await answersOf(opened)).toEqual(recorded.answers);
  await expectRecords(opened);
  const answers = await answersOf(opened);
  expect(await opened.historyIds()).toEqual(['new', ...recorded.ids]);
  const isTold = opened.warningCodes().includes('history_damaged');
  await opened.close();
  expect(historyFiles(folder).some((name) => DAMAGED.test(name))).toBe(isTold);

  const next = await openStore(folder);
  expect(await answersOf(next)).toEqual(answers);
  expect(next.warningCodes()).toEqual([]);
  await next.close();
  return { isTold };
}

async function expectRecords(opened: OpenedStore): Promise<void> {
  const { used } = opened.usage;
  expect(await opened.record(1, { id: 'r7' })).toMatchObject({ duplicate: true });
  expect(await opened.undo('taken-back')).toMatchObject({ duplicate: true });
  expect(await opened.record(5, { id: 'new' })).toMatchObject({ total_used: used + 5 });
  expect(await opened.undo('taken back too')).toMatchObject({ total_used: used });
  expect(opened.usage).toMatchObject({ used });
}

/** A copy of what was recorded. */
function copied(): { readonly folder: string; readonly path: string } {
  const folder = temporaryFolder(MEMORY);
  cpSync(recorded.folder, folder, { recursive: true, preserveTimestamps: true });
  return { folder, path: join(folder, HISTORY_FILE) };
}

const first = ['asks', 'records'] as const;

test('a start answers and records rightly whichever page of the history is overwritten, and says so where it noticed', async () => {
  const random = randomOf(7);
  const pages = statSync(join(recorded.folder, HISTORY_FILE)).size / PAGE_BYTES;
  let told = 0;
  for (let page = 0; page < pages; page++) {
    const { folder, path } = copied();
    const bytes = readFileSync(path);
    for (let at = page * PAGE_BYTES; at < (page + 1) * PAGE_BYTES; at++) bytes[at] = Math.floor(random() * 256);
    writeFileSync(path, bytes);
    const { isTold } = await expectRight(folder, first[page % 2]!);
    if (isTold) told++;
    rmSync(folder, { recursive: true });
  }
  expect(told).toBeGreaterThan(pages / 3);
}, 180_000);

describe.each(first)('a start that %s first', (what) => {
  /** Each does something to the history, or to what belongs to it; whether it is of no use then. */
  test.each<[string, boolean, (path: string) => void]>([
    ['is cut in the middle', true, (path) => truncateSync(path, 5 * PAGE_BYTES)],
    ['is cut within a page', true, (path) => truncateSync(path, 10 * PAGE_BYTES + 100)],
    ['is empty', false, (path) => truncateSync(path, 0)],
    ['is a text file', true, (path) => writeFileSync(path, 'my notes\n'.repeat(1_000))],
    ['is a folder', true, (path) => inPlace(path, (at) => mkdirSync(at))],
    [
      'is a folder with something in it',
      true,
      (path) => inPlace(path, (at) => mkdirSync(join(at, 'a'), { recursive: true })),
    ],
    [
      'is a database of another program',
      true,
      (path) => inPlace(path, (at) => run(at, 'create table a (b); pragma user_version = 1')),
    ],
    ['has a later form', true, (path) => run(path, 'pragma user_version = 1000')],
    ['lacks a table', true, (path) => run(path, 'drop table position')],
    ['lacks an index', false, (path) => run(path, 'drop index session_time')],
    // For whoever may write whatever it says, it is as good as any other.
    ['cannot be written', process.getuid?.() !== 0, (path) => chmodSync(path, 0o400)],
    ['has a log of something else', false, (path) => writeFileSync(`${path}-wal`, 'x'.repeat(50_000))],
    ['has a folder in the place of its shared memory', false, (path) => mkdirSync(`${path}-shm`)],
    // SQLite follows none, so that it cannot share memory there.
    ['has a link in the place of its shared memory', false, (path) => symlinkSync('/nowhere', `${path}-shm`)],
    ['has a folder in the place of its log', true, (path) => mkdirSync(`${path}-wal`)],
  ])('a start answers and records rightly where the history %s', async (_, isUseless, damage) => {
    const { folder, path } = copied();
    damage(path);
    expect(await expectRight(folder, what)).toEqual({ isTold: isUseless });
  });
});

function inPlace(path: string, make: (path: string) => void): void {
  rmSync(path);
  make(path);
}

function run(path: string, sql: string): void {
  const { DatabaseSync } = loadSqlite();
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}
