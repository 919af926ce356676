import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connect } from '../../../../src/daemon/disk/database-file.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { Looker, listing, SteeredCursor } from './steered-cursor.ts';

/** How a folder stands, with the conversation `a` at 7 in it. */
const FOLDERS: readonly (readonly [string, readonly string[], () => Promise<SteeredCursor>])[] = [
  ['a Cursor that works', ['a 7'], () => withOne('wal')],
  [
    'a Cursor whose log was just emptied',
    ['a 7'],
    async () => {
      const cursor = await withOne('wal');
      await cursor.run('pragma wal_checkpoint(truncate)');
      return cursor;
    },
  ],
  [
    'a Cursor that has ended',
    ['a 7'],
    async () => {
      const cursor = await withOne('wal');
      await cursor.end();
      return cursor;
    },
  ],
  [
    'a Cursor that has ended and left an empty log',
    ['a 7'],
    async () => {
      const cursor = await withOne('wal');
      await cursor.end();
      writeFileSync(`${cursor.path}-wal`, '');
      return cursor;
    },
  ],
  [
    'a Cursor that was killed',
    ['a 7'],
    async () => {
      const cursor = await withOne('wal');
      await cursor.kill();
      return cursor;
    },
  ],
  [
    'a log without the memory of its readers',
    [],
    async () => {
      const cursor = await withOne('wal');
      await cursor.kill();
      rmSync(`${cursor.path}-shm`);
      return cursor;
    },
  ],
  ['a database with a journal', ['a 7'], () => withOne('delete')],
  ['a database that keeps its journal', ['a 7'], () => withOne('persist')],
  [
    'a write that is under way',
    [],
    async () => {
      const cursor = await withOne('delete');
      await cursor.run('pragma cache_size = 1; begin immediate; insert into ItemTable values (1, zeroblob(100000))');
      return cursor;
    },
  ],
  [
    'a database that was cut',
    [],
    async () => {
      const cursor = await withOne('wal');
      await cursor.end();
      truncateSync(cursor.path, 5_000);
      return cursor;
    },
  ],
];

async function withOne(journal: 'wal' | 'delete' | 'persist'): Promise<SteeredCursor> {
  const cursor = await SteeredCursor.start(journal);
  await cursor.say('a', 7);
  return cursor;
}

describe('a look leaves no file behind and changes none', () => {
  test.each(FOLDERS)('%s: told is %j', async (_, told, make) => {
    const { path } = await make();
    const before = listing(dirname(path));
    const looker = new Looker(path);
    expect(looker.look()).toEqual(told);
    for (let count = 0; count < 20; count += 1) looker.look();
    expect(listing(dirname(path))).toEqual(before);
  });

  test('a plain open to read is seen to leave files where Cursor has ended', async () => {
    const cursor = await withOne('wal');
    await cursor.end();
    const before = listing(dirname(cursor.path));
    const database = connect(cursor.path, true);
    database.prepare('select count(*) from cursorDiskKV').get();
    database.close();
    expect(listing(dirname(cursor.path)).length).toBe(before.length + 2);
  });
});

describe('the database can be moved about under us', () => {
  test('renamed, deleted and replaced it is given up at once, and what comes in its place is read', async () => {
    const cursor = await withOne('wal');
    const looker = new Looker(cursor.path);
    expect(looker.look()).toEqual(['a 7']);
    await cursor.end();
    renameSync(cursor.path, `${cursor.path}.old`);
    expect(looker.look()).toEqual([]);
    expect(looker.state).toBeUndefined();
    renameSync(`${cursor.path}.old`, cursor.path);
    expect(looker.look()).toEqual(['a 7']);

    const other = await SteeredCursor.start('wal', join(temporaryFolder(), 'state.vscdb'));
    for (const name of ['x', 'y']) await other.say(name, 1);
    await other.end();
    copyFileSync(other.path, `${cursor.path}.new`);
    renameSync(`${cursor.path}.new`, cursor.path);
    expect(looker.look()).toEqual(['x 1', 'y 1']);
    rmSync(cursor.path);
    expect(looker.look()).toEqual([]);
    rmSync(dirname(cursor.path), { recursive: true });
    expect(looker.look()).toEqual([]);
    expect(looker.last?.standing).toEqual({ tool: 'cursor', state: 'read' });
  });

  test('Cursor may rename its folder while we look at it, and goes on writing', async () => {
    const folder = join(temporaryFolder(), 'storage');
    const cursor = await SteeredCursor.start('wal', join(folder, 'state.vscdb'));
    await cursor.say('a', 1);
    const looker = new Looker(cursor.path);
    expect(looker.look()).toEqual(['a 1']);
    renameSync(folder, `${folder}.old`);
    expect(looker.look()).toEqual([]);
    await cursor.say('a', 2);
    renameSync(`${folder}.old`, folder);
    expect(looker.look()).toEqual(['a 2']);
  });
});

/** What is wrong, whether it may pass by itself, and what makes it right again. */
const FAULTS: readonly (readonly [
  string,
  boolean,
  RegExp,
  (cursor: SteeredCursor) => Promise<void>,
  (cursor: SteeredCursor) => Promise<void>,
])[] = [
  [
    'without its table',
    false,
    /no such table: cursorDiskKV/,
    (cursor) => sql(cursor, 'alter table cursorDiskKV rename to other'),
    (cursor) => sql(cursor, 'alter table other rename to cursorDiskKV'),
  ],
  ...['key', 'value'].map(
    (column) =>
      [
        `without its column ${column}`,
        false,
        new RegExp(`no such column: ${column}`),
        (cursor: SteeredCursor) => sql(cursor, `alter table cursorDiskKV rename ${column} to other`),
        (cursor: SteeredCursor) => sql(cursor, `alter table cursorDiskKV rename other to ${column}`),
      ] as const,
  ),
  [
    'without numbers of rows',
    false,
    /no such column: rowid/,
    (cursor) =>
      sql(
        cursor,
        'alter table cursorDiskKV rename to kept; create table cursorDiskKV (key text primary key, value) without rowid',
      ),
    (cursor) => sql(cursor, 'drop table cursorDiskKV; alter table kept rename to cursorDiskKV'),
  ],
  [
    'with a log whose shared memory is gone',
    true,
    /state\.vscdb-shm/,
    async ({ path }) => renameSync(`${path}-shm`, `${path}-away`),
    async ({ path }) => renameSync(`${path}-away`, `${path}-shm`),
  ],
  [
    'with something else in the place of the log',
    true,
    /SQLite 14|EISDIR|SQLite/,
    async ({ path }) => {
      renameSync(`${path}-wal`, `${path}-away`);
      mkdirSync(`${path}-wal`);
    },
    async ({ path }) => {
      rmSync(`${path}-wal`, { recursive: true });
      renameSync(`${path}-away`, `${path}-wal`);
    },
  ],
];

async function sql(cursor: SteeredCursor, text: string): Promise<void> {
  await cursor.run(text);
}

test('a link to the database is read where the database lies, with what is in its log alone', async () => {
  const cursor = await withOne('wal');
  const link = join(temporaryFolder(), 'state.vscdb');
  symlinkSync(cursor.path, link);
  const looker = new Looker(link);
  expect(looker.look()).toEqual(['a 7']);
  await cursor.say('a', 8);
  expect(looker.look()).toEqual(['a 8']);
});

describe('a database that cannot be read', () => {
  test.each(FAULTS)('%s is degraded, keeps what was known, and recovers', async (_, isPassing, reason, harm, mend) => {
    const cursor = await withOne('wal');
    const looker = new Looker(cursor.path);
    expect(looker.look()).toEqual(['a 7']);
    await harm(cursor);
    expect(looker.look()).toEqual([]);
    if (isPassing) {
      expect(looker.last?.standing.state).toBe('read');
      expect(looker.last?.againMs).toBeGreaterThan(0);
      looker.look(9_000);
      expect(looker.last?.standing.state).toBe('read');
      looker.look(1_000);
    }
    const { standing, againMs } = looker.last!;
    expect(standing).toMatchObject({ state: 'degraded', sinceMs: expect.any(Number) });
    expect(againMs).toBeUndefined();
    for (const text of [standing.reason!.zh, standing.reason!.en]) {
      expect(text).toContain(cursor.path);
      expect(text).toMatch(reason);
    }
    expect(standing.hint?.zh && standing.hint.en).toBeTruthy();
    await mend(cursor);
    expect(looker.look()).toEqual([]);
    expect(looker.last?.standing).toEqual({ tool: 'cursor', state: 'read' });
    await cursor.say('a', 8);
    expect(looker.look()).toEqual(['a 8']);
  });

  test('one that a write keeps locked is degraded after ten seconds, and read once the write is over', async () => {
    const cursor = await withOne('delete');
    const looker = new Looker(cursor.path);
    looker.look();
    await cursor.run(`pragma cache_size = 1; begin immediate; insert into ItemTable values (1, zeroblob(100000));
      insert into cursorDiskKV values ('composerData:b', '{"contextTokensUsed":8}')`);
    looker.look();
    expect(looker.last?.standing.state).toBe('read');
    looker.look(10_000);
    expect(looker.last?.standing).toMatchObject({
      state: 'degraded',
      reason: { en: expect.stringContaining('locked') },
    });
    await cursor.run('commit');
    expect(looker.look()).toEqual(['b 8']);
    expect(looker.last?.standing.state).toBe('read');
  });

  test('one that we may not read says so', async () => {
    const cursor = await withOne('wal');
    await cursor.end();
    chmodSync(cursor.path, 0o000);
    const looker = new Looker(cursor.path);
    asNobody(dirname(cursor.path), () => {
      looker.look();
      looker.look(10_000);
    });
    expect(looker.last?.standing.reason?.en).toContain('EACCES');
  });

  test('one that is seen over WSL is not opened, and says where to run a daemon', async () => {
    const cursor = await withOne('wal');
    const looker = new Looker(cursor.path, true);
    expect(looker.look()).toEqual([]);
    expect(looker.last?.standing).toMatchObject({
      state: 'degraded',
      hint: { en: expect.stringContaining('inside WSL') },
    });
  });

  test('what is no database, a folder or a pipe in its place is degraded and harms nothing', async () => {
    const path = join(temporaryFolder(), 'state.vscdb');
    writeFileSync(path, 'x'.repeat(5_000));
    const looker = new Looker(path);
    looker.look();
    looker.look(10_000);
    expect(looker.last?.standing.state).toBe('degraded');
    rmSync(path);
    mkdirSync(path);
    looker.look();
    expect(looker.last?.standing.state).toBe('degraded');
    expect(existsSync(`${path}-wal`)).toBe(false);
  });
});

describe('conversations that are not understood', () => {
  test('nineteen in a row are nothing, the twentieth is degraded, and one with figures makes it good', async () => {
    const cursor = await withOne('wal');
    const looker = new Looker(cursor.path);
    looker.look();
    for (let count = 1; count <= 20; count += 1) {
      expect(looker.last?.standing.state).toBe('read');
      await cursor.note(`composerData:odd${count}`, '{"contextTokensUsed":"many"}');
      // Those that rightly tell nothing neither count nor make it good.
      await cursor.note(`composerData:empty${count}`, '{}');
      expect(looker.look()).toEqual([]);
    }
    expect(looker.last?.standing).toMatchObject({ state: 'degraded', reason: { zh: expect.stringContaining('20') } });
    const { sinceMs } = looker.last!.standing;
    await cursor.note('composerData:odd21', '[]');
    looker.look(5_000);
    expect(looker.last?.standing).toMatchObject({ state: 'degraded', sinceMs });
    await cursor.say('a', 9);
    expect(looker.look()).toEqual(['a 9']);
    expect(looker.last?.standing.state).toBe('read');
  });
});

/** Root may read everything. */
function asNobody(folder: string, work: () => void): void {
  if (process.getuid?.() !== 0) {
    work();
    return;
  }
  for (let path = folder; path !== tmpdir() && path !== dirname(path); path = dirname(path)) chmodSync(path, 0o755);
  process.seteuid!(65_534);
  try {
    work();
  } finally {
    process.seteuid!(0);
  }
}
