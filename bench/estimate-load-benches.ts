import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { EXTREME } from './estimate-texts.ts';
import { median, p99, timed } from './measure.ts';
import { residentMb } from './process-figures.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

const BLOCKS = 12;
const RECORDS_A_BLOCK = 100;

/** Records made before measuring, so that the code of the daemon is compiled. */
const WARMING = 2_000;

/** The cost of estimating for everybody else: the time of a record meanwhile, the first answer, and memory. */
export async function estimateLoadBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const before = residentMb(daemon.pid);
  const client = await connectRpc(daemon.url);
  const estimate = (text: string) => client.call('conversation.estimate', paramsOf(text));
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
  const other = await startDaemon();
  for (let index = 0; index < WARMING; index++) await client.call('usage.record', ONE);
  for (const name of ['prose', 'base64', 'random letters']) {
    const { here, alone, elsewhere } = await recordsWhile(daemon, other, name);
    rows.push({
      what: `p99 of a record while a million characters are counted (${name})`,
      ours: here,
      floorName: 'p99 of one without',
      floor: alone,
      peerName: 'while another daemon counts',
      peer: elsewhere,
      unit: 'ms',
      bar: { timesFloor: 2 },
    });
  }
  rows.push(await recordsWhileStarting(daemon));
  client.close();
  await daemon.stop();
  await other.stop();
  return rows;
}

const ONE = { tokens: 1, sync_type: 'auto', event: 'bench' };

function paramsOf(text: string) {
  return { user_message: text, assistant_message: '' };
}

/**
 * The 99th percentiles of a record, in blocks while the daemon has one million characters after another to count, while
 * nobody has, and while another daemon has, which tells what is for want of processors.
 */
async function recordsWhile(daemon: BenchDaemon, other: BenchDaemon, kind: string) {
  const recorder = await connectRpc(daemon.url);
  const loads = { here: startLoad(daemon, kind), elsewhere: startLoad(other, kind) };
  const times = { here: [] as number[], alone: [] as number[], elsewhere: [] as number[] };
  for (let block = 0; block < BLOCKS; block++) {
    for (const where of ['here', 'alone', 'elsewhere'] as const) {
      const load = where === 'alone' ? undefined : loads[where];
      await load?.turn('on');
      for (let index = 0; index < RECORDS_A_BLOCK; index++) {
        times[where].push(await timed(() => recorder.call('usage.record', ONE)));
      }
      await load?.turn('off');
    }
  }
  loads.here.end();
  loads.elsewhere.end();
  recorder.close();
  return { here: p99(times.here), alone: p99(times.alone), elsewhere: p99(times.elsewhere) };
}

const STARTS = 20;

/** The 99th percentiles of a record, while the process that counts starts for its first count, and as many without. */
async function recordsWhileStarting(daemon: BenchDaemon): Promise<Row> {
  const [recorder, asker] = await Promise.all([connectRpc(daemon.url), connectRpc(daemon.url)]);
  const record = () => timed(() => recorder.call('usage.record', ONE));
  const meanwhile: number[] = [];
  const alone: number[] = [];
  for (let start = 0; start < STARTS; start++) {
    process.kill(workerOf(daemon), 'SIGKILL');
    // The daemon has to have heard of its end.
    while (workerOf(daemon)) await record();
    let isAnswered = false;
    const asked = asker.call('conversation.estimate', paramsOf('hello')).then(() => {
      isAnswered = true;
    });
    while (!isAnswered) meanwhile.push(await record());
    await asked;
    while (alone.length < meanwhile.length) alone.push(await record());
  }
  recorder.close();
  asker.close();
  return {
    what: 'p99 of a record while the process that counts starts',
    ours: p99(meanwhile),
    floorName: 'p99 of one without',
    floor: p99(alone),
    unit: 'ms',
  };
}

function startLoad({ url }: BenchDaemon, kind: string) {
  const load = spawn(process.execPath, [LOAD, url, kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    /** Resolves when it has begun, or when all it asked for is answered. */
    async turn(to: 'on' | 'off'): Promise<void> {
      const heard = once(load.stdout, 'data');
      load.stdin.write(`${to}\n`);
      await heard;
    },
    end: () => load.kill(),
  };
}

const LOAD = join(import.meta.dirname, 'estimate-load.ts');

/** The pid of the process that counts, 0 when there is none. */
function workerOf({ pid }: BenchDaemon): number {
  const pids = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout;
  return Number(pids.trim().split('\n')[0]);
}
