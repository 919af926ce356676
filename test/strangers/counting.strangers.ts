// The processor time that counting leaves to others: measured where nothing else wants the processor.
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { createEstimator, type Estimator } from '../../src/daemon/estimate/estimator.ts';
import { filled, randomFrom } from '../daemon/estimate/corpus.ts';
import { workers } from '../daemon/estimate/workers.ts';

/** Takes about half a second: one word of random letters. */
const LONG_TEXT = filled(randomFrom(9), 2_000_000, (random) => String.fromCharCode(97 + Math.floor(random() * 26)));

let estimator: Estimator | undefined;

afterEach(async () => {
  await estimator?.close();
});

test('counting leaves the main thread free', async () => {
  estimator = createEstimator();
  const counting = estimator.count([LONG_TEXT], 'o200k_base');
  let turns = 0;
  const timer = setInterval(() => turns++, 1);

  expect(await counting).toEqual([1_037_928]);
  clearInterval(timer);

  expect(turns).toBeGreaterThan(50);
});

test('counting leaves the processor for an instant in every few milliseconds of work', async () => {
  estimator = createEstimator();
  await estimator.count([LONG_TEXT], 'o200k_base');
  const [worker] = workers();
  const before = scheduled(worker!);
  await estimator.count([LONG_TEXT], 'o200k_base');
  const { ranMs, left } = scheduled(worker!);

  // It means to do so once a millisecond; without that it leaves some ten times, to wait for its input.
  expect(left - before.left).toBeGreaterThan((ranMs - before.ranMs) / 3);
});

/** The processor time of a process's main thread, and the number of times that it gave the processor up by itself. */
function scheduled(pid: number): { ranMs: number; left: number } {
  const [ranNs] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
  const [, left] = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return { ranMs: Number(ranNs) / 1e6, left: Number(left) };
}
