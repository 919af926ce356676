import {
  closeSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareReplacement, replaceFile } from '../../../src/daemon/disk/atomic-replace.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { execFileSync } from '../../support/programs.ts';

test('a file is replaced as a whole, and nothing is left beside it', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  await replaceFile(path, 'one');
  await replaceFile(path, Buffer.from('two'));

  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('readers see the old content until it is published, and a program that has the old file open keeps it', async () => {
  const path = join(temporaryFolder(), 'a.json');
  writeFileSync(path, 'old');
  const { ino } = statSync(path);
  const prepared = await prepareReplacement(path, 'new', 0o600);
  expect(readFileSync(path, 'utf8')).toBe('old');

  await prepared.publish();

  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).ino).not.toBe(ino);
});

test('the file gets the mode that is asked for, whatever the umask and what a crash left behind', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  writeFileSync(join(folder, '.a.json.token-sync'), 'left behind', { mode: 0o644 });
  const umask = process.umask(0o077);
  try {
    await replaceFile(path, 'x', 0o664);
  } finally {
    process.umask(umask);
  }

  expect(statSync(path).mode & 0o777).toBe(0o664);
  expect(readFileSync(path, 'utf8')).toBe('x');
});

test('another program’s own temporary file beside it is not touched', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  writeFileSync(`${path}.tmp`, 'theirs');
  const prepared = await prepareReplacement(path, 'ours', 0o600);
  writeFileSync(`${path}.tmp`, 'theirs, more');
  await prepared.publish();

  expect(readFileSync(path, 'utf8')).toBe('ours');
  expect(readFileSync(`${path}.tmp`, 'utf8')).toBe('theirs, more');
});

test('where the path is a folder, nothing is replaced and it says so', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'a.json'));

  await expect(replaceFile(join(folder, 'a.json'), 'x')).rejects.toMatchObject({ code: 'EISDIR' });
});

test('a symbolic link is replaced itself: a caller that wants to keep it names its target', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'real'), 'kept');
  symlinkSync('real', join(folder, 'link'));
  await replaceFile(join(folder, 'link'), 'x');

  expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('kept');
});

test.each<[string, (path: string) => unknown]>([
  ['a link', (path) => symlinkSync('elsewhere', path)],
  ['a named pipe', (path) => execFileSync('mkfifo', [path])],
  ['a folder with something in it', (path) => mkdirSync(join(path, 'something'), { recursive: true })],
])('%s that takes the file’s place in the very moment stays, and the replacement fails', async (_, make) => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  writeFileSync(path, 'old');
  const prepared = await prepareReplacement(path, 'new', 0o600);
  rmSync(path);
  make(path);
  const { ino } = lstatSync(path);

  await expect(prepared.publish(() => undefined)).rejects.toMatchObject({ code: 'NOT_A_FILE' });
  expect(lstatSync(path).ino).toBe(ino);
  rmSync(path, { recursive: true });
  await (await prepareReplacement(path, 'newer', 0o600)).publish(() => undefined);
  expect(readdirSync(folder)).toEqual(['a.json']);
  expect(readFileSync(path, 'utf8')).toBe('newer');
});

test('a missing file is made, or left missing where that is asked for, and nothing is left beside it', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  const publish = async (ifMissing: 'make' | 'leave') =>
    (await prepareReplacement(path, ifMissing, 0o640)).publish((fd) => closeSync(fd), ifMissing);

  expect([await publish('leave'), readdirSync(folder)]).toEqual([false, []]);
  expect([await publish('make'), readdirSync(folder)]).toEqual([true, ['a.json']]);
  expect(statSync(path)).toMatchObject({ nlink: 1, mode: expect.toSatisfy((mode) => (mode & 0o777) === 0o640) });
  expect([await publish('leave'), readFileSync(path, 'utf8')]).toEqual([true, 'leave']);
});
