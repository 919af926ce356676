import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import type { Row } from './main.ts';
import { medians, timed } from './measure.ts';

const ROUNDS = 15;
const CLI = join(import.meta.dirname, '..', 'dist', 'cli.js');

/** What whole processes cost: the start of the daemon, a command of the CLI, and resident memory. */
export async function processBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const started: BenchDaemon[] = [];
  const [start, status, bare] = (await medians(
    [
      {
        name: 'start',
        run: async () => {
          const ms = await timed(async () => started.push(await startDaemon()));
          await started.pop()!.stop();
          return ms;
        },
      },
      { name: 'status', run: () => timed(() => run([CLI, 'status', '--data', daemon.folder])) },
      { name: 'bare', run: () => timed(() => run(['-e', '0'])) },
    ],
    ROUNDS,
  )) as [number, number, number];
  const [ours, node] = await residentMemory(daemon.pid);
  await daemon.stop();
  return [
    { what: 'start of the daemon to healthy', ours: start, floorName: 'node -e 0', floor: bare, unit: 'ms' },
    { what: 'token-sync status', ours: status, floorName: 'node -e 0', floor: bare, unit: 'ms' },
    { what: 'resident memory, idle', ours, floorName: 'bare Node', floor: node, unit: 'MB' },
  ];
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
}

async function residentMemory(daemonPid: number): Promise<[number, number]> {
  const idle = spawn(process.execPath, ['-e', 'console.log(1);setInterval(() => {}, 1e6)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => idle.stdout.once('data', resolve));
  const result: [number, number] = [residentMb(daemonPid), residentMb(idle.pid!)];
  idle.kill();
  return result;
}

function residentMb(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
