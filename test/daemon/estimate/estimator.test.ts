import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEstimator, type Estimator } from '../../../src/daemon/estimate/estimator.ts';

const LONG_TEXT = 'a'.repeat(4_000_000);

let workers: Worker[] = [];
let estimator: Estimator | undefined;
const remember = (worker: Worker) => workers.push(worker);

beforeEach(() => {
  workers = [];
  process.on('worker', remember);
});

afterEach(async () => {
  process.off('worker', remember);
  await estimator?.close();
});

describe('counting', () => {
  test('answers the count of each text, by either encoding', async () => {
    estimator = createEstimator();
    const texts = ['学而时习之，不亦说乎？', '<|endoftext|>', ''];

    expect(await estimator.count(texts, 'o200k_base')).toEqual([10, 7, 0]);
    expect(await estimator.count(texts, 'cl100k_base')).toEqual([14, 7, 0]);
    expect(await estimator.count([], 'o200k_base')).toEqual([]);
  });

  test('starts one worker, at the first count', async () => {
    estimator = createEstimator();
    expect(workers).toHaveLength(0);

    await Promise.all([estimator.count(['a'], 'o200k_base'), estimator.count(['a'], 'o200k_base')]);
    await estimator.count(['a'], 'o200k_base');

    expect(workers).toHaveLength(1);
  });

  test('leaves the main thread free', async () => {
    estimator = createEstimator();
    const counting = estimator.count([LONG_TEXT], 'o200k_base');
    let turns = 0;
    const timer = setInterval(() => turns++, 1);

    expect(await counting).toEqual([500_000]);
    clearInterval(timer);

    expect(turns).toBeGreaterThan(50);
  });

  test('refuses more calls than may wait, and takes them again when there is room', async () => {
    estimator = createEstimator({ maxQueued: 2 });
    const accepted = [1, 2, 3].map(() => estimator?.count(['hello world'], 'o200k_base'));

    await expect(estimator.count(['a'], 'o200k_base')).rejects.toMatchObject({
      name: 'TokenSyncError',
      kind: 'busy',
      text: { zh: expect.stringContaining('2'), en: expect.stringContaining('2') },
      hint: { zh: expect.any(String), en: expect.any(String) },
    });
    expect(await Promise.all(accepted)).toEqual([[2], [2], [2]]);
    expect(await estimator.count(['a'], 'o200k_base')).toEqual([1]);
  });
});

describe('cancelling', () => {
  test('stops the work, so that the next call is not kept waiting', async () => {
    estimator = createEstimator();
    await estimator.count(['a'], 'o200k_base');
    const started = performance.now();
    await estimator.count([LONG_TEXT], 'o200k_base');
    const fullMs = performance.now() - started;

    const { controller, counting } = countAbortably([LONG_TEXT]);
    await workToBeginIn(workers[0]!);
    const reason = new Error('gone');
    controller.abort(reason);
    const aborted = performance.now();

    await expect(counting).rejects.toBe(reason);
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
    expect(performance.now() - aborted).toBeLessThan(fullMs / 3);
    expect(workers).toHaveLength(1);
  });

  test('takes a waiting call out and gives its place away', async () => {
    estimator = createEstimator({ maxQueued: 1 });
    const first = estimator.count(['a'], 'o200k_base');
    const { controller, counting } = countAbortably(['b']);

    controller.abort();
    const third = estimator.count(['hello world'], 'o200k_base');

    await expect(counting).rejects.toMatchObject({ name: 'AbortError' });
    expect(await Promise.all([first, third])).toEqual([[1], [2]]);
  });

  test('by a signal that has fired already starts nothing', async () => {
    estimator = createEstimator();

    await expect(estimator.count(['a'], 'o200k_base', AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(workers).toHaveLength(0);
  });

  test('leaves no listener on the signal, however the call ended', async () => {
    estimator = createEstimator({ maxQueued: 1 });
    const done = countAbortably(['a']);
    const refused = [countAbortably(['b']), countAbortably(['c'])];
    await done.counting;
    await Promise.allSettled(refused.map(({ counting }) => counting));
    const closed = countAbortably(['d']);
    await estimator.close();
    await expect(closed.counting).rejects.toMatchObject({ kind: 'stopping' });

    for (const { controller } of [done, ...refused, closed]) {
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    }
  });
});

describe('the worker', () => {
  test('ends when nobody needed it for a while, and starts again for the next call', async () => {
    estimator = createEstimator({ idleMs: 20 });
    await estimator.count(['a'], 'o200k_base');

    await vi.waitFor(() => expect(workers[0]?.threadId).toBe(-1));

    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
    expect(workers).toHaveLength(2);
  });

  test('is not idle while it counts', async () => {
    estimator = createEstimator({ idleMs: 1 });
    await estimator.count(['a'], 'o200k_base');

    expect(await estimator.count(['a'.repeat(400_000)], 'o200k_base')).toEqual([50_000]);
  });

  test('that breaks is told to all who wait, and the next call has a new one', async () => {
    estimator = createEstimator();
    await estimator.count(['a'], 'o200k_base');
    const calls = ['hello world', 'b', 'c'].map((text) => estimator?.count([text], 'o200k_base'));
    // Without texts: its thread ends by an exception, as by a bug.
    workers[0]?.postMessage({ id: 0, encoding: 'o200k_base' });

    const results = await Promise.allSettled(calls);

    expect(results[0]).toEqual({ status: 'fulfilled', value: [2] });
    expect(results[1]).toMatchObject({ status: 'rejected', reason: { kind: 'busy', cause: expect.any(TypeError) } });
    expect(results[2]).toMatchObject({ status: 'rejected', reason: { kind: 'busy' } });
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
    expect(workers).toHaveLength(2);
  });

  test('that is killed in the middle of a count leaves nobody waiting', async () => {
    estimator = createEstimator();
    await estimator.count(['a'], 'o200k_base');
    const calls = [LONG_TEXT, 'b'].map((text) => estimator?.count([text], 'o200k_base'));
    const settled = Promise.allSettled(calls);
    await workToBeginIn(workers[0]!);
    await workers[0]?.terminate();

    expect(await settled).toMatchObject([{ reason: { kind: 'busy' } }, { reason: { kind: 'busy' } }]);
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
  });

  test('that cannot be started is told to the caller', async () => {
    const output = await runProgram(
      "await e.count(['a'], 'o200k_base').catch((error) => console.log(error.kind, error.cause.code));",
      ['--permission', '--allow-fs-read=*'],
    );

    expect(output).toBe('busy ERR_ACCESS_DENIED');
  });

  test('does not keep the process alive when it has nothing to count', async () => {
    expect(await runProgram("console.log(await e.count(['hello world'], 'o200k_base'));")).toBe('[ 2 ]');
  });

  test('keeps the process alive again while somebody waits', async () => {
    expect(
      await runProgram(`
      await e.count(['a'], 'o200k_base');
      e.count(['hello world'], 'o200k_base').then(console.log);
    `),
    ).toBe('[ 2 ]');
  });
});

describe('closing', () => {
  test('refuses who waits and who comes later, and ends the worker', async () => {
    estimator = createEstimator();
    const calls = [LONG_TEXT, 'a'].map((text) => estimator?.count([text], 'o200k_base'));
    const settled = Promise.allSettled(calls);

    await estimator.close();

    expect(await settled).toMatchObject([{ reason: { kind: 'stopping' } }, { reason: { kind: 'stopping' } }]);
    await expect(estimator.count(['a'], 'o200k_base')).rejects.toMatchObject({ kind: 'stopping' });
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1]);
  });

  test('twice, or before anything was counted, is no mistake', async () => {
    estimator = createEstimator();
    await estimator.close();
    await estimator.close();

    expect(workers).toHaveLength(0);
  });
});

function countAbortably(texts: string[]) {
  const controller = new AbortController();
  const counting = estimator!.count(texts, 'o200k_base', controller.signal);
  counting.catch(() => undefined);
  return { controller, counting };
}

/** Until the worker has worked for 100 ms more, so that it is in the middle of a long count. */
async function workToBeginIn(worker: Worker): Promise<void> {
  const { user } = await worker.cpuUsage();
  await vi.waitFor(async () => expect((await worker.cpuUsage()).user).toBeGreaterThan(user + 100_000), { interval: 5 });
}

/** What a program of its own prints that has an estimator `e`; it must end by itself. */
async function runProgram(program: string, flags: string[] = []): Promise<string> {
  const source = new URL('../../../src/daemon/estimate/estimator.ts', import.meta.url);
  const code = `import { createEstimator } from '${source}'; const e = createEstimator(); ${program}`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', code]);
  return stdout.trim();
}
