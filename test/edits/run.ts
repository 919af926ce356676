import { randomOf } from '../support/random.ts';
import { takeStep } from './steps.ts';
import type { Subject } from './subject.ts';
import { Trial } from './trial.ts';

/** Opens what edits are tried on, anew and empty for each run. */
export type Open = () => Promise<Subject>;

export interface Run {
  readonly edits: number;
  /** The fault, with the steps that led to it; `undefined` when there was none. */
  readonly failure?: string | undefined;
  /** The number of steps up to the failure. */
  readonly steps: number;
}

/** The steps of a run, each a seed of its own, so that a run without some of them is like the whole. */
export function stepsOf(seed: number, count: number): number[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => Math.floor(random() * 2 ** 32));
}

/** Takes the steps one by one until something is wrong; `after` may meddle. */
export async function runSteps(steps: readonly number[], open: Open, after?: (trial: Trial) => void): Promise<Run> {
  const subject = await open();
  const trial = new Trial(subject);
  let taken = 0;
  try {
    for (const step of steps) {
      taken++;
      await takeStep(trial, randomOf(step));
      after?.(trial);
    }
    await trial.expectHistory();
    return { edits: trial.edits, steps: taken };
  } catch (error) {
    const failure = [...trial.log, `✘ ${(error as Error).stack}`].join('\n');
    return { edits: trial.edits, steps: taken, failure };
  } finally {
    await subject.end();
  }
}

/**
 * Runs that make `edits` edits in all; stops at the first failure, which is told whole, because a chance may have had a part
 * in it, and before that with the fewest steps found within `tries` that fail, be it in another way.
 */
export async function runEdits(seed: number, edits: number, open: Open, tries: number): Promise<Totals> {
  const totals = { edits: 0, runs: 0 };
  while (totals.edits < edits) {
    const steps = stepsOf(seed + totals.runs++, STEPS_A_RUN);
    const run = await runSteps(steps, open);
    totals.edits += run.edits;
    if (run.failure === undefined) continue;
    const fewer = await shrunk(steps.slice(0, run.steps), open, tries);
    const again = fewer.length < run.steps ? await runSteps(fewer, open) : { failure: undefined };
    const told = [...(again.failure === undefined ? [] : [`shortened: ${again.failure}`]), run.failure];
    return { ...totals, failure: `run ${seed + totals.runs - 1}: ${told.join('\n')}` };
  }
  return totals;
}

export interface Totals {
  readonly edits: number;
  readonly runs: number;
  readonly failure?: string;
}

const STEPS_A_RUN = 120;

/** The shortest list of steps found within `tries` that still fails. */
async function shrunk(steps: readonly number[], open: Open, tries: number): Promise<readonly number[]> {
  let shortest = steps;
  let left = tries;
  for (let size = Math.ceil(shortest.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let start = Math.max(0, shortest.length - 1 - size); left > 0 && start >= 0; start -= size) {
      const fewer = shortest.toSpliced(start, size);
      left--;
      const { failure, steps: taken } = await runSteps(fewer, open);
      if (failure !== undefined) shortest = fewer.slice(0, taken);
      start = Math.min(start, shortest.length);
    }
  }
  return shortest;
}
