import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepDaemonFile, readDaemonFile } from '../../../src/daemon/process/daemon-file.ts';
import { Warnings } from '../../../src/daemon/process/warnings.ts';
import type { DaemonFile } from '../../../src/protocol/addresses.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { until } from '../../support/until.ts';

const FILE = { pid: process.pid, url: 'http://127.0.0.1:1', version: '1', started_at: 'now' } as DaemonFile;

async function kept() {
  const folder = temporaryFolder();
  const path = join(folder, 'daemon.json');
  const warnings = new Warnings();
  const onUnlisted = (error: unknown) => {
    throw error;
  };
  onTestFinished(await keepDaemonFile(path, FILE, { warnings, onUnlisted }));
  return { folder, path, codes: () => warnings.list().map(({ code }) => code) };
}

test('a daemon.json that is lost is written again, and nothing is left beside it', async () => {
  const { folder, path, codes } = await kept();
  rmSync(path);
  await until(() => readDaemonFile(path)?.pid === process.pid, 'it is written again');
  await until(() => readdirSync(folder).length === 1, 'nothing lies beside it');
  expect(codes()).toEqual([]);
});

test('the warning that daemon.json cannot be written ends when somebody else puts it back', async () => {
  const { path, codes } = await kept();
  const text = readFileSync(path);
  rmSync(path);
  mkdirSync(path);
  await until(() => codes().includes('daemon_file_unwritable'), 'it is told');
  rmSync(path, { recursive: true });
  writeFileSync(path, text);
  await until(() => codes().length === 0, 'the warning ends');
  expect(readDaemonFile(path)).toMatchObject(FILE);
});
