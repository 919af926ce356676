import { EventEmitter } from 'node:events';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { pollStat } from '../../../src/daemon/disk/stat-poll.ts';
import type { Monitor } from '../../../src/daemon/monitor.ts';
import { Warnings } from '../../../src/daemon/process/warnings.ts';
import { DropFolder } from '../../../src/daemon/sources/drop-folder/drop-folder.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { untilOwnTime } from '../../support/until.ts';

// A system of which no event is ever heard.
vi.mock('chokidar', () => ({
  watch: () => Object.assign(new EventEmitter(), { close: () => Promise.resolve() }),
}));
vi.mock('../../../src/daemon/disk/stat-poll.ts', { spy: true });
afterEach(() => void vi.useRealTimers());

/** A drop folder, and `hasTaken`, which waits until so many files were taken and it has nothing more to do by itself. */
function dropFolder() {
  const path = join(temporaryFolder(), 'drop');
  const failures: unknown[] = [];
  let taken = 0;
  const submit = () => {
    taken++;
    return Promise.resolve();
  };
  const folder = new DropFolder({
    command: 'token-sync',
    path,
    monitor: { submit: submit as unknown as Monitor['submit'] },
    warnings: new Warnings(),
    syncClipboard: () => Promise.resolve(),
    onFailure: (error) => failures.push(error),
  });
  onTestFinished(async () => {
    await folder.close();
    expect(failures).toEqual([]);
  });
  const drop = (name: string) => {
    writeFileSync(join(path, `.${name}`), '1000\n');
    renameSync(join(path, `.${name}`), join(path, name));
  };
  const hasTaken = (count: number, timeoutMs = 10_000) =>
    untilOwnTime(() => taken === count && readdirSync(path).length === 0, `${count} files are taken`, timeoutMs);
  return { path, drop, hasTaken };
}

/** Scans that come by themselves wait until they are asked for; everything else goes on. */
function holdScans(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
}

/** The folder looks the same, whatever is done to it; the returned function has it seen to change. */
function freezeLook(): () => void {
  let onChange = () => {};
  vi.mocked(pollStat).mockImplementationOnce((_, told) => {
    onChange = told;
    return () => {};
  });
  return () => onChange();
}

test('a file of which no event tells is taken within a second', async () => {
  holdScans();
  const { drop, hasTaken } = dropFolder();
  for (let count = 1; count <= 3; count++) {
    drop('a');
    await hasTaken(count, 1_000);
  }
});

test('a folder made anew of which no event tells is taken from', async () => {
  holdScans();
  const { path, drop, hasTaken } = dropFolder();
  drop('a');
  await hasTaken(1);
  rmSync(path, { recursive: true });
  mkdirSync(path);
  drop('b');
  await hasTaken(2, 1_000);
});

test('a file that comes in one tick of the clock with what was seen to come before it is taken', async () => {
  holdScans();
  const seeChange = freezeLook();
  const { drop, hasTaken } = dropFolder();
  drop('a');
  await hasTaken(1);
  drop('in the tick of the start');
  await hasTaken(2);
  drop('b');
  seeChange();
  await hasTaken(3, 1_000);
  drop('in the tick of b');
  await hasTaken(4);
});

test('a file of which neither an event nor the folder tells is taken by a scan that comes by itself', async () => {
  holdScans();
  freezeLook();
  const { drop, hasTaken } = dropFolder();
  drop('a');
  await hasTaken(1);
  drop('b');
  vi.advanceTimersByTime(60_000);
  await hasTaken(2, 1_000);
});
