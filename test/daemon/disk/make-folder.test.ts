import { mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from '../../../src/daemon/disk/make-folder.ts';
import { scratchFolder } from '../../support/scratch.ts';

let folder = '';
beforeEach(() => {
  folder = scratchFolder();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('makeFolder makes those above too, for their owner only, and returns the first', () => {
  expect(makeFolder(join(folder, 'a/b/c'))).toBe(join(folder, 'a'));
  expect(makeFolder(join(folder, 'a/b/d'))).toBe(join(folder, 'a/b/d'));
  for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, made)).mode & 0o777).toBe(0o700);
});

test('makeFolder leaves a folder that is there, or a link to one, as it is', () => {
  mkdirSync(join(folder, 'there'), { mode: 0o755 });
  symlinkSync('there', join(folder, 'link'));
  for (const name of ['there', 'link']) expect(makeFolder(join(folder, name))).toBeUndefined();
  expect(statSync(join(folder, 'there')).mode & 0o777).toBe(0o755);
});

test.each([
  ['a file has its name', 'file', 'EEXIST'],
  ['a file is above it', 'file/below', 'ENOTDIR'],
  ['a link to nothing has its name', 'nowhere', 'EEXIST'],
  ['a link to nothing is above it', 'nowhere/below', 'EEXIST'],
])("makeFolder throws the system's error where %s", (_, name, code) => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync('gone', join(folder, 'nowhere'));
  expect(() => makeFolder(join(folder, name))).toThrow(expect.objectContaining({ code }));
});
