import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { keepDaemonFile } from '../../src/daemon/daemon-file.ts';
import { Warnings } from '../../src/daemon/warnings.ts';
import { freshFolder } from '../support/daemon.ts';
import { until } from '../support/until.ts';

test('the warning of a file that cannot be written ends when somebody else puts it back', async () => {
  const folder = freshFolder();
  const path = (name: string) => join(folder, name);
  mkdirSync(path('data'), { recursive: true });
  const file = {
    pid: process.pid,
    url: 'http://127.0.0.1:8877',
    protocol: 1,
    oldest_protocol: 1,
    version: '1.0.0',
    data_dir: path('data'),
    started_at: '2025-11-18T20:30:00.000Z',
  };
  const warnings = new Warnings(() => undefined);
  const onUnlisted = (error: unknown) => {
    throw error;
  };
  onTestFinished(await keepDaemonFile(path('data/daemon.json'), file, { warnings, onUnlisted }));

  renameSync(path('data'), path('lost'));
  await until(() => warnings.list().length > 0, 'it is told');
  expect(warnings.list()).toMatchObject([{ code: 'daemon_file_unwritable' }]);

  // In one step: between two we would write it ourselves.
  mkdirSync(path('made'));
  writeFileSync(path('made/daemon.json'), JSON.stringify(file));
  renameSync(path('made'), path('data'));
  await until(() => warnings.list().length === 0, 'the warning is gone');
});
