import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { medians, timed } from './measure.ts';
import { busyMs, residentMb, run, writtenBytes } from './process-figures.ts';
import type { Row } from './row.ts';

const ROUNDS = 21;
const ROOT = join(import.meta.dirname, '..');
const CLI = join(ROOT, 'dist', 'cli.js');
const SCRIPT = join(ROOT, 'scripts', 'token-sync');
/** After the start there is still some work, and a first collection of garbage. */
const SETTLE_MS = 10_000;
const MINUTE_MS = 60_000;

/** The cost of whole processes: the start of the daemon, a command, resident memory, and a minute in which nothing happens. */
export async function processBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const started: BenchDaemon[] = [];
  let tokens = 350_000;
  const node = (...args: string[]) => timed(() => run(process.execPath, args));
  const data = ['--data', daemon.folder];
  const [start, status, check, script, bare, record] = (await medians(
    [
      {
        name: 'start',
        run: async () => {
          const ms = await timed(async () => started.push(await startDaemon()));
          await started.pop()!.stop();
          return ms;
        },
      },
      { name: 'status', run: () => node(CLI, 'status', ...data) },
      { name: 'check', run: () => node(CLI, 'check', ...data) },
      { name: 'script', run: () => timed(() => run(SCRIPT, ['status', ...data])) },
      { name: 'bare', run: () => node('-e', '0') },
      { name: 'record', run: () => timed(() => run(SCRIPT, ['record', String(++tokens), ...data])) },
    ],
    ROUNDS,
  )) as [number, number, number, number, number, number];
  await daemon.stop();
  return [
    {
      what: 'start of the daemon to healthy',
      ours: start,
      floorName: 'node -e 0',
      floor: bare,
      unit: 'ms',
      bar: { timesFloor: 3 },
    },
    {
      what: 'token-sync status, of the package',
      ours: status,
      floorName: 'node -e 0',
      floor: bare,
      unit: 'ms',
      bar: { timesFloor: 1.6 },
    },
    {
      what: 'token-sync check, of the package',
      ours: check,
      floorName: 'node -e 0',
      floor: bare,
      unit: 'ms',
      bar: { timesFloor: 1.6 },
    },
    {
      what: 'scripts/token-sync status',
      ours: script,
      floorName: 'node -e 0',
      floor: bare,
      unit: 'ms',
      bar: { timesFloor: 2 },
    },
    {
      what: 'scripts/token-sync record, to the receipt',
      ours: record,
      floorName: 'node -e 0',
      floor: bare,
      unit: 'ms',
      bar: { timesFloor: 2 },
    },
    ...(await idle()),
  ];
}

async function idle(): Promise<Row[]> {
  const daemon = await startDaemon();
  // To be woken costs a processor that sleeps more than what it is woken for: on a virtual one up to 16 ms.
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e3)'], { stdio: 'ignore' });
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const [ours, floor] = [residentMb(daemon.pid), residentMb(bare.pid!)];
  const before = { ms: busyMs(daemon.pid), bytes: writtenBytes(daemon.pid), bareMs: busyMs(bare.pid!) };
  await new Promise((resolve) => setTimeout(resolve, MINUTE_MS));
  const ms = busyMs(daemon.pid) - before.ms;
  const bytes = writtenBytes(daemon.pid) - before.bytes;
  const bareMs = busyMs(bare.pid!) - before.bareMs;
  bare.kill();
  await daemon.stop();
  return [
    { what: 'resident memory, idle', ours, floorName: 'bare Node', floor, unit: 'MiB', bar: { timesFloor: 1.5 } },
    {
      what: 'processor time of an idle minute',
      ours: ms,
      floorName: 'bare Node that wakes once a second',
      floor: bareMs,
      unit: 'ms',
      bar: { atMost: 60 },
    },
    { what: 'written to disk in an idle minute', ours: bytes, unit: 'bytes', bar: { atMost: 0 } },
  ];
}
