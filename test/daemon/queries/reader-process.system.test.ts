import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createQueries, type QueryOptions } from '../../../src/daemon/queries/queries.ts';
import { EMPTY } from '../../../src/daemon/rules/snapshot.ts';
import { openToRead } from '../../../src/daemon/store/index/database/database.ts';
import { HistoryReader } from '../../../src/daemon/store/index/reading/reader.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { isRunning, runningProcesses } from '../../support/processes.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { until } from '../../support/until.ts';
import { type FilledSession, fillHistory } from '../store/index/filled-history.ts';

const COUNT = 120_000;

/** One reading a minute; a search for what nobody wrote takes a tenth of a second. */
const SESSIONS = Array.from(
  { length: COUNT },
  (_, ordinal): FilledSession => ({
    ...{ kind: 'auto', event: `step ${ordinal}`, conversation: '', counted: 1, atMs: 60_000 * ordinal },
  }),
);

const NEVER = { query: 'nobody wrote this' } as const;

const folder = scratchFolder();
const path = join(folder, 'history.db');
beforeAll(() => fillHistory(path, { sessions: SESSIONS }).close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function opened(options: QueryOptions = {}) {
  const db = openToRead(path);
  const source = { reader: new HistoryReader(db), path, settled: async () => undefined, generation: 0 };
  const queries = createQueries(source, { snapshot: EMPTY }, options);
  closing.push(async () => {
    await queries.close();
    db.close();
  });
  return queries;
}

/** The pids of the processes that look far back. */
function readers(): number[] {
  return runningProcesses()
    .filter(({ parent, args }) => parent === process.pid && args.some((arg) => arg.endsWith('reader-worker.ts')))
    .map(({ pid }) => pid);
}

test('what costs little is answered without a process, and one process answers all else until it is idle', async () => {
  const queries = opened({ idleMs: 50 });
  expect((await queries.history({ limit: 1_000 })).sessions).toHaveLength(1_000);
  expect(readers()).toEqual([]);

  const [found, sum] = await Promise.all([queries.history({ query: 'step 7' }), queries.sum({ query: 'step' })]);

  expect(found.sessions.map(({ event }) => event)).toContain('step 79999');
  expect(sum).toEqual({ readings: COUNT, tokens: COUNT });
  expect(readers()).toHaveLength(1);
  await until(() => readers().length === 0, 'the process has ended');
  expect(await queries.stats({ bucket: 'month', time_zone: 'UTC' })).toMatchObject({ buckets: { length: 3 } });
});

test('a search whose patience ends tells how far it came, and goes on from there to the end', async () => {
  const queries = opened();
  const times: string[] = [];
  const found: (string | undefined)[] = [];
  for (let before: string | undefined; ; ) {
    const part = await queries.history({ query: 'step 777', patience_ms: 1, ...(before !== undefined && { before }) });
    found.push(...part.sessions.map(({ event }) => event));
    if (part.looked_back_to !== undefined) times.push(part.looked_back_to);
    if (part.next === undefined) break;
    before = part.next;
  }
  expect(times.length).toBeGreaterThan(0);
  expect(times).toEqual(times.toSorted().reverse());
  expect(found).toEqual(
    (await queries.history({ query: 'step 777', limit: 1_000 })).sessions.map(({ event }) => event),
  );
});

test('the next search of a connection ends the patience of the one before, and of no other connection', async () => {
  const queries = opened();
  const [mine, theirs] = [{ signal: new AbortController().signal }, { signal: new AbortController().signal }];
  const search = { ...NEVER, patience_ms: 10_000 };

  const [first, other, , last] = await Promise.all([
    queries.history(search, mine),
    queries.history(search, theirs),
    queries.history({ query: 'without patience' }, mine),
    queries.sum(search, mine),
  ]);

  expect(first.next).toMatch(/^\d+\.\d+$/);
  expect(Date.parse(first.looked_back_to!)).toBeGreaterThan(0);
  expect(other).toEqual({ sessions: [] });
  expect(last).toEqual({ readings: 0, tokens: 0 });
});

test('a search ends when whoever asked has gone, and the next is answered', async () => {
  const queries = opened();
  const gone = new AbortController();
  const isEnded = expect(queries.history(NEVER, gone)).rejects.toThrow('gone');
  await until(() => readers().length === 1, 'the process runs');
  gone.abort(new Error('gone'));
  await isEnded;
  await expect(queries.sum(NEVER, gone)).rejects.toThrow('gone');
  expect(await queries.sum(NEVER)).toEqual({ readings: 0, tokens: 0 });
});

test('whoever waits when the process breaks is told so, and the next question starts another', async () => {
  const crashes: Error[] = [];
  const queries = opened({ onCrash: (cause) => crashes.push(cause) });
  const search = queries.sum(NEVER);
  const isRefused = expect(search).rejects.toMatchObject({ kind: 'busy' });
  await until(() => readers().length === 1, 'the process runs');
  const [pid] = readers();
  process.kill(pid!, 'SIGKILL');
  await isRefused;

  expect(crashes.map(({ message }) => message)).toEqual([expect.stringContaining('ended with SIGKILL')]);
  expect(await queries.sum(NEVER)).toEqual({ readings: 0, tokens: 0 });
  expect(isRunning(pid!)).toBe(false);
});

test('a database that is at fault is told of, by a question here and by one in the process', async () => {
  const own = temporaryFolder();
  const db = fillHistory(join(own, 'history.db'), { sessions: SESSIONS.slice(0, 10) });
  const told: Error[] = [];
  const source = {
    reader: new HistoryReader(db),
    path: join(own, 'other.db'),
    settled: async () => undefined,
    generation: 0,
  };
  writeFileSync(source.path, 'no database at all, but something else'.repeat(100));
  const queries = createQueries(source, { snapshot: EMPTY }, { mostHere: 0, onFault: (error) => told.push(error) });
  closing.push(() => queries.close());

  await expect(queries.stats({ bucket: 'day' })).rejects.toMatchObject({ kind: 'busy' });
  expect(told.map(({ message }) => message)).toEqual(['file is not a database']);
  db.exec('drop table session');
  await expect(queries.history({})).rejects.toMatchObject({ kind: 'busy' });
  expect(told.at(-1)!.message).toContain('no such table');
  db.close();
});

test('an unknown zone is refused by the process as it is here', async () => {
  const queries = opened({ mostHere: 0 });
  await expect(queries.stats({ bucket: 'day', time_zone: 'Nowhere/None' })).rejects.toMatchObject({
    ...{ kind: 'invalid_params', field: 'time_zone' },
    hint: { en: 'for example Europe/Berlin' },
  });
});

test('nobody is answered after the end', async () => {
  const queries = opened();
  const search = queries.sum(NEVER);
  const isRefused = expect(search).rejects.toMatchObject({ kind: 'stopping' });
  await until(() => readers().length === 1, 'the process runs');
  await queries.close();
  await isRefused;
  expect(readers()).toEqual([]);
  await expect(queries.sum(NEVER)).rejects.toMatchObject({ kind: 'stopping' });
});
