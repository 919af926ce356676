import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { temporaryFolder } from '../support/folders.ts';
import { isRunning, runningProcesses } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { filled, randomFrom } from './estimate/corpus.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Takes about a quarter of a second to count. */
const LONG_TEXT = filled(randomFrom(9), 1_000_000, (random) => String.fromCharCode(97 + Math.floor(random() * 26)));
const SHORT = { user_message: 'hello world', assistant_message: '' };
const LONG = { user_message: LONG_TEXT, assistant_message: '' };

describe("the worker's crash", () => {
  test('a crash of the worker is answered as busy, its cause is in the log, and the next estimate has a new worker', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('conversation.estimate', SHORT);
    const counting = daemon.post('/api/estimate', LONG);
    const [worker = 0] = workersOf(daemon);
    await workToBeginIn(worker);
    process.kill(worker, 'SIGSEGV');

    const answer = await counting;

    expect(answer).toMatchObject({ status: 503 });
    expect(answer.json()).toMatchObject({ success: false, kind: 'busy' });
    expect(await logOf(daemon, 'the estimate worker broke')).toContain('SIGSEGV');
    expect(await daemon.rpc('conversation.estimate', SHORT)).toMatchObject({ total_tokens: 2 });
  });
});

test('a worker that says what is no reply is ended, and its estimate answered as busy', async () => {
  const daemon = await startDaemon({ main: join(withChattingWorker(), 'dist/daemon.js') });

  const answer = await daemon.post('/api/estimate', SHORT);

  expect(answer.json()).toMatchObject({ success: false, kind: 'busy' });
  expect(await logOf(daemon, 'the estimate worker broke')).toContain('hello');
  expect(await daemon.rpc('usage.record', { tokens: 5 })).toMatchObject({ total_used: 5 });
});

describe('the worker', () => {
  test('the worker ends with the daemon', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('conversation.estimate', SHORT);
    const [worker = 0] = workersOf(daemon);
    await daemon.stop();

    await until(() => !isRunning(worker), 'the worker has ended');
  });

  test('the worker stops counting for a caller that has gone away, by HTTP and by WebSocket, or is told to go', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('conversation.estimate', SHORT);
    const [worker = 0] = workersOf(daemon);
    const fullTicks = await ticksOf(worker, () => daemon.rpc('conversation.estimate', LONG));

    const leaving = [
      async () => {
        const body = JSON.stringify({ ...LONG });
        const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
        const call = request(`${daemon.url}/api/estimate`, { method: 'POST', headers });
        call.on('error', () => undefined);
        call.end(body);
        await workToBeginIn(worker);
        call.destroy();
      },
      async () => {
        const socket = await daemon.connect();
        socket.call('conversation.estimate', LONG).catch(() => undefined);
        await workToBeginIn(worker);
        socket.close();
      },
      async () => {
        const socket = await daemon.connect();
        // So it does not leave when it is told to.
        socket.socket.pause();
        socket.call('conversation.estimate', LONG).catch(() => undefined);
        await workToBeginIn(worker);
        socket.socket.send(Buffer.alloc(1));
      },
    ];
    for (const leave of leaving) {
      const ticks = await ticksOf(worker, async () => {
        await leave();
        await daemon.rpc('conversation.estimate', SHORT);
      });
      expect(ticks).toBeLessThan(fullTicks * 0.75);
    }
    expect(workersOf(daemon)).toEqual([worker]);
  });
});

/** A copy of the programs whose worker says something of its own before it counts. */
function withChattingWorker(): string {
  const folder = temporaryFolder();
  cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const worker = join(folder, 'dist/estimate-worker.js');
  writeFileSync(worker, `console.log('hello');\n${readFileSync(worker, 'utf8')}`);
  return folder;
}

function workersOf({ pid }: TestDaemon): number[] {
  return runningProcesses()
    .filter(({ parent }) => parent === pid)
    .map((worker) => worker.pid);
}

/** The processor time of a process, in hundredths of a second. */
function ticks(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13]);
}

async function ticksOf(pid: number, work: () => Promise<unknown>): Promise<number> {
  const before = ticks(pid);
  await work();
  return ticks(pid) - before;
}

async function workToBeginIn(pid: number): Promise<void> {
  const before = ticks(pid);
  await until(() => ticks(pid) >= before + 5, 'the worker works');
}

async function logOf(daemon: TestDaemon, message: string): Promise<string> {
  return await until(
    () =>
      readdirSync(daemon.path('logs'))
        .flatMap((name) => daemon.read(`logs/${name}`).split('\n'))
        .find((line) => line.includes(message)),
    'the log names it',
  );
}
