import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Runs a program to its end; one that fails ends the bench. */
export async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}

/** Resident memory of a process in MiB. */
export function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) / 1_024;
}

/** Bytes that a process has had written to a disk. */
export function writtenBytes(pid: number): number {
  const [, bytes] = /^write_bytes: (\d+)/m.exec(read(`/proc/${pid}/io`)) ?? [];
  return Number(bytes);
}

/** Milliseconds on a core of a process, its threads and the children that it has or had. */
export function busyMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) => read(`/proc/${pid}/task/${thread}/children`).match(/\d+/g) ?? []);
  const [, , , , , , , , , , , , , ended = 0, endedInKernel = 0] = read(`/proc/${pid}/stat`)
    .split(') ')[1]!
    .split(' ')
    .map(Number);
  const own = threads.reduce((sum, thread) => sum + runMs(`/proc/${pid}/task/${thread}`), 0);
  return own + (ended + endedInKernel) * TICK_MS + children.reduce((sum, child) => sum + runMs(`/proc/${child}`), 0);
}

/** The clock of `/proc/PID/stat` has a hundred ticks a second on every Linux. */
const TICK_MS = 10;

/** The first figure of `schedstat` is nanoseconds on a core. */
function runMs(folder: string): number {
  return Number.parseInt(read(join(folder, 'schedstat')), 10) / 1e6;
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}
