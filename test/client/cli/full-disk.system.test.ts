import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../support/folders.ts';

import { needs } from '../../support/needs.ts';
import { execFileSync } from '../../support/programs.ts';
import { runCli, runJson } from '../../support/run-cli.ts';
import { daemonsOf, endDaemonsOf } from '../../support/started-daemons.ts';
import { until } from '../../support/until.ts';

const env = { TOKEN_SYNC_PORT: '0' };

/** The data folder on a file system of its own, which only root may mount. */
function mountTiny(options: string): { folder: string; env: typeof env; place: string } | undefined {
  needs('mount', 'umount');
  const place = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', place], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  const folder = join(place, 'data');
  onTestFinished(async () => {
    await endDaemonsOf(folder);
    execFileSync('umount', ['-l', place]);
  });
  return { folder, env, place };
}

/** Writes until not another byte, or not another file, has room. */
function fill(place: string): void {
  try {
    for (let count = 0; ; count++) writeFileSync(join(place, `ballast-${count}`), Buffer.alloc(4_096));
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  }
}

const KINDS = [
  ['has no room for a byte', 'size=256k', 'disk is full: daemon.json cannot', '磁盘已满，无法写入 daemon.json'],
  ['has room for no more files', 'size=4m,nr_inodes=24', 'no inode is free', 'inode 已用完'],
] as const;

describe.each(KINDS)('a disk that %s', (_, options, en, zh) => {
  test('a full disk lets a person look, and says what is wrong and what to do', async ({ skip }) => {
    const at = mountTiny(options);
    if (!at) return skip('a file system can only be mounted by root, on Linux');
    await runCli(['record', '350000', 'before'], at);
    await runCli(['stop'], at);
    fill(at.place);

    const status = await runCli(['status', '--lang', 'zh'], at);
    expect(status).toMatchObject({ code: 0, stdout: expect.stringContaining('350,000') });
    expect(status.stderr).toContain(zh);
    const history = await runCli(['history'], at);
    expect(history).toMatchObject({ code: 0, stdout: expect.stringContaining('before') });
    expect(history.stderr).toContain(en);
    expect(history.stderr).toMatch(/\n {3}\S+.*try again\n$/);
    const exported = await runJson(['export'], at);
    expect(exported).toMatchObject({ code: 0, json: { sessions: [{ event: 'before' }] } });
    await until(() => daemonsOf(at.folder).length === 0, 'no daemon stays that nobody can find');
    expect(existsSync(join(at.folder, 'daemon.json'))).toBe(false);
    expect(readdirSync(at.folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('a full disk keeps a daemon that is to stay from starting, with the same words', async ({ skip }) => {
    const at = mountTiny(options);
    if (!at) return skip('a file system can only be mounted by root, on Linux');
    await runCli(['record', '350000'], at);
    await runCli(['stop'], at);
    fill(at.place);

    const start = await runCli(['start'], at);
    expect(start).toMatchObject({ code: 5, stdout: '' });
    expect(start.stderr).toContain(en);
    const foreground = await runCli(['daemon', '--lang', 'zh'], at);
    expect(foreground).toMatchObject({ code: 1, stdout: '' });
    expect(foreground.stderr).toContain(zh);
    for (const { stderr } of [start, foreground]) expect(stderr).not.toMatch(/^ {4}at |node:internal/m);
  });

  test('a full disk is told to a person who records there for the first time', async ({ skip }) => {
    const at = mountTiny(options);
    if (!at) return skip('a file system can only be mounted by root, on Linux');
    fill(at.place);
    for (const [lang, says] of [
      ['en', options.includes('inodes') ? 'no inode is free' : 'the disk is full'],
      ['zh', '磁盘'],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['record', '350000', '--lang', lang], at);
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
      expect(stderr).toContain(says);
    }
  });
});

test('a history with a half-written line can be looked at on a full disk, and is written to again when there is room', async ({
  skip,
}) => {
  const at = mountTiny('size=256k');
  if (!at) return skip('a file system can only be mounted by root, on Linux');
  await runCli(['record', '350000', 'before'], at);
  await runCli(['stop'], at);
  const segment = join(at.folder, 'ledger', '000001.jsonl');
  writeFileSync(segment, '{"crc":"half', { flag: 'a' });
  fill(at.place);

  expect(await runCli(['history'], at)).toMatchObject({ code: 0, stdout: expect.stringContaining('before') });
  execFileSync('sh', ['-c', `rm ${at.place}/ballast-*`]);
  expect(await runCli(['record', '360000', 'after'], at)).toMatchObject({ code: 0 });
  const { json } = await runJson(['history'], at);
  expect(json).toMatchObject({ sessions: [{ event: 'after' }, { event: 'before' }] });
  expect(json).not.toHaveProperty('unreadable');
});

test('what is in the way of daemon.json is named, and what can be done without it is done', async () => {
  const folder = temporaryFolder();
  onTestFinished(() => endDaemonsOf(folder));
  mkdirSync(join(folder, 'daemon.json'));
  const at = { folder, env };

  for (const [lang, says] of [
    ['en', 'daemon.json is not a file'],
    ['zh', 'daemon.json 不是文件'],
  ]) {
    const { code, stdout, stderr } = await runCli(['record', '350000', '--lang', lang!], at);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(says!) });
    expect(stdout).toContain('350,000');
  }
  expect((await runJson(['history'], at)).json.sessions).toHaveLength(2);
});
