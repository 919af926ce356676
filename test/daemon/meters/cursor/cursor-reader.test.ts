import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCursorHome } from '../../../../bench/meters/cursor-database.ts';
import { startCursorWriter } from '../../../../bench/meters/cursor-live.ts';
import { CONTENT_CANARY, TOKEN_CANARY } from '../../../../bench/meters/dice.ts';
import { type CursorState, lookAtCursor } from '../../../../src/daemon/meters/cursor/cursor-reader.ts';
import type { GaugeSeen } from '../../../../src/daemon/meters/observation.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { Looker, SteeredCursor } from './steered-cursor.ts';

const PAGE_BYTES = 4096;

/** Gauges by conversation, as a truth has them; the last that was told counts. */
function gaugesOf(observations: readonly GaugeSeen[]): Map<string, unknown> {
  return new Map(
    observations.map(({ meter, conversation, used, limit, model, atMs }) => [
      `${meter} ${conversation}`,
      { used, limit, model, atMs },
    ]),
  );
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'the first look at a corpus tells what its newest 500 rows say, and nothing else (seed %i)',
  (seed) => {
    const home = makeCursorHome(temporaryFolder(), seed, { conversations: 120, rows: 1200 });
    const truth = home.truth(500).gauges;
    home.close();
    const { observations, standing } = lookAtCursor(
      { path: home.path, isWsl: false },
      undefined,
      Date.UTC(2026, 11, 1),
    );
    expect(gaugesOf(observations)).toEqual(truth);
    expect(truth.size).toBeGreaterThan(20);
    expect(home.truth().gauges.size).toBeGreaterThan(truth.size);
    expect(standing).toEqual({ tool: 'cursor', state: 'read' });
  },
);

test('what a Cursor at work commits is told as it says, look by look, and neither what people say nor a token is in what we keep', async () => {
  const home = makeCursorHome(temporaryFolder(), 9);
  home.close();
  const order = { path: home.path, seed: 3, commitsPerSecond: 60, commits: 90, conversations: 6 };
  const told = new Map<string, unknown>();
  const truth = new Map<string, unknown>();
  let kept = '';
  let state: CursorState | undefined;
  const look = () => {
    const seen = lookAtCursor({ path: home.path, isWsl: false }, state, Date.now());
    state = JSON.parse(JSON.stringify(seen.state));
    for (const { conversation, used, limit, model } of seen.observations)
      told.set(conversation, { used, limit, model });
    kept += JSON.stringify(seen);
  };
  look();
  told.clear();
  const writer = startCursorWriter(order, ({ conversation, gauge }) => {
    if (gauge) truth.set(conversation, { used: gauge.used, limit: gauge.limit, model: gauge.model });
    look();
  });
  const summary = await writer.ended;
  look();
  expect(told).toEqual(truth);
  expect(truth.size).toBe(6);
  expect(summary.refusedCommits).toBe(0);
  expect(kept).not.toContain(CONTENT_CANARY.slice(0, 10));
  expect(kept).not.toContain(TOKEN_CANARY.slice(0, 10));
  const database = readFileSync(home.path);
  expect(database.includes(CONTENT_CANARY) && database.includes(TOKEN_CANARY)).toBe(true);
});

/** What happens between two looks at conversations a, b and c, which were written in this order; and what the second look tells. */
const BETWEEN: readonly (readonly [string, readonly string[], (cursor: SteeredCursor) => Promise<void>])[] = [
  ['nothing', [], async () => {}],
  ['another conversation is written', ['d 4'], (cursor) => cursor.say('d', 4)],
  ['an older conversation goes on', ['a 14'], (cursor) => cursor.say('a', 14)],
  ['the newest conversation goes on', ['c 15'], (cursor) => cursor.say('c', 15)],
  ['only messages are written', [], (cursor) => cursor.note('bubbleId:a:1')],
  ['only settings are written', [], async (cursor) => void (await cursor.run(`insert into ItemTable values ('x', 1)`))],
  ['the newest is deleted', [], (cursor) => cursor.forget('c')],
  [
    'the newest is deleted, and another gets its number',
    ['d 4'],
    async (cursor) => {
      await cursor.forget('c');
      await cursor.say('d', 4);
    },
  ],
  [
    'the newest is deleted and written again with a figure of the same length',
    ['c 9'],
    async (cursor) => {
      await cursor.forget('c');
      await cursor.say('c', 9);
    },
  ],
  [
    'the newest three are deleted, and four get their numbers and one more',
    ['d 4', 'e 5', 'f 6', 'g 7'],
    async (cursor) => {
      await cursor.forget('a', 'b', 'c');
      for (const [name, used] of [
        ['d', 4],
        ['e', 5],
        ['f', 6],
        ['g', 7],
      ] as const)
        await cursor.say(name, used);
    },
  ],
  [
    'the newest two are deleted, and one of them is written again under the number of the other',
    ['c 8'],
    async (cursor) => {
      await cursor.forget('b', 'c');
      await cursor.say('c', 8);
    },
  ],
  [
    'the newest is written in its own place',
    ['c 7'],
    async (cursor) => {
      await cursor.run(`update cursorDiskKV set value = '{"contextTokensUsed":7}' where key = 'composerData:c'`);
    },
  ],
  [
    'the database is packed anew',
    [],
    async (cursor) => {
      await cursor.run('vacuum');
    },
  ],
];

test.each(BETWEEN)('between two looks %s: told is %j', async (_, told, act) => {
  const cursor = await SteeredCursor.start();
  for (let count = 0; count < 40; count += 1) await cursor.note(`bubbleId:old:${count}`);
  for (const [name, used] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ] as const)
    await cursor.say(name, used);
  const looker = new Looker(cursor.path);
  expect(looker.look()).toEqual(['a 1', 'b 2', 'c 3']);
  await act(cursor);
  expect(looker.look()).toEqual(told);
  expect(looker.look()).toEqual([]);
});

test('nothing is missed when all rows that were known are gone, be the table empty in between or not', async () => {
  const cursor = await SteeredCursor.start();
  const looker = new Looker(cursor.path);
  expect(looker.look()).toEqual([]);
  await cursor.say('a', 1);
  expect(looker.look()).toEqual(['a 1']);
  await cursor.run('delete from cursorDiskKV');
  await cursor.say('b', 2);
  expect(looker.look()).toEqual(['b 2']);
  await cursor.run('delete from cursorDiskKV');
  expect(looker.look()).toEqual([]);
  await cursor.say('c', 3);
  expect(looker.look()).toEqual(['c 3']);
});

test('thousands of rows that were written while nobody looked hide no conversation among them', async () => {
  const cursor = await SteeredCursor.start();
  await cursor.say('a', 1);
  const looker = new Looker(cursor.path);
  looker.look();
  await cursor.say('b', 2);
  await cursor.run(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
    insert into cursorDiskKV select 'bubbleId:x:' || i, 'x' from n`);
  await cursor.say('c', 3);
  expect(looker.look()).toEqual(['b 2', 'c 3']);
  await cursor.say('d', 4);
  expect(looker.look()).toEqual(['d 4']);
});

test('no page of a row beyond the newest 500 is touched at first sight, nor any by the looks that follow', async () => {
  const cursor = await SteeredCursor.start();
  await cursor.run(`with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into cursorDiskKV
    select iif(i % 10, 'bubbleId:x:' || i, 'composerData:' || i), '{"contextTokensUsed":5,"x":"' || hex(zeroblob(100)) || '"}' from n`);
  const pages = await cursor.run(
    `select pageno from dbstat where name = 'cursorDiskKV' and pagetype = 'leaf' and path <= ? order by path`,
    '~',
  );
  await cursor.end();
  // Those of the oldest 2,400 rows, more or less, become none.
  const bytes = readFileSync(cursor.path);
  for (const { pageno } of pages.slice(0, Math.floor(pages.length * 0.8))) {
    bytes.fill(0xff, (Number(pageno) - 1) * PAGE_BYTES, Number(pageno) * PAGE_BYTES);
  }
  writeFileSync(cursor.path, bytes);
  const poisoned = await SteeredCursor.open(cursor.path);
  await expect(poisoned.run('select count(*), max(value) from cursorDiskKV where rowid > ?', 0)).rejects.toThrow(
    'malformed',
  );
  const looker = new Looker(cursor.path);
  expect(looker.look()).toHaveLength(50);
  await poisoned.say('new', 7);
  expect(looker.look()).toEqual(['new 7']);
  expect(looker.last?.standing.state).toBe('read');
});

test('a conversation bears the time that it tells, but never one before the look that did not see it yet', async () => {
  const cursor = await SteeredCursor.start();
  const looker = new Looker(cursor.path);
  await cursor.say('old', 1, 1_000);
  looker.look();
  expect(looker.last?.observations.map(({ atMs }) => atMs)).toEqual([1_000]);
  const firstMs = (JSON.parse(looker.state!) as CursorState).known!.sight.atMs;
  await cursor.say('old', 2, 1_000);
  await cursor.say('told', 3, firstMs + 5_000);
  looker.look(60_000);
  const [old, told] = looker.last!.observations;
  expect(old!.atMs).toBeGreaterThanOrEqual(firstMs);
  expect(told!.atMs).toBe(firstMs + 5_000);
});

test('a look that finds no database forgets what was known, and one of that name that comes is seen from its beginning', async () => {
  const cursor = await SteeredCursor.start();
  const looker = new Looker(join(cursor.path, '..', 'other.vscdb'));
  expect(looker.look()).toEqual([]);
  expect(looker.last).toMatchObject({ state: undefined, standing: { state: 'read' } });
  await cursor.say('a', 1);
  await cursor.run(`vacuum into '${cursor.path.replace('state', 'other')}'`);
  expect(looker.look()).toEqual(['a 1']);
});
