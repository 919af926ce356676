import { expect, onTestFinished, test } from 'vitest';
import { LockWait } from '../../../../src/daemon/store/index/lock-wait.ts';
import { until } from '../../../support/until.ts';

function waiting(isFree: () => boolean): LockWait {
  const lock = new LockWait(isFree, { againMs: 1, longMs: 30 });
  onTestFinished(() => lock.end());
  return lock;
}

test('nobody waits while nothing is locked', () => {
  const lock = waiting(() => true);
  expect([lock.ended, lock.endedOrLong]).toEqual([undefined, undefined]);
});

test('whoever waits goes on when it is free', async () => {
  let isFree = false;
  const lock = waiting(() => isFree);
  lock.begin();
  const all = Promise.all([lock.ended, lock.endedOrLong]);
  isFree = true;
  await all;

  expect([lock.ended, lock.endedOrLong]).toEqual([undefined, undefined]);
});

test('what is locked for long is waited for by nobody but who can leave it, and ends when it is free', async () => {
  let isFree = false;
  const lock = waiting(() => isFree);
  lock.begin();
  await lock.endedOrLong;

  expect(lock.endedOrLong).toBeUndefined();
  expect(lock.ended).toBeInstanceOf(Promise);
  lock.begin();
  expect(lock.endedOrLong).toBeUndefined();
  isFree = true;
  await lock.ended;
  await until(() => lock.ended === undefined, 'it has ended');
});
