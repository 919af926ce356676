import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLog } from '../../../src/daemon/process/log.ts';
import { LogFollower } from '../../../src/daemon/process/log-follower.ts';
import { temporaryFolder } from '../../support/folders.ts';

test('a follower of the log is given its last ten lines first, and later ones once each', () => {
  const { folder, follower } = followed();
  writeFileSync(join(folder, 'daemon.log'), lines(1, 30));
  expect(follower.lastLines()).toBe(lines(21, 30));
  expect(follower.grown()).toBe('');
  appendFileSync(join(folder, 'daemon.log'), lines(31, 32));
  expect(follower.grown()).toBe(lines(31, 32));
  expect(follower.grown()).toBe('');
});

test('a line too long for the first look is left out rather than shown in part', () => {
  const { folder, follower } = followed();
  writeFileSync(join(folder, 'daemon.log'), `${'x'.repeat(20_000)}\nlast\n`);
  expect(follower.lastLines()).toBe('last\n');
});

test('a line of the log is shown when its end is there, whatever character it was cut in', () => {
  const { folder, follower } = followed();
  const path = join(folder, 'daemon.log');
  const line = Buffer.from('完成\n');
  writeFileSync(path, line.subarray(0, 2));
  expect(follower.lastLines()).toBe('');
  appendFileSync(path, line.subarray(2, 4));
  expect(follower.grown()).toBe('');
  appendFileSync(path, line.subarray(4));
  expect(follower.grown()).toBe('完成\n');
});

test('a log that is not there yet is shown from its first line', () => {
  const { folder, follower } = followed();
  expect(follower.lastLines()).toBe('');
  expect(follower.grown()).toBe('');
  writeFileSync(join(folder, 'daemon.log'), lines(1, 2));
  expect(follower.grown()).toBe(lines(1, 2));
});

test.each([1, 20_000])(
  'no line of the daemon’s own log is lost or comes twice when it makes room, read every %i lines',
  (step) => {
    const { folder, follower } = followed();
    const log = openLog(folder, 'info', (error) => {
      throw error;
    });
    const count = step === 1 ? 400 : 60_000;
    const padding = 'x'.repeat(step === 1 ? 20_000 : 40);
    let shown = follower.lastLines();
    for (let index = 0; index < count; index++) {
      log.info({ index, padding });
      if (index % step === 0) shown += follower.grown();
    }
    shown += follower.grown();
    const seen = shown
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).index);
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index));
  },
);

test('after a log that is kept no longer all kept logs are shown', () => {
  const { folder, follower } = followed();
  const at = (index: number) => join(folder, index === 0 ? 'daemon.log' : `daemon.${index}.log`);
  writeFileSync(at(0), lines(1, 1));
  follower.lastLines();
  for (let round = 2; round <= 6; round++) {
    for (let index = 2; index >= 0; index--) if (round - 2 >= index) renameSync(at(index), at(index + 1));
    writeFileSync(at(0), lines(round, round));
  }
  expect(follower.grown()).toBe(lines(3, 6));
});

test('a log that somebody removes is followed by the next one, and by no older one', () => {
  const { folder, follower } = followed();
  writeFileSync(join(folder, 'daemon.1.log'), lines(1, 1));
  writeFileSync(join(folder, 'daemon.log'), lines(2, 2));
  expect(follower.lastLines()).toBe(lines(2, 2));
  rmSync(join(folder, 'daemon.log'));
  expect(follower.grown()).toBe('');
  writeFileSync(join(folder, 'daemon.log'), lines(3, 3));
  expect(follower.grown()).toBe(lines(3, 3));
});

function followed() {
  const folder = join(temporaryFolder(), 'logs');
  mkdirSync(folder);
  const follower = new LogFollower(folder);
  onTestFinished(() => follower.close());
  return { folder, follower };
}

/** Numbered lines. */
function lines(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, index) => `line ${first + index}\n`).join('');
}
