import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { randomOf, sampleOf } from '../support/random.ts';
import { programsOf } from './build.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';
import { type KilledRun, type KillPoint, killPointsOf, runFiles, runKilled } from './kill-points.ts';
import { type CheckOptions, problemsOf, promisedAfter } from './oracle.ts';
import { dataFolderIn, pathsOf, prepare, record, toldIn } from './recording.ts';
import { RECOVERY, SCENARIOS, type Scenario, scenarioOf, type Told } from './scenarios.ts';

/** The number of kills of a scenario, and of those after which the recovery is killed as well. */
const EXTENT = { short: { kills: 30, second: 5 }, long: { kills: Number.POSITIVE_INFINITY, second: 200 } };

const MOST_FAILURES = 5;

/** Kills at every call that changes a file, and a second time while the next start recovers. */
export const CRASH: Harness = {
  name: 'crash',
  about: 'kill -9 at every system call that changes a file, and again during the recovery',
  tasks: () => SCENARIOS.filter(isKilledHere).map(({ name }) => ({ harness: 'crash', part: name })),
  run: killEverywhere,
};

function isKilledHere({ lives }: Scenario): boolean {
  return lives[0]!.killedAt === undefined;
}

async function killEverywhere({ part }: Task, options: RunOptions): Promise<Outcome> {
  const scenario = scenarioOf(part);
  const { kills, second } = options.isLong ? EXTENT.long : EXTENT.short;
  const programs = programsOf(options.mutant);
  const module = await import(programs.subject);
  const random = randomOf(options.seed);
  const world = join(options.scratch, 'world');
  const fresh = join(options.scratch, 'fresh');
  const prepared = await prepare(scenario, world);
  cpSync(world, fresh, { recursive: true });
  const { lives, told } = await record(scenario, world, programs, options.scratch);
  const paths = pathsOf(lives[0]!, world);
  const run: KilledRun = { scenario, programs, world, paths, ...runFiles(options.scratch) };
  const renew = () => {
    rmSync(world, { recursive: true, force: true });
    cpSync(fresh, world, { recursive: true });
  };
  renew();
  const points = await killPointsOf(run);
  const chosen = sampleOf(points, options.stopAtFirst ? points.length : kills, random);
  const alsoAtRecovery = new Set(sampleOf(chosen, second, random));
  const counts = { 'kill points': points.length, kills: 0, 'kills of a recovery': 0 };
  const failures: string[] = [];
  for (const point of chosen) {
    renew();
    const { code } = await runKilled(run, point);
    // A call of another thread may have come in between; then the scenario simply ran to its end.
    if (code !== 0) counts.kills++;
    const promised = promisedAfter(told, prefixOf(told, toldIn(run.told)), prepared);
    let where = `${part}, killed at ${point.call} ${point.nth}`;
    if (alsoAtRecovery.has(point)) {
      const again = await killRecovery(run, random);
      counts['kills of a recovery'] += again ? 1 : 0;
      where += again ? `, and again at ${again.call} ${again.nth}` : '';
    }
    failures.push(...(await checked(dataFolderIn(world), { scenario, promised, module }, where)));
    if (failures.length >= (options.stopAtFirst ? 1 : MOST_FAILURES)) break;
  }
  return { failures, counts };
}

async function checked(folder: string, options: CheckOptions, where: string): Promise<string[]> {
  const problems = await problemsOf(folder, { ...options, keepsFiles: true });
  return problems.length === 0 ? [] : [`${where}: ${problems.join('; ')}`];
}

/** Starts on what the first kill has left, and kills that as well at a call of chance. */
async function killRecovery(run: KilledRun, random: () => number): Promise<KillPoint | undefined> {
  const recovery = { ...run, scenario: RECOVERY, told: `${run.told}-recovery` };
  const copy = `${run.world}-copy`;
  cpSync(run.world, copy, { recursive: true });
  const points = await killPointsOf(recovery);
  rmSync(run.world, { recursive: true, force: true });
  renameSync(copy, run.world);
  const point = points[Math.floor(random() * points.length)]!;
  const { code } = await runKilled(recovery, point);
  return code === 0 ? undefined : point;
}

/** The number of messages of a whole run that a killed one told; throws when it told others. */
function prefixOf(whole: readonly Told[], told: readonly Told[]): number {
  for (const [index, one] of told.entries()) {
    if (JSON.stringify(whole[index]) !== JSON.stringify(one)) {
      throw new Error(
        `a run told something else than another: ${JSON.stringify(one)} for ${JSON.stringify(whole[index])}`,
      );
    }
  }
  return told.length;
}
