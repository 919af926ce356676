import { constants, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openRegular, readRegular, readRegularText } from '../../../src/shared/node/regular-file.ts';
import { temporaryFolder } from '../../support/folders.ts';

import { SPECIAL_FILES } from '../../support/special-files.ts';

const WAYS: readonly (readonly [string, (path: string) => unknown])[] = [
  ['read by the daemon', readRegular],
  ['read by a client', readRegularText],
  ['appended to', (path) => openRegular(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600)],
  ['written and read', (path) => openRegular(path, constants.O_RDWR)],
];

describe.each(SPECIAL_FILES)('%s', (_, make) => {
  test.each(WAYS)('a special file is refused at once where it should be %s', async (_way, open) => {
    const path = join(temporaryFolder(), 'file');
    await make(path);
    expect(() => open(path)).toThrow(expect.objectContaining({ code: 'NOT_A_FILE', path, syscall: 'open' }));
  });
});

test('a file, and a link to one, is read whole', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '完成'.repeat(100_000));
  symlinkSync('file', join(folder, 'link'));
  for (const name of ['file', 'link']) {
    expect(readRegular(join(folder, name)).toString()).toBe('完成'.repeat(100_000));
    expect(readRegularText(join(folder, name))).toBe('完成'.repeat(100_000));
  }
});

test('a missing file, or one below a file, is refused by the system’s own code', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'empty'));
  writeFileSync(join(folder, 'file'), '');
  expect(() => readRegular(join(folder, 'empty', 'x'))).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => readRegularText(join(folder, 'file', 'x'))).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
});
