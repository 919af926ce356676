import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Warnings } from '../../../../src/daemon/process/warnings.ts';
import { readOrMakeToken } from '../../../../src/daemon/serve/auth/token-file.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { execFileSync } from '../../../support/programs.ts';

const TOKEN = 'a-token-that-somebody-has-made-by-hand';

/** A folder with a token file, and what reading it comes to. */
function folderWith(mode: number) {
  const folder = temporaryFolder();
  const path = join(folder, 'token');
  writeFileSync(path, `${TOKEN}\n`);
  chmodSync(path, mode);
  const warnings = new Warnings();
  return { path, warnings, read: () => readOrMakeToken(folder, warnings) };
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

describe('the token', () => {
  test('the token is made once, for its owner alone', async () => {
    const folder = temporaryFolder();
    const warnings = new Warnings();
    const token = await readOrMakeToken(folder, warnings);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await readOrMakeToken(folder, warnings)).toBe(token);
    expect(modeOf(join(folder, 'token'))).toBe(0o600);
    expect(warnings.list()).toEqual([]);
  });

  test.each([0o644, 0o640, 0o604, 0o666, 0o660])(
    'a token that others could read (%o) is closed to them, and told of',
    async (mode) => {
      const { path, warnings, read } = folderWith(mode);
      expect(await read()).toBe(TOKEN);
      expect(modeOf(path)).toBe(0o600);
      expect(warnings.list()).toMatchObject([
        { code: 'token_was_open', en: expect.stringContaining(`mode 0${mode.toString(8)}`) },
      ]);
    },
  );

  test.each([0o600, 0o400])('a token that is its owner’s alone (%o) is left as it is', async (mode) => {
    const { path, warnings, read } = folderWith(mode);
    expect(await read()).toBe(TOKEN);
    expect(modeOf(path)).toBe(mode);
    expect(warnings.list()).toEqual([]);
  });

  test('a FIFO in place of the token does not hold the start, and is refused', async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', [join(folder, 'token')]);
    await expect(readOrMakeToken(folder, new Warnings())).rejects.toMatchObject({
      kind: 'storage_failed',
      cause: { code: 'NOT_A_FILE' },
    });
  });

  test('a folder in place of the token is a storage failure and no stack', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'token', 'in the way'), { recursive: true });
    await expect(readOrMakeToken(folder, new Warnings())).rejects.toMatchObject({
      kind: 'storage_failed',
    });
  });
});
