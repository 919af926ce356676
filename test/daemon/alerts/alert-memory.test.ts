import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forgetsKey, memoryText, readMemory, underKey } from '../../../src/daemon/alerts/memory.ts';
import { temporaryFolder } from '../../support/folders.ts';

const NOTHING = { told: [], others: [], warnedEndMs: undefined, latest: [] };

test('what was told in a conversation is known when it is told of again, and told anew in another', () => {
  const inA = { ...underKey(NOTHING, 'A'), told: [80, 90] };
  const inB = { ...underKey(inA, 'B') };
  expect(inB.told).toEqual([]);
  expect(underKey({ ...inB, told: [80] }, 'A').told).toEqual([80, 90]);
  expect(underKey(underKey({ ...inB, told: [80] }, 'A'), 'B').told).toEqual([80]);
});

test('what was told before anybody knew of keys counts for the first, and after another setting for the next', () => {
  const before = { ...NOTHING, told: [80] };
  expect(underKey(before, 'A').told).toEqual([80]);
  expect(underKey(forgetsKey(underKey(before, 'A')), 'B').told).toEqual([80]);
});

test('of many conversations the last fifty are kept, and all of it comes back from the disk', () => {
  let memory = { ...underKey(NOTHING, 'first'), told: [80] };
  for (let number = 0; number < 60; number++) memory = { ...underKey(memory, `c${number}`), told: [90] };
  expect(memory.others).toHaveLength(50);
  expect(underKey(memory, 'first').told).toEqual([]);
  const path = join(temporaryFolder(), 'alerts.json');
  writeFileSync(path, memoryText(memory));
  expect(readMemory(path)).toEqual(memory);
});

test('a file of an older version tells what was told', () => {
  const path = join(temporaryFolder(), 'alerts.json');
  writeFileSync(path, '{"told":[80],"latest":[]}');
  expect(readMemory(path)).toMatchObject({ told: [80], others: [] });
});
