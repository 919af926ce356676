import { buildPrograms } from './build.ts';
import type { Task } from './harness.ts';
import { HARNESSES } from './harnesses.ts';
import { MUTATIONS } from './mutations.ts';
import { runAll } from './pool.ts';
import type { Job } from './worker.ts';

/** The quickest part of a harness that misses what a mutant lacks. */
const CATCHES: Readonly<Record<string, Task>> = {
  'ledger-fdatasync': { harness: 'power', part: 'single-records' },
  'temp-fsync': { harness: 'power', part: 'first-start' },
  'folder-fsync': { harness: 'power', part: 'first-start' },
  'early-receipt': { harness: 'power', part: 'adoption' },
  'no-deduplication': { harness: 'power', part: 'adoption' },
  'early-unlink': { harness: 'crash', part: 'drop-files' },
  'no-chain': { harness: 'damage', part: 'cuts' },
  'no-checksum': { harness: 'damage', part: 'flips' },
  'single-write': { harness: 'faults', part: 'short writes' },
  'start-fdatasync': { harness: 'power', part: 'repeat-of-an-unlisted-one' },
  'no-mark': { harness: 'edits', part: 'store one' },
  'no-second-save': { harness: 'edits', part: 'store one' },
  'no-rebuild': { harness: 'edits', part: 'store one' },
  'same-segment-after-eio': { harness: 'faults', part: 'EIO' },
  'stop-at-damage': { harness: 'damage', part: 'flips' },
  'history-place': { harness: 'damage', part: 'history' },
  'history-chain': { harness: 'damage', part: 'history' },
  'history-rebuild': { harness: 'damage', part: 'history' },
  'history-waiting': { harness: 'damage', part: 'history' },
};

/** In the long form each mutant meets all of these. */
const MATRIX: readonly Task[] = [
  ...['first-start', 'single-records', 'rotation', 'edit-by-rename', 'repeat-of-an-unlisted-one'].map((part) => ({
    harness: 'power',
    part,
  })),
  { harness: 'ext4', part: 'single-records' },
  ...['single-records', 'rotation', 'damaged-middle', 'drop-files'].map((part) => ({ harness: 'crash', part })),
  ...['EIO', 'short writes'].map((part) => ({ harness: 'faults', part })),
  { harness: 'kills', part: 'one' },
  { harness: 'edits', part: 'store one' },
  ...['flips', 'cuts', 'files', 'history'].map((part) => ({ harness: 'damage', part })),
];

/** Turns off one protection at a time and prints which harness misses it; returns how many none misses. */
export async function runMutants({ isLong, seed }: { isLong: boolean; seed: number }): Promise<number> {
  const startedMs = performance.now();
  console.log(`\nmutants: ${MUTATIONS.length} protections, each turned off by itself`);
  const jobs: Job[] = [];
  for (const { name } of MUTATIONS) {
    await buildPrograms(name);
    const tasks = isLong ? MATRIX : [CATCHES[name]!];
    for (const task of tasks) {
      jobs.push({ task, options: { mutant: name, isLong: false, seed, stopAtFirst: true } });
    }
  }
  const caught = new Map<string, Set<string>>();
  const skipped = new Set<string>();
  await runAll(jobs, ({ task, options }, outcome) => {
    if (outcome.skipped !== undefined) skipped.add(task.harness);
    if (outcome.failures.length === 0) return;
    caught.set(options.mutant, (caught.get(options.mutant) ?? new Set()).add(task.harness));
    console.log(
      `  ${options.mutant} caught by ${task.harness} (${task.part}): ${outcome.failures[0]!.split('\n')[0]!.slice(0, 140)}`,
    );
  });
  const columns = HARNESSES.map(({ name }) => name).filter((name) => jobs.some(({ task }) => task.harness === name));
  console.log(`\n| turned off | ${columns.join(' | ')} |\n|---|${columns.map(() => ':-:|').join('')}`);
  for (const { name, about } of MUTATIONS) {
    const marks = columns.map((column) => (caught.get(name)?.has(column) ? '●' : ''));
    console.log(`| ${about} (\`${name}\`) | ${marks.join(' | ')} |`);
  }
  for (const name of skipped) console.log(`SKIPPED: ${name} cannot run here`);
  const missed = MUTATIONS.filter(({ name }) => !caught.has(name));
  for (const { name } of missed) console.log(`✘ nothing misses ${name}`);
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(`${missed.length === 0 ? '✔' : '✘'} mutants: ${caught.size} of ${MUTATIONS.length} caught; ${seconds} s`);
  return missed.length;
}
