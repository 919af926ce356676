import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { EXTREME } from './estimate-texts.ts';
import { median, p99, timed } from './measure.ts';
import { residentMb } from './process-figures.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

const BLOCKS = 12;
const RECORDS_A_BLOCK = 40;

/** What estimating costs everybody else: the time of a record meanwhile, the first answer, and memory. */
export async function estimateLoadBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const before = residentMb(daemon.pid);
  const client = await connectRpc(daemon.url);
  const estimate = (text: string) =>
    client.call('conversation.estimate', { user_message: text, assistant_message: '' });
  const first = await timed(() => estimate('hello'));
  const workerMb = residentMb(workerOf(daemon));
  const again: number[] = [];
  for (let round = 0; round < 50; round++) again.push(await timed(() => estimate('hello')));
  const rows: Row[] = [
    {
      what: 'first estimate',
      ours: first,
      floorName: 'the next',
      floor: median(again),
      unit: 'ms',
      bar: { atMost: 250 },
    },
    { what: 'resident memory of the process that counts', ours: workerMb, unit: 'MiB', bar: { atMost: 80 } },
  ];
  for (let round = 0; round < 10; round++) await estimate(EXTREME.prose!(1_000_000));
  process.kill(workerOf(daemon), 'SIGKILL');
  rows.push({
    what: "the daemon's memory after ten million characters and the worker's end",
    ours: residentMb(daemon.pid),
    floorName: 'before it',
    floor: before,
    unit: 'MiB',
  });
  for (const name of ['prose', 'base64', 'random letters']) {
    const [counting, alone] = await recordsWhile(daemon, name);
    rows.push({
      what: `p99 of a record while a million characters are counted (${name})`,
      ours: counting,
      floorName: 'p99 of one without',
      floor: alone,
      unit: 'ms',
      bar: { timesFloor: 2 },
    });
  }
  client.close();
  await daemon.stop();
  return rows;
}

/** The 99th percentiles of a record, in blocks with and without a program that has one million characters after another counted. */
async function recordsWhile(daemon: BenchDaemon, kind: string): Promise<[number, number]> {
  const recorder = await connectRpc(daemon.url);
  const record = () => recorder.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'bench' });
  const samples: [number[], number[]] = [[], []];
  const load = spawn(process.execPath, [LOAD, daemon.url, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const turn = async (isOn: boolean) => {
    const heard = new Promise((resolve) => load.stdout.once('data', resolve));
    load.stdin.write(isOn ? 'on\n' : 'off\n');
    await heard;
  };
  for (let block = 0; block < BLOCKS; block++) {
    for (const times of samples) {
      await turn(times === samples[0]);
      for (let index = 0; index < RECORDS_A_BLOCK; index++) times.push(await timed(record));
    }
  }
  load.kill();
  recorder.close();
  return [p99(samples[0]), p99(samples[1])];
}

const LOAD = join(import.meta.dirname, 'estimate-load.ts');

function workerOf({ pid }: BenchDaemon): number {
  return Number(
    execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')[0],
  );
}
