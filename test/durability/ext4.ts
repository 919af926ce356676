import { copyFileSync, cpSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, wordsFor } from '../support/needs.ts';
import { execFileSync, spawnSync } from '../support/programs.ts';
import { randomOf, sampleOf } from '../support/random.ts';
import { programsOf } from './build.ts';
import type { Harness, Outcome, RunOptions, Task } from './harness.ts';
import { type KilledRun, killPointsOf, runFiles, runKilled } from './kill-points.ts';
import { problemsOf, promisedAfter } from './oracle.ts';
import { dataFolderIn, pathsOf, prepare, record, toldIn } from './recording.ts';
import { SCENARIOS, scenarioOf } from './scenarios.ts';

/** Nothing but what the program asks for reaches the disk within this time. */
const COMMIT_SECONDS = 600;

const SHORT = { parts: ['single-records', 'edit-by-rename', 'rotation'], cuts: 14 };

/** Cuts the power of a real file system at every call: its disk is copied as it is at that moment, and mounted anew. */
export const EXT4: Harness = {
  name: 'ext4',
  about: 'power cut at every call, on a real ext4 whose journal commits only when asked',
  tasks({ isLong }) {
    const parts = SCENARIOS.filter(({ name, lives }) => !lives[0]!.killedAt && (isLong || SHORT.parts.includes(name)));
    return parts.map(({ name }) => ({ harness: 'ext4', part: name }));
  },
  run: cutEverywhere,
};

async function cutEverywhere({ part }: Task, options: RunOptions): Promise<Outcome> {
  const { scratch } = options;
  const image = (name: string) => join(scratch, `${name}.img`);
  const world = join(scratch, 'world');
  const after = join(scratch, 'after');
  mkdirSync(world);
  mkdirSync(after);
  const refusal = makeImage(image('fresh'), world);
  if (refusal !== undefined) return { failures: [], counts: { cuts: 0 }, skipped: refusal };
  const scenario = scenarioOf(part);
  const programs = programsOf(options.mutant);
  const module = await import(programs.subject);
  const plain = join(scratch, 'plain');
  const prepared = await prepare(scenario, plain);
  const restore = () => cpSync(plain, world, { recursive: true });
  mount(image('fresh'), world);
  restore();
  unmount(world);
  copyFileSync(image('fresh'), image('live'));
  mount(image('live'), world);
  const { lives, told } = await record(scenario, world, programs, scratch);
  const run: KilledRun = { scenario, programs, world, paths: pathsOf(lives[0]!, world), ...runFiles(scratch) };
  rmSync(dataFolderIn(world), { recursive: true, force: true });
  restore();
  const points = await killPointsOf(run);
  unmount(world);
  const failures: string[] = [];
  let cuts = 0;
  const chosen = sampleOf(points, options.isLong ? Number.POSITIVE_INFINITY : SHORT.cuts, randomOf(options.seed));
  for (const point of chosen) {
    copyFileSync(image('fresh'), image('live'));
    mount(image('live'), world);
    try {
      await runKilled(run, point);
      copyFileSync(image('live'), image('cut'));
    } finally {
      unmount(world);
    }
    mount(image('cut'), after);
    try {
      cuts++;
      const promised = promisedAfter(told, toldIn(run.told).length, prepared);
      const problems = await problemsOf(dataFolderIn(after), {
        scenario,
        promised,
        module,
        mayWarn: ['ledger_damaged'],
      });
      if (problems.length > 0) failures.push(`${part}, cut at ${point.call} ${point.nth}: ${problems.join('; ')}`);
    } finally {
      unmount(after);
    }
    if (options.stopAtFirst && failures.length > 0) break;
  }
  return { failures, counts: { cuts } };
}

/** Makes a small file system; returns why it cannot be mounted here. */
function makeImage(path: string, world: string): string | undefined {
  if (!has('mkfs.ext4')) return wordsFor(['mkfs.ext4']);
  writeFileSync(path, '');
  truncateSync(path, 12 * 1_024 * 1_024);
  const made = spawnSync('mkfs.ext4', ['-q', '-b', '1024', '-J', 'size=1', path], { encoding: 'utf8' });
  if (made.status !== 0) return `mkfs.ext4 failed: ${made.stderr}`;
  const mounted = spawnSync('mount', ['-o', 'loop', path, world], { encoding: 'utf8' });
  if (mounted.status !== 0) return `only root can mount an image: ${mounted.stderr?.trim() ?? mounted.error?.message}`;
  unmount(world);
  return undefined;
}

function mount(path: string, where: string): void {
  execFileSync('mount', ['-o', `loop,noatime,commit=${COMMIT_SECONDS}`, path, where]);
}

function unmount(where: string): void {
  execFileSync('umount', [where]);
}
