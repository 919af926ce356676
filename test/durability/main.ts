import { parseArgs } from 'node:util';
import { buildPrograms } from './build.ts';
import type { Outcome, Task } from './harness.ts';
import { HARNESSES, harnessOf } from './harnesses.ts';
import { runMutants } from './mutants.ts';
import { runAll } from './pool.ts';
import { hasStrace } from './strace.ts';
import type { Job } from './worker.ts';

const MUTANTS = 'mutants';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    seed: { type: 'string' },
    mutant: { type: 'string', default: 'plain' },
    part: { type: 'string' },
  },
});
const given = values.seed === undefined ? undefined : Number(values.seed);
const seed = given ?? Date.now() % 1_000_000;
const isLong = values.long;
const { mutant } = values;
const names = positionals.length > 0 ? positionals : [...HARNESSES.map(({ name }) => name), MUTANTS];

if (!hasStrace()) {
  console.error(
    'strace is missing or cannot follow a process here: nothing can be proved (Linux, and a kernel that allows ptrace)',
  );
  process.exit(1);
}
console.log(`${isLong ? 'long' : 'short'} form, seed ${seed}${mutant === 'plain' ? '' : `, mutant ${mutant}`}`);
await buildPrograms(mutant);
let failed = 0;
for (const name of names) failed += name === MUTANTS ? await runMutants({ isLong, seed }) : await runHarness(name);
process.exitCode = failed > 0 ? 1 : 0;

async function runHarness(name: string): Promise<number> {
  const harness = harnessOf(name);
  const tasks = harness.tasks({ isLong, seed }).filter(({ part }) => values.part === undefined || part === values.part);
  const own = given ?? (isLong ? undefined : harness.seed) ?? seed;
  const jobs: Job[] = tasks.map((task) => ({ task, options: { mutant, isLong, seed: own, stopAtFirst: false } }));
  const totals = new Map<string, number>();
  const startedMs = performance.now();
  let failures = 0;
  console.log(`\n${harness.name}: ${harness.about}`);
  await runAll(jobs, ({ task }, seen, ms) => {
    const outcome = withMissedTool(seen);
    failures += outcome.failures.length;
    for (const [what, count] of Object.entries(outcome.counts)) totals.set(what, (totals.get(what) ?? 0) + count);
    report(task, outcome, ms);
  });
  const sums = [...totals].map(([what, count]) => `${count.toLocaleString('en')} ${what}`).join(', ');
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(`${failures === 0 ? '✔' : '✘'} ${harness.name}: ${sums}; ${failures} failures; ${seconds} s`);
  return failures;
}

/** In CI every tool is there, so that one which is missing has left a promise untried. */
function withMissedTool(outcome: Outcome): Outcome {
  const isMissed = process.env.CI !== undefined && outcome.skipped?.startsWith('needs ');
  return isMissed ? { ...outcome, failures: [...outcome.failures, outcome.skipped!] } : outcome;
}

function report(task: Task, { failures, counts, skipped }: Outcome, ms: number): void {
  const sums = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
  const said = skipped === undefined ? sums.join(', ') : `SKIPPED: ${skipped}`;
  console.log(`  ${failures.length === 0 ? '✔' : '✘'} ${task.part}: ${said} (${(ms / 1_000).toFixed(1)} s)`);
  for (const failure of failures) console.log(`    ✘ ${failure}`);
}
