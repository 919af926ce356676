import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Programs } from './build.ts';
import { dataFolderIn } from './recording.ts';
import type { Scenario } from './scenarios.ts';
import { callsOf, type Ended, runTraced } from './strace.ts';

/** The calls at which a process is killed: those that change files, make changes durable, or tell a caller. */
const KILLING_CALLS = [
  ...[
    'openat',
    'close',
    'write',
    'pwrite64',
    'ftruncate',
    'rename',
    'renameat2',
    'link',
    'unlink',
    'mkdir',
    'fsync',
    'fdatasync',
  ],
  ...['fchmod', 'copy_file_range', 'sendfile'],
];

/** The n-th call of a name, counted by thread, among those that concern the world. */
export interface KillPoint {
  readonly call: string;
  readonly nth: number;
}

export interface KilledRun {
  readonly scenario: Scenario;
  readonly programs: Programs;
  readonly world: string;
  readonly paths: readonly string[];
  readonly told: string;
  readonly log: string;
}

/** Every point at which the first life of a scenario can be killed, found by running it. */
export async function killPointsOf(run: KilledRun): Promise<KillPoint[]> {
  const { code, signal, stderr } = await runLife(run, []);
  if (code !== 0) throw new Error(`${run.scenario.name} ended with ${signal ?? code}: ${stderr}`);
  const counts = new Map<string, number>();
  const points = new Map<string, KillPoint>();
  for (const { pid, name, args } of callsOf(run.log)) {
    const nth = (counts.get(`${pid} ${name}`) ?? 0) + 1;
    counts.set(`${pid} ${name}`, nth);
    // To open a file changes something only where it makes or empties it.
    if (name === 'openat' && !/O_CREAT|O_TRUNC/.test(args[2] ?? '')) continue;
    points.set(`${name} ${nth}`, { call: name, nth });
  }
  return [...points.values()];
}

/** Runs the first life and kills it as it enters a call; the call itself is not done. */
export function runKilled(run: KilledRun, { call, nth }: KillPoint): Promise<Ended> {
  return runLife(run, ['-e', `inject=${call}:signal=SIGKILL:when=${nth}`]);
}

async function runLife(
  { scenario, programs, world, paths, told, log }: KilledRun,
  flags: readonly string[],
): Promise<Ended> {
  writeFileSync(told, '');
  const among = [...paths, told].flatMap((path) => ['-P', path]);
  const args = [programs.actor, scenario.name, '0', dataFolderIn(world)];
  const trace = ['-xx', '-s', '16', '-e', `trace=${KILLING_CALLS.join(',')}`];
  return await runTraced({ log, told, args, flags: [...trace, ...among, ...flags] });
}

/** The files of a killed run, in the scratch folder of a task. */
export function runFiles(scratch: string): { readonly told: string; readonly log: string } {
  return { told: join(scratch, 'told-killed'), log: join(scratch, 'killed.strace') };
}
