import { readUnderKills } from '../daemon/meters/reader/killed-reader.ts';
import { programsOf } from './build.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';

const KILLS_A_PART = { short: 100, long: 500 };

/** Kills the process that reads the tools' logs while these change, and compares all that it counted with what they say. */
export const METERS: Harness = {
  name: 'meters',
  about: 'kill -9 of the reader of live meters, at random instants and at every commit',
  tasks: () => ['instants', 'commits'].map((part) => ({ harness: 'meters', part })),
  run: killReader,
};

async function killReader({ part }: Task, { mutant, isLong, seed, scratch }: RunOptions): Promise<Outcome> {
  const { kills, compared, failures } = await readUnderKills({
    program: programsOf(mutant)['meter-reader'],
    at: part === 'commits' ? 'commits' : 'instants',
    kills: isLong ? KILLS_A_PART.long : KILLS_A_PART.short,
    seed,
    scratch,
  });
  return { failures, counts: { kills, compared } };
}
