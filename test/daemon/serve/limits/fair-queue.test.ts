import { expect, test } from 'vitest';
import { FairQueue } from '../../../../src/daemon/serve/limits/fair-queue.ts';

const turn = () => new Promise(setImmediate);

test('a caller that asks for little comes before the rest of a caller that asks for much', async () => {
  const queue = new FairQueue();
  const [greedy, modest] = [queue.lane(), queue.lane()];
  const begun: string[] = [];
  for (let index = 0; index < 1_000; index++) greedy.add(async () => void begun.push('greedy'));
  modest.add(async () => void begun.push('modest'));

  while (greedy.length + modest.length > 0) await turn();

  expect(begun).toHaveLength(1_001);
  expect(begun.indexOf('modest')).toBeLessThan(128);
});

test('the work of a lane is begun in order, and a single piece at once', async () => {
  const lane = new FairQueue().lane();
  const begun: number[] = [];
  lane.add(async () => void begun.push(0));
  expect(begun).toEqual([0]);

  for (let index = 1; index < 500; index++) lane.add(async () => void begun.push(index));
  while (lane.length > 0) await turn();

  expect(begun).toEqual(Array.from({ length: 500 }, (_, index) => index));
});

test('a lane has no more than 128 pieces under way, and goes on when some of them are done', async () => {
  const lane = new FairQueue().lane();
  const ends: (() => void)[] = [];
  for (let index = 0; index < 200; index++) {
    lane.add(() => new Promise((resolve) => ends.push(resolve)));
  }
  for (let times = 0; times < 50; times++) await turn();
  expect([ends.length, lane.length]).toEqual([128, 200]);

  for (const end of ends.splice(0)) end();
  for (let times = 0; times < 50; times++) await turn();
  expect([ends.length, lane.length]).toEqual([72, 72]);
});
