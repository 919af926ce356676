import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { scratchFolder } from '../test/support/scratch.ts';
import { startDaemon } from './daemon-process.ts';
import { median } from './measure.ts';
import { busyMs, residentMb } from './process-figures.ts';
import { connectCrowd } from './raw-socket.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

/** Two crowds of the last, one of them the floor's, are as many as one process is given sockets for (20,000). */
const CROWDS = [1, 100, 1_000, 9_900];
const ROUNDS = 15;
const WARM_UP = 10;
/** The header of a frame of 126 to 65,535 bytes. */
const FRAME_HEADER = 4;
const BARE = join(import.meta.dirname, 'bare-push.ts');
const LOOP_PAUSE = pathToFileURL(join(import.meta.dirname, 'loop-pause.ts'));

/** The cost of telling a crowd of one record; the floor is the same record told to nobody, and a bare loop that sends the same bytes. */
export async function crowdBenches(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of CROWDS) rows.push(...(await tellCrowd(size)));
  return rows;
}

async function tellCrowd(size: number): Promise<Row[]> {
  const folder = scratchFolder();
  const pauseFile = join(folder, 'longest-pause');
  const env = { NODE_OPTIONS: `--import=${LOOP_PAUSE}`, LOOP_PAUSE_FILE: pauseFile };
  const [daemon, alone] = [await startDaemon(folder, env), await startDaemon()];
  const [recorder, lonely] = [await connectRpc(daemon.url), await connectRpc(alone.url)];
  const reading = { tokens: 1, sync_type: 'auto', event: 'bench' };
  const record = () => recorder.call('usage.record', reading);
  const recordAlone = () => lonely.call('usage.record', reading);
  for (let round = 0; round < 100; round++) await Promise.all([record(), recordAlone()]);
  const before = residentMb(daemon.pid);
  const crowd = await gather(size, daemon.url, '{"jsonrpc":"2.0","id":1,"method":"usage.subscribe"}');
  const kilobytes = ((residentMb(daemon.pid) - before) * 1_024) / size;
  const bytes = await crowd.bytesEachOf(record);
  const bare = await startBare(bytes - FRAME_HEADER);
  const bareBefore = residentMb(bare.pid);
  const bareCrowd = await gather(size, bare.url, '{}');
  const bareKilobytes = ((residentMb(bare.pid) - bareBefore) * 1_024) / size;
  const samples = { ours: [] as number[], floor: [] as number[], lastMs: [] as number[], pauseMs: [] as number[] };
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const ours = await crowd.told(bytes, daemon.pid, record);
    const floor = await bareCrowd.told(bytes, bare.pid, bare.push);
    const floorRecordMs = await crowd.told(0, alone.pid, recordAlone);
    const pauseMs = await longestPauseDuring(daemon.pid, pauseFile, () => crowd.told(bytes, daemon.pid, record));
    if (round < 0) continue;
    samples.ours.push(ours.busyMs);
    samples.floor.push(floor.busyMs + floorRecordMs.busyMs);
    samples.lastMs.push(ours.lastMs);
    samples.pauseMs.push(pauseMs);
  }
  for (const part of [recorder, lonely, crowd, bareCrowd, bare]) part.close();
  await Promise.all([daemon.stop(), alone.stop()]);
  const to = size === 1 ? 'one subscriber' : `${size.toLocaleString('en')} subscribers`;
  const row: Row = {
    what: `processor time of a record told to ${to}`,
    ours: median(samples.ours),
    floorName: 'told to nobody, and a bare ws.send loop',
    floor: median(samples.floor),
    unit: 'ms',
    bar: { timesFloor: 1.3 },
  };
  if (size < 1_000) return [row];
  const more: Row[] = [
    { what: `record to the last of ${to}`, ours: median(samples.lastMs), unit: 'ms' },
    {
      what: `longest pause of the event loop while ${to} are told`,
      ours: median(samples.pauseMs),
      unit: 'ms',
      bar: { atMost: 20 },
    },
    {
      what: `the longest of ${ROUNDS} such pauses, ${to}`,
      ours: Math.max(...samples.pauseMs),
      unit: 'ms',
    },
    {
      what: `memory a subscriber, of ${size.toLocaleString('en')}`,
      ours: kilobytes,
      floorName: 'bare ws',
      floor: bareKilobytes,
      unit: 'KiB',
      // Of fewer, what V8 sets aside for any program that is busy is the most.
      ...(size === CROWDS.at(-1) && { bar: { atMost: 16 } }),
    },
  ];
  return [row, ...more];
}

/** Peers that count what they are sent. */
async function gather(size: number, url: string, text: string) {
  let received = 0;
  let onData: () => void = () => undefined;
  const hear = (count: number) => {
    received += count;
    onData();
  };
  const peers = await connectCrowd(size, url, text, hear);
  const hasAll = (bytes: number) =>
    new Promise<void>((resolve) => {
      onData = () => {
        if (received >= bytes) resolve();
      };
      onData();
    });
  return {
    async bytesEachOf(push: () => Promise<unknown>): Promise<number> {
      await quiet();
      received = 0;
      await push();
      // A packet that is lost is sent again after a fifth of a second.
      do await quiet();
      while (received === 0 || received % size > 0);
      return received / size;
    },
    /** The time until the last had got that many bytes, and the processor time that it cost a process. */
    async told(bytes: number, pid: number, push: () => Promise<unknown>) {
      await quiet();
      received = 0;
      const before = busyMs(pid);
      const start = performance.now();
      await push();
      // A figure may have grown by a digit, but not shrunk.
      await hasAll(bytes * size);
      const lastMs = performance.now() - start;
      await quiet();
      return { lastMs, busyMs: busyMs(pid) - before };
    },
    close() {
      for (const socket of peers) socket.destroy();
    },
  };
}

/** Long enough that whatever was put off until later has been done. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 100));
}

async function longestPauseDuring(pid: number, file: string, work: () => Promise<unknown>): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  await quiet();
  await work();
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 1));
  return Number(readFileSync(file, 'utf8'));
}

async function startBare(bytes: number) {
  const child = spawn(process.execPath, [BARE, String(bytes)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  return {
    url: `http://127.0.0.1:${String(port).trim()}`,
    pid: child.pid!,
    push: async () => child.stdin.write('\n'),
    close: () => child.kill(),
  };
}
