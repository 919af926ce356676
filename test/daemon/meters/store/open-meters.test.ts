import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { loadSqlite } from '../../../../src/daemon/disk/quiet-sqlite.ts';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import { isDamage, metersFailure, openMeters } from '../../../../src/daemon/meters/store/open-meters.ts';
import type { Bilingual } from '../../../../src/protocol/language.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { needs } from '../../../support/needs.ts';
import { execFileSync } from '../../../support/programs.ts';
import { randomOf } from '../../../support/random.ts';
import { MEMORY } from '../../../support/scratch.ts';
import { count, metersIn, part, SETTINGS, storeAt } from './meters-at.ts';

const PAGE_BYTES = 4_096;
const MANY = 500;

const many = (name: string, from = 0) =>
  part(
    name,
    Array.from({ length: MANY }, (_, at) =>
      count(`k${from + at}`, 1, { conversation: `c${at}`, atMs: (from + at) * 1e6 }),
    ),
  );

/** A database with cells over many pages, closed. */
function filled(): string {
  const path = metersIn(temporaryFolder(MEMORY));
  const store = storeAt(path);
  store.commit({ parts: [many('/a')] }, 0);
  store.close();
  return path;
}

/** The store, and what was told when one was set aside. */
function opened(path: string, after?: unknown): { readonly store: MeterStore; readonly told: readonly Bilingual[] } {
  const told: Bilingual[] = [];
  const store = openMeters({ path, settings: SETTINGS, now: () => 0, onSetAside: (text) => told.push(text), after });
  onTestFinished(() => store.close());
  return { store, told };
}

/** Opens it, uses all of it, and opens it again after damage, as its owner does. */
function used(path: string): { readonly total: number; readonly told: readonly Bilingual[] } {
  let { store, told } = opened(path);
  for (;;) {
    try {
      store.commit({ parts: [many('/b', MANY)], withdrawn: ['/none'] }, 0);
      const [{ tokens } = { tokens: { all: 0 } }] = store.stats({ by: [] });
      store.stats({ by: ['conversation', 'model', 'project'] });
      store.files();
      store.meters(0);
      store.commit({ parts: [], withdrawn: ['/a'] }, 0);
      store.close();
      return { total: tokens.all, told };
    } catch (error) {
      if (!isDamage(error)) throw error;
      store.close();
      ({ store, told } = opened(path, error));
    }
  }
}

function run(path: string, sql: string): void {
  const { DatabaseSync } = loadSqlite();
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

function inPlace(path: string, make: (path: string) => void): void {
  rmSync(path);
  make(path);
}

const asideIn = (path: string) =>
  readdirSync(dirname(path)).filter((name) => /^meters\.damaged-\d{17}(-\d+)?\.db$/.test(name));

describe('a database that is of no use', () => {
  test.each<[string, (path: string) => void]>([
    ['is cut in the middle', (path) => truncateSync(path, 5 * PAGE_BYTES)],
    ['is cut within a page', (path) => truncateSync(path, 10 * PAGE_BYTES + 100)],
    ['is a text file', (path) => writeFileSync(path, 'my notes\n'.repeat(1_000))],
    ['is a folder', (path) => inPlace(path, (at) => mkdirSync(join(at, 'a'), { recursive: true }))],
    [
      'is one of another program',
      (path) => inPlace(path, (at) => run(at, 'create table a (b); pragma user_version = 1')),
    ],
    ['lacks its first row', (path) => run(path, 'delete from life')],
    ['lacks a table', (path) => run(path, 'drop table cell')],
  ])('a database that %s is set aside as it is, which is told in both languages, and another begun', (_, damage) => {
    const path = filled();
    damage(path);
    const bytes = statSync(path).isFile() ? readFileSync(path) : undefined;
    const { total, told } = used(path);
    expect(total).toBe(MANY);
    const [aside] = asideIn(path);
    if (bytes) expect(readFileSync(join(dirname(path), aside!)).length).toBeGreaterThanOrEqual(bytes.length);
    expect(told).toEqual([
      { en: expect.stringContaining('meters.damaged-'), zh: expect.stringContaining('meters.damaged-') },
    ]);
    expect(used(path).told).toEqual([]);
  });

  test('whichever page is overwritten, the store goes on, by itself or by an empty one', () => {
    const random = randomOf(3);
    const bytes = readFileSync(filled());
    let told = 0;
    for (let page = 0; page < bytes.length / PAGE_BYTES; page++) {
      const path = metersIn(temporaryFolder(MEMORY));
      const damaged = Buffer.from(bytes);
      for (let at = page * PAGE_BYTES; at < (page + 1) * PAGE_BYTES; at++) damaged[at] = Math.floor(random() * 256);
      writeFileSync(path, damaged);
      told += used(path).told.length;
    }
    expect(told).toBeGreaterThan(bytes.length / PAGE_BYTES / 3);
  });

  test('a file that is removed or exchanged under the store takes nothing more in, and another is begun', () => {
    const path = filled();
    const { store } = opened(path);
    rmSync(path);
    const commit = () => store.commit({ parts: [many('/c')] }, 0);
    expect(commit).toThrow('removed or exchanged');
    writeFileSync(path, '');
    expect(commit).toThrow('removed or exchanged');
    expect(used(path).total).toBe(MANY);
  });
});

describe('a database that is refused', () => {
  test('one of a later form stays as it is, for it is of use to a newer version', () => {
    const path = filled();
    run(path, 'pragma user_version = 1000');
    const bytes = readFileSync(path);
    expect(() => opened(path)).toThrow(
      expect.objectContaining({
        kind: 'storage_failed',
        text: { en: expect.stringContaining('newer version'), zh: expect.stringContaining('更新版本') },
        hint: { en: 'update token-sync', zh: '请更新 token-sync' },
      }),
    );
    expect(readFileSync(path)).toEqual(bytes);
    expect(asideIn(path)).toEqual([]);
  });

  test('one whose log cannot be opened, of which nobody knows why, stays as it is', () => {
    const path = filled();
    const bytes = readFileSync(path);
    mkdirSync(`${path}-wal`);
    expect(() => opened(path)).toThrow(expect.objectContaining({ kind: 'storage_failed' }));
    rmdirSync(`${path}-wal`);
    expect(readFileSync(path)).toEqual(bytes);
    expect(used(path)).toEqual({ total: 2 * MANY, told: [] });
  });

  test('one that another program keeps locked is refused at a start and at a commit, and takes the same batch in afterwards', () => {
    const path = filled();
    const { store } = opened(path);
    const { DatabaseSync } = loadSqlite();
    const tool = new DatabaseSync(path);
    tool.exec('begin immediate');
    const batch = { parts: [many('/b', MANY)] };
    const refusal = (() => {
      try {
        return store.commit(batch, 0);
      } catch (error) {
        return metersFailure(error);
      }
    })();
    expect(refusal).toMatchObject({
      kind: 'busy',
      text: { en: expect.stringContaining('locked'), zh: expect.stringContaining('锁定') },
    });
    expect(() => opened(path)).toThrow(expect.objectContaining({ kind: 'busy' }));
    tool.exec('rollback');
    tool.close();
    store.commit(batch, 0);
    expect(store.stats({ by: [] })).toMatchObject([{ calls: 2 * MANY }]);
    expect(asideIn(path)).toEqual([]);
  });

  test('a disk that is full refuses a batch whole, and takes it in when there is room', ({ skip }) => {
    needs('mount', 'umount');
    const folder = temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    } catch {
      return skip('a file system can only be mounted by root, on Linux');
    }
    onTestFinished(() => void execFileSync('umount', ['-l', folder]));
    const path = metersIn(folder);
    const { store } = opened(path);
    store.commit({ parts: [part('/a', [count('a', 1)])] }, 0);
    const ballast = join(folder, 'ballast');
    writeFileSync(ballast, Buffer.alloc(700 * 1024));
    const batch = { parts: [many('/b'), many('/c', MANY), many('/d', 2 * MANY)] };
    const refusal = (() => {
      try {
        return store.commit(batch, 0);
      } catch (error) {
        return metersFailure(error);
      }
    })();
    expect(refusal).toMatchObject({
      kind: 'storage_failed',
      text: { en: expect.stringContaining('the disk is full'), zh: expect.stringContaining('磁盘已满') },
    });
    expect(store.files().map((file) => file.path)).toEqual(['/a']);
    expect(store.stats({ by: [] })).toMatchObject([{ calls: 1 }]);

    rmSync(ballast);
    store.commit(batch, 0);
    expect(store.stats({ by: [] })).toMatchObject([{ calls: 1 + 3 * MANY }]);
    store.close();
    expect(opened(path).store.stats({ by: [] })).toMatchObject([{ calls: 1 + 3 * MANY }]);
  });

  test.each<[string, object, RegExp, RegExp]>([
    ['permission', { code: 'EACCES', syscall: 'open' }, /cannot be written/, /不可写/],
    ['a read-only file', { code: 'ERR_SQLITE_ERROR', errcode: 8 }, /cannot be written/, /不可写/],
    ['the device', { code: 'ERR_SQLITE_ERROR', errcode: 778 }, /could not be read or written/, /失败/],
    ['a damaged page', { code: 'ERR_SQLITE_ERROR', errcode: 11 }, /is damaged/, /已损坏/],
    ['a page that its file does not reach to', { code: 'ERR_SQLITE_ERROR', errcode: 522 }, /is damaged/, /已损坏/],
  ])('a failure of %s is told with what to do, in both languages', (_, error, en, zh) => {
    const told = metersFailure(Object.assign(new Error('it is tried'), error));
    expect(told).toMatchObject({
      text: { en: expect.stringMatching(en), zh: expect.stringMatching(zh) },
      hint: { en: expect.any(String), zh: expect.any(String) },
    });
  });

  test('a bug is told as what it is', () => {
    const bug = new TypeError('x is not a function');
    expect(metersFailure(bug)).toBe(bug);
    expect(isDamage(bug)).toBe(false);
  });
});
