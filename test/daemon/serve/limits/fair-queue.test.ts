import { expect, test } from 'vitest';
import { Turns } from '../../../../src/daemon/serve/limits/fair-queue.ts';

const turn = () => new Promise(setImmediate);

test('one that asks for little comes before the rest of one that asks for much', async () => {
  const turns = new Turns();
  const [greedy, modest] = [turns.line(), turns.line()];
  const begun: string[] = [];
  for (let index = 0; index < 1_000; index++) greedy.add(async () => void begun.push('greedy'));
  modest.add(async () => void begun.push('modest'));

  while (greedy.length + modest.length > 0) await turn();

  expect(begun).toHaveLength(1_001);
  expect(begun.indexOf('modest')).toBeLessThan(128);
});

test('the work of a line is begun in order, and what comes alone at once', async () => {
  const line = new Turns().line();
  const begun: number[] = [];
  line.add(async () => void begun.push(0));
  expect(begun).toEqual([0]);

  for (let index = 1; index < 500; index++) line.add(async () => void begun.push(index));
  while (line.length > 0) await turn();

  expect(begun).toEqual(Array.from({ length: 500 }, (_, index) => index));
});

test('a line has no more than so much under way, and goes on when some of it is done', async () => {
  const line = new Turns().line();
  const ends: (() => void)[] = [];
  for (let index = 0; index < 200; index++) {
    line.add(() => new Promise((resolve) => ends.push(resolve)));
  }
  for (let times = 0; times < 50; times++) await turn();
  expect([ends.length, line.length]).toEqual([128, 200]);

  for (const end of ends.splice(0)) end();
  for (let times = 0; times < 50; times++) await turn();
  expect([ends.length, line.length]).toEqual([72, 72]);
});
