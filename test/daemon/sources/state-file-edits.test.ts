import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EditWatcher } from '../../../src/daemon/sources/state-file-edits.ts';
import { StateFile } from '../../../src/daemon/store/state-file/state-file.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { until, untilOwnTime } from '../../support/until.ts';

/** A watcher of a file and what it found worth a look. */
function watcher(path: string, fingerprint?: () => string) {
  const file = new StateFile(path);
  const seen: (string | undefined)[] = [];
  const failures: unknown[] = [];
  const state = { error: undefined as Error | undefined };
  const edits = new EditWatcher({
    path,
    name: path,
    fingerprint: fingerprint ?? (() => file.fingerprint()),
    async adopt() {
      if (state.error) throw state.error;
      seen.push(file.read()?.bytes.toString());
    },
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(() => edits.close());
  return { edits, seen, failures, state };
}

function stateFile(content = '1'): string {
  const path = join(temporaryFolder(), 'architect_monitor.json');
  writeFileSync(path, content);
  return path;
}

test.each<[string, (path: string) => void]>([
  ['in place', (path) => writeFileSync(path, '2')],
  [
    'by rename',
    (path) => {
      writeFileSync(`${path}.new`, '2');
      renameSync(`${path}.new`, path);
    },
  ],
  [
    'by deleting and making anew',
    (path) => {
      rmSync(path);
      writeFileSync(path, '2');
    },
  ],
  [
    'with its folder, deleted and made anew',
    (path) => {
      rmSync(join(path, '..'), { recursive: true });
      mkdirSync(join(path, '..'));
      writeFileSync(path, '2');
    },
  ],
])('a change of the state file %s is seen within a second, and the next one too', async (_, change) => {
  const path = stateFile();
  const { seen } = watcher(path);
  change(path);
  await untilOwnTime(() => seen.at(-1) === '2', 'the change was seen', 1_000);
  writeFileSync(path, '3');

  await untilOwnTime(() => seen.at(-1) === '3', 'the next change was seen', 1_000);
});

test('every change of the state file is seen within a second where no watch is to be had', async () => {
  // What is not there cannot be watched.
  const path = join(temporaryFolder(), 'later', 'architect_monitor.json');
  const { seen, failures } = watcher(path);
  expect(failures).toHaveLength(1);
  mkdirSync(join(path, '..'));
  for (const content of ['1', '2']) {
    writeFileSync(path, content);
    await untilOwnTime(() => seen.at(-1) === content, 'the change was seen', 1_000);
    // After that it looks by itself no more.
    await until(() => seen.at(-2) === content, 'it was looked at once more');
  }
});

test('the deletion of the state file is seen', async () => {
  const path = stateFile();
  const { seen } = watcher(path);
  await until(() => seen.length > 0, 'the first look');
  rmSync(path);

  await untilOwnTime(() => seen.at(-1) === undefined, 'the deletion was seen', 1_000);
});

test('a save that leaves the same fingerprint as the one before it, in one tick of the clock, is seen', async () => {
  const path = stateFile();
  let stamp = 'before';
  const { seen } = watcher(path, () => stamp);
  await until(() => seen.length > 0, 'the first look');
  writeFileSync(path, '2');
  stamp = 'tick';
  await until(() => seen.at(-1) === '2', 'the first save was seen');
  writeFileSync(path, '3');

  await untilOwnTime(() => seen.at(-1) === '3', 'the second save was seen', 1_000);
});

test('an edit that cannot be adopted is tried again without another change, and reported', async () => {
  const path = stateFile();
  const { seen, state, failures } = watcher(path);
  await until(() => seen.length > 0, 'the first look');
  state.error = new Error('no room');
  writeFileSync(path, '2');
  await until(() => failures.length > 0, 'the failure was said');
  state.error = undefined;

  await until(() => seen.at(-1) === '2', 'it was tried again', 4_000);
});

test('a state file that does not change is not looked into', async () => {
  const path = stateFile();
  const { seen, edits } = watcher(path);
  await until(() => seen.length > 0, 'the first look');
  const before = seen.length;
  for (let look = 0; look < 50; look++) {
    edits.look();
    await new Promise(setImmediate);
  }

  expect(seen.length).toBeLessThanOrEqual(before + 1);
});
