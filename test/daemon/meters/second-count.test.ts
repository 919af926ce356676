import { rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeClaudeHome } from '../../../bench/meters/claude-home.ts';
import { makeCodexHome, makeToldCodexHome } from '../../../bench/meters/codex-home.ts';
import { CursorDatabase, makeCursorHome } from '../../../bench/meters/cursor-database.ts';
import { startCursorWriter } from '../../../bench/meters/cursor-live.ts';
import type { Home } from '../../../bench/meters/home.ts';
import type { GroupBy } from '../../../bench/meters/truth.ts';
import { loadSqlite } from '../../../src/daemon/disk/quiet-sqlite.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { randomOf } from '../../support/random.ts';
import { SecondCount } from './second-count.ts';

const GROUPS: readonly GroupBy[] = ['meter', 'model', 'project', 'hour', 'conversation'];
const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);

describe.each([
  ['Claude Code', makeClaudeHome],
  ['Codex', makeCodexHome],
])('what a generated home of %s is known to hold', (_tool, make) => {
  test('a second count finds the same sums, gauges and windows at every stage, over twelve seeds', () => {
    const folder = temporaryFolder();
    for (const seed of SEEDS) {
      const root = `${folder}/${seed}`;
      const home = make(root, seed);
      const count = new SecondCount();
      expectAgreement(home, count, `seed ${seed}`);
      for (const stage of home.stages) {
        stage.apply();
        expectAgreement(home, count, `seed ${seed}, ${stage.name}`);
      }
      rmSync(root, { recursive: true });
    }
  });

  test('a second count finds the same in twenty orders of files', () => {
    const folder = temporaryFolder();
    for (let order = 0; order < 20; order += 1) {
      const home = make(`${folder}/${order}`, order % 5);
      const random = randomOf(order);
      expectAgreement(home, new SecondCount((files) => files.sort(() => random() - 0.5)), `order ${order}`);
    }
  });
});

describe('the bounds for a reader that keeps the place that it saw first', () => {
  test('each group lies between them, some with room, and they meet where nothing is copied', () => {
    const { truth } = makeCodexHome(temporaryFolder(), 3);
    const { sure, possible } = truth.bounds('conversation');
    const outputs = [...truth.by('conversation')].map(([key, { output }]) => [
      sure.get(key)?.output ?? 0,
      output,
      possible.get(key)!.output,
    ]);
    expect(outputs.filter(([least, exact, most]) => least! > exact! || exact! > most!)).toEqual([]);
    expect(outputs.some(([least, , most]) => least! < most!)).toBe(true);
    expect(truth.bounds('meter').sure).toEqual(truth.by('meter'));
    expect(truth.bounds('meter').possible).toEqual(truth.by('meter'));
  });
});

describe('what a generated database of Cursor is known to hold', () => {
  test.each([1, 30, 500, 100_000])('a second count finds the same contexts in the newest %d rows', (newest) => {
    for (const seed of SEEDS.slice(0, 10)) {
      const database = makeCursorHome(temporaryFolder(), seed);
      const count = new SecondCount();
      count.readCursor(database.path, newest);
      expect(count.gauges, `seed ${seed}`).toEqual(database.truth(newest).gauges);
      database.close();
    }
  });

  test('the row after a removed newest one takes its rowid, so that the highest rowid alone does not tell of it', () => {
    const database = new CursorDatabase(`${temporaryFolder()}/state.vscdb`, 1);
    const highest = () => {
      const reader = new (loadSqlite().DatabaseSync)(database.path, { readOnly: true });
      const row = reader.prepare('SELECT max(rowid) AS rowid FROM cursorDiskKV').get();
      reader.close();
      return row?.rowid;
    };
    database.write('one', 1);
    database.write('other', 2);
    const before = highest();
    database.remove('other');
    database.write('next', 3, 0);
    expect(highest()).toBe(before);
    const count = new SecondCount();
    count.readCursor(database.path);
    expect(count.gauges).toEqual(database.truth().gauges);
    expect([...count.gauges.keys()].sort()).toEqual(['cursor.context next', 'cursor.context one']);
    database.close();
  });

  test('a live writer tells each commit once it can be read, and whether it was refused any', async () => {
    const path = `${temporaryFolder()}/state.vscdb`;
    const seen: number[] = [];
    const order = { path, seed: 1, commitsPerSecond: 100, commits: 40, conversations: 5 };
    const writer = startCursorWriter(order, ({ conversation }) => {
      const count = new SecondCount();
      count.readCursor(path);
      seen.push(count.gauges.get(`cursor.context ${conversation}`)?.used ?? 0);
    });
    const summary = await writer.ended;
    expect(summary).toEqual({ commits: 40, refusedCommits: 0, checkpoints: 4, refusedCheckpoints: expect.any(Number) });
    expect(seen).toHaveLength(40);
    expect(seen.at(-1)).toBe(writer.commits.at(-1)?.gauge?.used);
  });
});

describe('the small truths', () => {
  test.each([
    [
      [
        [1100, 1100, 1100],
        [1100, 1100, 0],
        [2200, 3300, 2200],
        [2200, 3300, 0],
      ],
      3300,
    ],
    [
      [
        [100, 100, 100],
        [200, 200, 200],
        [100, 100, 0],
        [50, 250, 50],
        [30, 130, 30],
      ],
      380,
    ],
    [
      [
        [15, 15, 15],
        [150, 22, 7],
      ],
      22,
    ],
  ])('counts %j make %d', (told, sum) => {
    const home = makeToldCodexHome(temporaryFolder(), told as [number, number, number][]);
    const count = new SecondCount();
    expectAgreement(home, count, 'told');
    expect(count.by('meter').get('["codex"]')?.output).toBe(sum);
  });
});

function expectAgreement(home: Home, count: SecondCount, at: string): void {
  count.readHome(home.root);
  for (const group of GROUPS) expect(count.by(group), `${at}, by ${group}`).toEqual(home.truth.by(group));
  expect(count.gauges, at).toEqual(home.truth.gauges);
  expect(count.windows, at).toEqual(home.truth.windows);
}
