import { closeSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { prepareReplacement } from '../../../src/daemon/disk/atomic-replace.ts';
import { temporaryFolder } from '../../support/folders.ts';

/** Called in the very moment in which two files could not be exchanged. */
const moment = vi.hoisted(() => ({ afterFailure: (): void => undefined }));
vi.mock('fs-native-extensions', async (original) => {
  const native = await original<typeof import('fs-native-extensions')>();
  const swapSync = (from: string, to: string) => {
    try {
      native.swapSync(from, to);
    } catch (error) {
      moment.afterFailure();
      throw error;
    }
  };
  return { ...native, swapSync };
});

test('a file that a program creates in the very moment in which ours is missing is handed on, not overwritten', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.json');
  const prepared = await prepareReplacement(path, 'ours', 0o600);
  let creations = 0;
  moment.afterFailure = () => {
    if (creations++ === 0) writeFileSync(path, 'theirs', { flag: 'wx' });
  };
  const replaced: string[] = [];
  const isInPlace = await prepared.publish((fd) => {
    replaced.push(readFileSync(fd, 'utf8'));
    closeSync(fd);
  });

  expect([creations, isInPlace, replaced]).toEqual([1, true, ['theirs']]);
  expect(readFileSync(path, 'utf8')).toBe('ours');
  expect(readdirSync(folder)).toEqual(['a.json']);
});
