import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Session } from '../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { execFileSync, spawn } from '../support/programs.ts';
import { until } from '../support/until.ts';

/** Writes files and tells their inodes; anew where others have just given back a lower one, out of order. */
function madeInOrder(names: readonly string[], daemon: TestDaemon): [name: string, inode: number][] {
  for (;;) {
    const made = names.map((name, index): [string, number] => {
      const path = daemon.path(`drop/${name}`);
      writeFileSync(path, `${1_000 * (index + 1)} ${name}\n`);
      return [name, statSync(path).ino];
    });
    if (made.every(([, inode], index) => index === 0 || inode > made[index - 1]![1])) return made;
    for (const name of names) rmSync(daemon.path(`drop/${name}`));
  }
}

/** Writes under another name and renames, as careful programs do. */
function drop(daemon: TestDaemon, name: string, text: string | Buffer): void {
  writeFileSync(daemon.path(`drop/.${name}.tmp`), text);
  renameSync(daemon.path(`drop/.${name}.tmp`), daemon.path(`drop/${name}`));
}

/** Runs a line of shell in the drop folder, as a person does. */
function shell(daemon: TestDaemon, line: string): void {
  execFileSync('sh', ['-c', line], { cwd: daemon.path('drop') });
}

async function events(daemon: TestDaemon): Promise<string[]> {
  return (await history(daemon)).map(({ event = '' }) => event);
}

/** Everything recorded, oldest first. */
async function history(daemon: TestDaemon): Promise<Session[]> {
  const all: Session[] = [];
  for (let before: string | undefined; ; ) {
    const page = await daemon.rpc('usage.history', { limit: 1_000, ...(before !== undefined && { before }) });
    all.push(...page.sessions);
    if (page.next === undefined) return all.reverse();
    before = page.next;
  }
}

async function warningOf(daemon: TestDaemon, code: string): Promise<{ zh: string; en: string } | undefined> {
  return (await daemon.rpc('daemon.info')).warnings.find((warning) => warning.code === code);
}

function left(daemon: TestDaemon): string[] {
  return readdirSync(daemon.path('drop')).filter((name) => name !== 'rejected');
}

async function isUsed(daemon: TestDaemon, used: number, timeoutMs?: number): Promise<void> {
  await until(async () => (await daemon.rpc('usage.get')).used === used, `${used} are used`, timeoutMs);
}

async function isEmpty(daemon: TestDaemon): Promise<void> {
  await until(() => left(daemon).length === 0, 'the drop folder is empty');
}

describe('the clipboard trigger', () => {
  test.each([
    ['clipboard', ''],
    ['clipboard', '350000\n'],
    ['CLIPBOARD', ''],
    ['clipboard.txt', ''],
    ['Clipboard.TXT', '\ufeff\r\n'],
  ])('a file named %j that holds %j triggers the clipboard', async (name, text) => {
    const daemon = await startDaemon({ env: { DISPLAY: '', WAYLAND_DISPLAY: '' } });
    drop(daemon, name, text);
    await until(() => existsSync(daemon.path(`drop/rejected/${name}`)), 'the trigger is rejected');
    expect(await warningOf(daemon, 'clipboard_unavailable')).toBeDefined();
    expect(await daemon.rpc('usage.get')).toMatchObject({ revision: 0 });
  });

  test.each(['CLIPBOARD', 'clipboard.txt'])(
    'a file named %s that holds a value is recorded, and triggers nothing',
    async (name) => {
      const daemon = await startDaemon({ env: { DISPLAY: '', WAYLAND_DISPLAY: '' } });
      drop(daemon, name, '350000 typed\n');
      await isEmpty(daemon);
      expect(await daemon.rpc('usage.get')).toMatchObject({ used: 350_000 });
    },
  );
});

describe('a dropped file', () => {
  test('a dropped file is recorded whichever way it is written, pushed as a reading, and removed', async () => {
    const daemon = await startDaemon();
    const socket = await daemon.connect();
    await socket.call('usage.subscribe');
    const steps: [line: string, used: number, event: string][] = [
      ['echo 350000 > token.txt', 350_000, ''],
      ["echo '360000 完成架构设计' > .x.tmp && mv .x.tmp 'a b.txt'", 360_000, '完成架构设计'],
      ["printf '370,000 tokens used' > token.txt", 370_000, ''],
      [`echo '{"tokens": 5000, "sync_type": "auto", "event": "一"}' > reading.json`, 375_000, '一'],
      ["printf '(38万)' > x.part && mv x.part '令牌 🔄'", 380_000, ''],
    ];
    for (const [line, used, event] of steps) {
      shell(daemon, line);
      expect(await socket.next('usage.changed')).toMatchObject({
        cause: 'reading',
        usage: { used },
        session: { event },
      });
    }
    await isEmpty(daemon);
    expect(existsSync(daemon.path('drop/rejected'))).toBe(false);
  });

  test('a dropped file of several readings is recorded in their order', async () => {
    const daemon = await startDaemon();
    drop(daemon, 'lines', '1000 a\n2000 b\n3000 c\n');
    drop(daemon, 'array', '[{"tokens": 4000, "event": "d"}, {"tokens": 5000, "event": "e"}]');
    drop(daemon, 'jsonl', '{"tokens": 6000, "event": "f"}\n{"tokens": 7000, "event": "g"}\n');
    await isUsed(daemon, 7_000);
    expect(await events(daemon)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  test('dropped files that lay there before the start are taken in order of time', async () => {
    const daemon = await startDaemon();
    await daemon.stop();
    for (const [name, ageS] of [
      ['b', 30],
      ['a', 20],
      ['c', 40],
    ] as const) {
      writeFileSync(daemon.path(`drop/${name}`), `${1_000 * (50 - ageS)} ${name}`);
      const at = Date.now() / 1_000 - ageS;
      utimesSync(daemon.path(`drop/${name}`), at, at);
    }
    const next = await startDaemon({ folder: daemon.folder });
    await isUsed(next, 30_000);
    expect(await events(next)).toEqual(['c', 'b', 'a']);
  });

  test.each([
    ['lay there before the start', (name: string) => name],
    ['was taken by a daemon that was killed', (name: string, inode: number) => `.taking.${inode.toString(36)}.${name}`],
  ])('dropped files of one instant that %s are taken in the order of their making', async (_, nameOf) => {
    const daemon = await startDaemon();
    await daemon.kill();
    const names = ['lines', 'array', 'jsonl', 'b', 'a', 'c'];
    const at = Date.now() / 1_000 - 5;
    for (const [name, inode] of madeInOrder(names, daemon)) {
      renameSync(daemon.path(`drop/${name}`), daemon.path(`drop/${nameOf(name, inode)}`));
    }
    for (const name of readdirSync(daemon.path('drop'))) utimesSync(daemon.path(`drop/${name}`), at, at);
    const next = await startDaemon({ folder: daemon.folder });
    await isUsed(next, 6_000);
    expect(await events(next)).toEqual(names);
  });

  test('a dropped file that waited for the daemon since yesterday counts for yesterday', async () => {
    const daemon = await startDaemon();
    await daemon.stop();
    writeFileSync(daemon.path('drop/late'), '5000\n');
    const yesterday = new Date(Date.now() - 86_400_000);
    utimesSync(daemon.path('drop/late'), yesterday, yesterday);
    const next = await startDaemon({ folder: daemon.folder });
    await isUsed(next, 5_000);
    const { buckets } = await next.rpc('usage.stats', { bucket: 'hour' });
    expect(Date.parse(buckets[0]!.start)).toBeLessThan(Date.now() - 20 * 3_600_000);
  });

  test('a dropped file is left alone while its name says that it is being written', async () => {
    const daemon = await startDaemon();
    for (const name of ['.hidden', 'x.tmp', 'x.crdownload', 'x~'])
      writeFileSync(daemon.path(`drop/${name}`), '99999\n');
    mkdirSync(daemon.path('drop/folder'));
    drop(daemon, 'marker', '1000\n');
    await isUsed(daemon, 1_000);
    expect(
      left(daemon)
        .filter((name) => !name.startsWith('.taking'))
        .toSorted(),
    ).toEqual(['.hidden', 'folder', 'x.crdownload', 'x.tmp', 'x~']);
  });

  describe.skipIf(process.platform !== 'linux')('whose name is no UTF-8', () => {
    const bytesOf = (hex: string) => Buffer.from(hex, 'hex');
    const pathOf = (daemon: TestDaemon, name: Buffer) => Buffer.concat([Buffer.from(daemon.path('drop/')), name]);
    /** 架构.txt in GBK, and two names of one letter each that no reader of UTF-8 can tell apart. */
    const GBK = bytesOf('bcdcb9b92e747874');
    const LATIN = [bytesOf('e92e747874'), bytesOf('e82e747874')];

    test('a dropped file whose name is no UTF-8 is recorded once and removed, also where several read alike', async () => {
      const daemon = await startDaemon();
      for (const [at, name] of [GBK, ...LATIN].entries()) {
        writeFileSync(pathOf(daemon, name), `{"tokens": ${at + 1}, "sync_type": "auto"}\n`);
      }
      await isUsed(daemon, 6);
      await isEmpty(daemon);
    });

    test.each([
      ['made first', [0, 1]],
      ['made last', [1, 0]],
    ] as const)(
      'two files whose names read alike are recorded in the order of writing, the older one %s',
      async (_, order) => {
        const folder = freshFolder();
        mkdirSync(join(folder, 'drop'), { recursive: true });
        const begunS = Date.now() / 1_000 - 60;
        for (const at of order) {
          const path = Buffer.concat([Buffer.from(join(folder, 'drop/')), LATIN[at]!]);
          writeFileSync(path, `${at + 1}000\n`);
          utimesSync(path, begunS + at, begunS + at);
        }
        const daemon = await startDaemon({ folder });
        await isEmpty(daemon);
        expect(daemon.state().token_usage.sessions.map(({ total_used }) => total_used)).toEqual([2_000, 1_000]);
      },
    );

    test('a dropped file whose name is no UTF-8 is taken at the start, and kept under a name that can be read', async () => {
      const folder = freshFolder();
      mkdirSync(join(folder, 'drop'), { recursive: true });
      writeFileSync(Buffer.concat([Buffer.from(join(folder, 'drop/')), GBK]), 'hello\n');
      const daemon = await startDaemon({ folder });
      await until(() => existsSync(daemon.path('drop/rejected/架构.txt')), 'it is rejected');
      expect(daemon.read('drop/rejected/架构.txt.error.txt')).toMatch(/no token value/);
      await until(() => warningOf(daemon, 'drop_rejected'), 'the status tells of it');
    });
  });
});

describe('a half-written file', () => {
  test.each([
    ['by one open writer', '(printf 35; sleep .2; printf 00; sleep .2; printf 00) > token'],
    ['by one after the other', 'printf 35 > token; sleep .2; printf 00 >> token; sleep .2; printf 00 >> token'],
    ['with a line that looks ended', "(echo 100000 a; sleep .3; printf '350'; sleep .3; echo 000 b) > token"],
  ])('a half-written file is never taken, written %s', async (_, line) => {
    const daemon = await startDaemon();
    const writer = spawn('sh', ['-c', line], { cwd: daemon.path('drop') });
    await once(writer, 'exit');
    await isUsed(daemon, 350_000);
    await isEmpty(daemon);
    const values = (await history(daemon)).map(({ total_used }) => total_used);
    expect(values.filter((value) => value !== 100_000)).toEqual([350_000]);
  });

  test('a half-written file is not taken for minutes if need be, while others go on', async () => {
    const daemon = await startDaemon();
    const writer = spawn('sh', ['-c', 'exec > held; printf 35; read line; printf 0000'], {
      cwd: daemon.path('drop'),
    });
    await until(() => left(daemon).some((name) => name.startsWith('.taking')), 'the file is claimed');
    drop(daemon, 'other', '{"tokens": 7, "sync_type": "auto"}');
    await isUsed(daemon, 7);
    writer.stdin.write('\n');
    await isUsed(daemon, 350_000);
  });

  test.each([0, 5, 12, 20, 30, 45, 60])(
    'two writes to a dropped file %i ms apart leave the last one recorded',
    async (gapMs) => {
      const daemon = await startDaemon();
      for (let trial = 1; trial <= 5; trial++) {
        const path = daemon.path(`drop/token${trial}`);
        writeFileSync(path, `${trial * 1_000}\n`);
        await new Promise((resolve) => setTimeout(resolve, gapMs));
        writeFileSync(path, `${trial * 1_000 + 1}\n`);
      }
      await isUsed(daemon, 5_001);
      await isEmpty(daemon);
      const values = new Set((await history(daemon)).map(({ total_used }) => total_used));
      for (let trial = 1; trial <= 5; trial++) expect(values).toContain(trial * 1_000 + 1);
    },
  );
});

describe('nothing is lost or counted twice', () => {
  test('two thousand files dropped at once are each recorded once, in order of time', async () => {
    const daemon = await startDaemon();
    const writtenMs = new Map<string, number>();
    // Each whole at once: one that is seen half written is waited for, while others pass it.
    for (let number = 1; number <= 2_000; number++) {
      writeFileSync(daemon.path(`drop/.${number}`), `${number} n${number}\n`);
      renameSync(daemon.path(`drop/.${number}`), daemon.path(`drop/${number}`));
      writtenMs.set(`n${number}`, performance.now());
    }
    // A busy machine takes long for so many; how fast they are taken is for the bench to say.
    await isUsed(daemon, 2_000, 40_000);
    await isEmpty(daemon);
    const recorded = await events(daemon);
    expect(recorded.toSorted()).toEqual([...writtenMs.keys()].toSorted());
    // Of what was written in one tick of the clock, or while the folder was being read, nobody knows which came first.
    let latestMs = 0;
    for (const event of recorded) {
      expect(latestMs - writtenMs.get(event)!, event).toBeLessThan(100);
      latestMs = Math.max(latestMs, writtenMs.get(event)!);
    }
  });

  test('lines that others append all the time are each recorded once', async () => {
    const daemon = await startDaemon();
    const writers = Array.from({ length: 3 }, (_, writer) => {
      const line = `{\\"tokens\\": 1, \\"sync_type\\": \\"auto\\", \\"event\\": \\"${writer}-$n\\"}`;
      const script = `n=0; while [ $n -lt 150 ]; do n=$((n+1)); echo "${line}" >> lines.jsonl; done`;
      return once(spawn('sh', ['-c', script], { cwd: daemon.path('drop') }), 'exit');
    });
    await Promise.all(writers);
    await isUsed(daemon, 450);
    await isEmpty(daemon);
    expect(new Set(await events(daemon)).size).toBe(450);
    expect(await events(daemon)).toHaveLength(450);
  });

  test('a line that is appended through a file that was open before it was taken is recorded once', async () => {
    const daemon = await startDaemon();
    const writer = spawn('sh', ['-c', 'exec >> log; echo 1000 a; read line; echo 2000 b'], {
      cwd: daemon.path('drop'),
    });
    await until(() => left(daemon).some((name) => name.startsWith('.taking')), 'the file is claimed');
    writer.stdin.write('\n');
    await isUsed(daemon, 2_000);
    await isEmpty(daemon);
    expect(await events(daemon)).toEqual(['a', 'b']);
  });

  test('a dropped file is recorded once when the daemon is killed at any moment of the taking', async () => {
    let daemon = await startDaemon();
    const { folder } = daemon;
    let offered = 0;
    for (let round = 0; round < 12; round++) {
      const socket = await daemon.connect();
      await socket.call('usage.subscribe');
      const before = socket.told('usage.changed').length;
      for (let number = 0; number < 20; number++) {
        offered++;
        drop(daemon, `f${offered}`, `{"tokens": 1, "sync_type": "auto", "event": "e${offered}"}\n`);
      }
      // Sometimes before the first is recorded, sometimes after some are, sometimes while files are removed.
      if (round % 3 > 0)
        await until(() => socket.told('usage.changed').length >= before + (round % 3) * 6, 'some are recorded');
      await daemon.kill();
      daemon = await startDaemon({ folder });
    }
    await isEmpty(daemon);
    await isUsed(daemon, offered);
    expect((await events(daemon)).toSorted()).toEqual(
      Array.from({ length: offered }, (_, at) => `e${at + 1}`).toSorted(),
    );
  });

  test('a dropped file that comes back after its recording, as after a power cut, is not recorded again', async () => {
    const daemon = await startDaemon();
    const line = '{"tokens": 5, "sync_type": "auto", "event": "once"}\n';
    writeFileSync(daemon.path('drop/.kept'), line);
    linkSync(daemon.path('drop/.kept'), daemon.path('drop/reading'));
    await isUsed(daemon, 5);
    await isEmptyButKept(daemon);
    // The same file under the same name, and another that says the same.
    renameSync(daemon.path('drop/.kept'), daemon.path('drop/reading'));
    await isEmpty(daemon);
    expect((await daemon.rpc('usage.get')).used).toBe(5);
    drop(daemon, 'reading', line);
    await isUsed(daemon, 10);
  });

  test('a reading that names its id is recorded once, however often it is dropped', async () => {
    const daemon = await startDaemon();
    const line = '{"tokens": 5, "sync_type": "auto", "id": "mine"}\n';
    drop(daemon, 'a', line);
    await isEmpty(daemon);
    drop(daemon, 'b', line);
    await isEmpty(daemon);
    expect((await daemon.rpc('usage.get')).used).toBe(5);
  });
});

/** Nothing is left but what the test put there under a hidden name. */
async function isEmptyButKept(daemon: TestDaemon): Promise<void> {
  await until(() => left(daemon).join() === '.kept', 'the drop folder is empty');
}

describe('what cannot be recorded', () => {
  test('a rejected file keeps its bytes beside the reason in both languages, and nothing of it is recorded', async () => {
    const daemon = await startDaemon();
    const cases: [name: string, bytes: Buffer, zh: RegExp, en: RegExp][] = [
      ['words.txt', Buffer.from('hello\n'), /没有找到/, /no token value/],
      ['half.txt', Buffer.from('1000 good\nbetween 300000 and 350000\n'), /第 2 行/, /line 2/],
      ['令牌.json', Buffer.from('{"tokens": 5, "used": 7}'), /未知参数/, /unknown parameter/],
      ['bytes.bin', Buffer.from([0, 1, 2, 0xff, 0xfe, 0x80]), /不是文本/, /no text/],
      ['large.txt', Buffer.alloc(1024 * 1024 + 1, '1'), /1 MiB/, /1 MiB/],
      ['over.json', Buffer.from('{"tokens": 9007199254740993}'), /2\^53/, /2\^53/],
    ];
    for (const [name, bytes] of cases) drop(daemon, name, bytes);
    await isEmpty(daemon);
    for (const [name, bytes, zh, en] of cases) {
      expect(readFileSync(daemon.path(`drop/rejected/${name}`)).equals(bytes), name).toBe(true);
      const reason = daemon.read(`drop/rejected/${name}.error.txt`);
      expect(reason).toMatch(zh);
      expect(reason).toMatch(en);
    }
    expect((await daemon.rpc('usage.get')).sessions_count).toBe(0);
    expect((await warningOf(daemon, 'drop_rejected'))?.en).toMatch(/error\.txt/);
  });

  test('a rejected file never takes the place of one rejected before under the same name', async () => {
    const daemon = await startDaemon();
    for (const text of ['one\n', 'two\n', 'three\n']) {
      drop(daemon, 'x', text);
      await isEmpty(daemon);
    }
    const kept = ['x', 'x.2', 'x.3'].map((name) => daemon.read(`drop/rejected/${name}`));
    expect(kept).toEqual(['one\n', 'two\n', 'three\n']);
  });

  test('a rejected file is told in the status until the person has removed it', async () => {
    const daemon = await startDaemon();
    drop(daemon, 'x', 'hello\n');
    await until(() => warningOf(daemon, 'drop_rejected'), 'the status tells of it');
    rmSync(daemon.path('drop/rejected'), { recursive: true });
    await until(async () => !(await warningOf(daemon, 'drop_rejected')), 'the status forgets it');
  });

  test('a rejected file is closed to everybody else, however open it came', async () => {
    const daemon = await startDaemon();
    const target = join(daemon.folder, 'elsewhere');
    writeFileSync(target, 'not ours\n');
    chmodSync(target, 0o666);
    symlinkSync(target, daemon.path('drop/link'));
    writeFileSync(daemon.path('drop/.open'), 'hello\n');
    chmodSync(daemon.path('drop/.open'), 0o666);
    renameSync(daemon.path('drop/.open'), daemon.path('drop/open.txt'));
    await isEmpty(daemon);
    expect(statSync(daemon.path('drop/rejected/open.txt')).mode & 0o777).toBe(0o600);
    expect(lstatSync(daemon.path('drop/rejected/link')).isSymbolicLink()).toBe(true);
    expect(statSync(target).mode & 0o777).toBe(0o666);
  });

  test('a clipboard that could not be read is told in the status until the person has removed the trigger', async () => {
    const daemon = await startDaemon({ env: { DISPLAY: '', WAYLAND_DISPLAY: '' } });
    drop(daemon, 'clipboard', '');
    await until(() => existsSync(daemon.path('drop/rejected/clipboard')), 'the trigger is rejected');
    expect(await warningOf(daemon, 'clipboard_unavailable')).toBeDefined();
    rmSync(daemon.path('drop/rejected'), { recursive: true });
    expect(await warningOf(daemon, 'clipboard_unavailable')).toBeUndefined();
  });

  test('links and special files are rejected and never followed', async () => {
    const daemon = await startDaemon();
    const secret = daemon.path('secret');
    writeFileSync(secret, '99999\n');
    symlinkSync(secret, daemon.path('drop/link'));
    execFileSync('mkfifo', [daemon.path('drop/fifo')]);
    drop(daemon, 'marker', '1000\n');
    await isUsed(daemon, 1_000);
    await isEmpty(daemon);
    expect(daemon.read('drop/rejected/link.error.txt')).toMatch(/no regular file/);
    expect(existsSync(daemon.path('drop/rejected/fifo'))).toBe(true);
    expect(readFileSync(secret, 'utf8')).toBe('99999\n');
  });

  test('a dropped file waits while the disk is full, says so, and is recorded when there is room', async () => {
    const daemon = await startDaemon({ under: 'trap "" XFSZ; ulimit -f 16' });
    const fill = async () => {
      for (;;) await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto', event: 'x'.repeat(900) });
    };
    await expect(fill()).rejects.toMatchObject({ kind: 'storage_failed' });
    // Longer than what did not fit.
    const event = 'dropped'.padEnd(1_000, '.');
    drop(daemon, 'x', JSON.stringify({ tokens: 1, sync_type: 'auto', event }));
    await until(() => warningOf(daemon, 'drop_waiting'), 'the status tells of it');
    expect(existsSync(daemon.path('drop/rejected'))).toBe(false);
    await daemon.stop();
    const next = await startDaemon({ folder: daemon.folder });
    await until(async () => (await events(next)).at(-1) === event, 'the reading is recorded');
    expect(await warningOf(next, 'drop_waiting')).toBeUndefined();
  });
});

describe('the folder', () => {
  test.each<[string, (path: string) => void]>([
    ['deleted', (path) => rmSync(path, { recursive: true })],
    ['renamed away', (path) => renameSync(path, `${path}-old`)],
    [
      'deleted and made anew in one go',
      (path) => {
        rmSync(path, { recursive: true });
        mkdirSync(path, { recursive: true });
      },
    ],
  ])('the drop folder that is %s is there again, says so, and takes files', async (_, spoil) => {
    const daemon = await startDaemon();
    drop(daemon, 'first', '1000\n');
    await isUsed(daemon, 1_000);
    spoil(daemon.path('drop'));
    expect((await until(() => warningOf(daemon, 'drop_folder_remade'), 'the status tells of it')).zh).toMatch(
      /重新建立/,
    );
    shell(daemon, 'echo 2000 > second');
    await isUsed(daemon, 2_000);
    drop(daemon, 'third', '3000\n');
    await isUsed(daemon, 3_000);
    expect(await warningOf(daemon, 'drop_folder_remade')).toBeUndefined();
  });

  test.each<[string, (daemon: TestDaemon) => void]>([
    [
      'a symbolic link',
      (daemon) => {
        mkdirSync(daemon.path('elsewhere'), { recursive: true });
        writeFileSync(daemon.path('elsewhere/trap'), '99999\n');
        symlinkSync('elsewhere', daemon.path('drop'));
      },
    ],
    ['a file', (daemon) => writeFileSync(daemon.path('drop'), '99999\n')],
  ])('the drop folder that is replaced by %s is not used until it is a folder again', async (_, put) => {
    const daemon = await startDaemon();
    drop(daemon, 'first', '1000\n');
    await isUsed(daemon, 1_000);
    // The daemon may be quicker to make it anew.
    await until(() => {
      rmSync(daemon.path('drop'), { recursive: true, force: true });
      try {
        put(daemon);
        return true;
      } catch {
        return false;
      }
    }, 'the folder is replaced');
    await until(() => warningOf(daemon, 'drop_folder_unusable'), 'the status tells of it');
    expect((await daemon.rpc('usage.record', { tokens: 1_500 })).success).toBe(true);
    rmSync(daemon.path('drop'), { recursive: true });
    mkdirSync(daemon.path('drop'));
    shell(daemon, 'echo 2000 > second');
    await isUsed(daemon, 2_000);
    await until(async () => !(await warningOf(daemon, 'drop_folder_unusable')), 'the status is well again');
  });

  test('the drop folder that cannot be read for a while is survived, and its files are taken afterwards', async () => {
    // Permissions do not bind root, so the daemon runs as somebody else.
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    chmodSync(join(folder, '..'), 0o755);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) execFileSync('chown', ['nobody', folder]);
    const daemon = await startDaemon({
      folder,
      ...(isRoot && {
        under: 'umask 0; export HOME=/; S="setpriv --reuid=nobody --clear-groups"; set -- $S "$0" "$@"; exec "$@"',
      }),
    });
    await until(() => existsSync(daemon.path('drop')), 'the folder is there');
    chmodSync(daemon.path('drop'), 0);
    expect((await until(() => warningOf(daemon, 'drop_folder_unusable'), 'the status tells of it')).en).toMatch(
      /EACCES/,
    );
    if (isRoot) appendFileSync(daemon.path('drop/x'), '1000\n');
    if (isRoot) execFileSync('chown', ['nobody', daemon.path('drop/x')]);
    chmodSync(daemon.path('drop'), 0o700);
    if (!isRoot) appendFileSync(daemon.path('drop/x'), '1000\n');
    await isUsed(daemon, 1_000);
    expect(await warningOf(daemon, 'drop_folder_unusable')).toBeUndefined();
  });
});
