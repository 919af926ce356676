import { getEventListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { createEstimator, type Estimator } from '../../../src/daemon/estimate/estimator.ts';
import { isRunning } from '../../support/processes.ts';
import { execFile } from '../../support/programs.ts';
import { until } from '../../support/until.ts';
import { filled, randomFrom } from './corpus.ts';
import { workers } from './workers.ts';

/** Takes about half a second: one word of random letters. */
const LONG_TEXT = filled(randomFrom(9), 2_000_000, (random) => String.fromCharCode(97 + Math.floor(random() * 26)));

let estimator: Estimator | undefined;

afterEach(async () => {
  await estimator?.close();
});

describe('counting', () => {
  test('the estimator answers the count of each text, by either encoding', async () => {
    estimator = createEstimator();
    const texts = ['学而时习之，不亦说乎？', '<|endoftext|>', ''];

    expect(await estimator.count(texts, 'o200k_base')).toEqual([10, 7, 0]);
    expect(await estimator.count(texts, 'cl100k_base')).toEqual([14, 7, 0]);
    expect(await estimator.count([], 'o200k_base')).toEqual([]);
  });

  test('the estimator starts one worker, at the first count, which comes after recording when both want the processor', async () => {
    estimator = createEstimator();
    expect(workers()).toEqual([]);

    await Promise.all([estimator.count(['a'], 'o200k_base'), estimator.count(['a'], 'o200k_base')]);
    const [worker, ...others] = workers();
    await estimator.count(['a'], 'o200k_base');

    expect(others).toEqual([]);
    expect(workers()).toEqual([worker]);
    expect(getPriority(worker)).toBe(Math.min(getPriority() + 5, 19));
  });

  test('the estimator takes texts of many lengths one after another, whatever is in them', async () => {
    estimator = createEstimator();
    const texts = ['a\nb\n{"cancel":1}\n', '', 'x'.repeat(300_000), '\ud800', '一\0', ''];
    expect(await estimator.count(texts, 'o200k_base')).toEqual([9, 0, 37_500, 1, 2, 0]);
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
  });

  test('the estimator cancels a count whose text is still on its way, and counts the next right', async () => {
    estimator = createEstimator();
    const gone = new AbortController();
    const cancelled = estimator.count([LONG_TEXT], 'o200k_base', gone.signal);
    gone.abort(new Error('gone'));
    await expect(cancelled).rejects.toThrow('gone');
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
  });

  test('the estimator refuses more calls than may wait, and takes them again when there is room', async () => {
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

describe('the queue', () => {
  test('the queue is bounded by bytes too, and takes texts again when there is room', async () => {
    estimator = createEstimator({ maxQueuedBytes: 1_000 });
    const running = estimator.count(['x'.repeat(100_000)], 'o200k_base');
    const waiting = estimator.count(['一'.repeat(300)], 'o200k_base');

    await expect(estimator.count(['x'.repeat(101)], 'o200k_base')).rejects.toMatchObject({ kind: 'busy' });
    const small = estimator.count(['x'.repeat(100)], 'o200k_base');

    expect(await Promise.all([running, waiting, small])).toEqual([[12_500], [300], [13]]);
    expect(await estimator.count(['x'.repeat(2_000)], 'o200k_base')).toEqual([250]);
  });

  test('the queue gives the bytes of a cancelled call back', async () => {
    estimator = createEstimator({ maxQueuedBytes: 1_000 });
    const running = estimator.count(['a'], 'o200k_base');
    const { controller, counting } = countAbortably(['x'.repeat(1_000)]);
    controller.abort();
    await expect(counting).rejects.toMatchObject({ name: 'AbortError' });

    expect(await Promise.all([running, estimator.count(['x'.repeat(1_000)], 'o200k_base')])).toEqual([[1], [125]]);
  });
});

describe('cancelling', () => {
  test('cancelling stops the work, so that the next call is not kept waiting', async () => {
    estimator = createEstimator();
    await estimator.count(['a'], 'o200k_base');
    const [worker] = workers();
    const started = performance.now();
    await estimator.count([LONG_TEXT], 'o200k_base');
    const fullMs = performance.now() - started;

    const { controller, counting } = countAbortably([LONG_TEXT]);
    await workToBeginIn(workers()[0]!);
    const reason = new Error('gone');
    controller.abort(reason);
    const aborted = performance.now();

    await expect(counting).rejects.toBe(reason);
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
    expect(performance.now() - aborted).toBeLessThan(fullMs / 3);
    expect(workers()).toEqual([worker]);
  });

  test('cancelling takes a waiting call out and gives its place away', async () => {
    estimator = createEstimator({ maxQueued: 1 });
    const first = estimator.count(['a'], 'o200k_base');
    const { controller, counting } = countAbortably(['b']);

    controller.abort();
    const third = estimator.count(['hello world'], 'o200k_base');

    await expect(counting).rejects.toMatchObject({ name: 'AbortError' });
    expect(await Promise.all([first, third])).toEqual([[1], [2]]);
  });

  test('a call whose signal has fired already starts nothing', async () => {
    estimator = createEstimator();

    await expect(estimator.count(['a'], 'o200k_base', AbortSignal.abort())).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(workers()).toEqual([]);
  });

  test('a call leaves no listener on its signal, however it ended', async () => {
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
  test('the worker ends when nobody needed it for a while, with all its memory, and starts again for the next call', async () => {
    estimator = createEstimator({ idleMs: 20 });
    await estimator.count(['a'], 'o200k_base');

    await until(() => workers().length === 0, 'the worker has ended');

    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
  });

  test('the worker is not idle while it counts', async () => {
    estimator = createEstimator({ idleMs: 1 });
    await estimator.count(['a'], 'o200k_base');

    expect(await estimator.count([LONG_TEXT], 'o200k_base')).toEqual([1_037_928]);
  });

  test('a worker that breaks is told to all who wait and, with the cause, to the log; the next call has a new one', async () => {
    const crashes: unknown[] = [];
    estimator = createEstimator({ onCrash: (cause) => crashes.push(cause) });
    await estimator.count(['a'], 'o200k_base');
    // An encoding that nobody has: its process ends by an exception, as by a bug.
    const calls = ['b', 'c'].map((text) => estimator?.count([text], 'r50k_base' as 'o200k_base'));

    const results = await Promise.allSettled(calls);

    const cause = expect.objectContaining({ message: expect.stringContaining('ended with 1\n') });
    expect(results).toMatchObject([{ reason: { kind: 'busy', cause } }, { reason: { kind: 'busy', cause } }]);
    expect(crashes).toEqual([cause]);
    expect(String(crashes[0])).toMatch(/TypeError: [\s\S]+ at loadRanks/);
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
  });

  test('a worker that is killed in the middle of a count leaves nobody waiting', async () => {
    const crashes: unknown[] = [];
    estimator = createEstimator({ onCrash: (cause) => crashes.push(cause) });
    await estimator.count(['a'], 'o200k_base');
    const calls = [LONG_TEXT, 'b'].map((text) => estimator?.count([text], 'o200k_base'));
    const settled = Promise.allSettled(calls);
    await workToBeginIn(workers()[0]!);
    process.kill(workers()[0]!, 'SIGKILL');

    expect(await settled).toMatchObject([{ reason: { kind: 'busy' } }, { reason: { kind: 'busy' } }]);
    expect(String(crashes)).toContain('SIGKILL');
    expect(await estimator.count(['hello world'], 'o200k_base')).toEqual([2]);
  });

  test('the worker ends in the middle of a count when those who asked are gone', async () => {
    const code = `import { createEstimator } from '${SOURCE}'; const e = createEstimator(); await e.count(['a'], 'o200k_base');
      let s = 1; const letter = () => ((s = (Math.imul(s, 1103515245) + 12345) >>> 0) >>> 8) % 26;
      e.count([Array.from({ length: 4_000_000 }, () => String.fromCharCode(97 + letter())).join('')], 'o200k_base'); console.log('counting');`;
    const program = execFile(process.execPath, ['--input-type=module', '-e', code]);
    await new Promise((resolve) => program.stdout!.once('data', resolve));
    const worker = await until(() => workers(program.pid!)[0], 'the worker runs');
    await workToBeginIn(worker);
    program.kill('SIGKILL');

    await until(() => !isRunning(worker), 'the worker has ended', 2_000);
  });

  test('a worker that cannot be started is told to the caller', async () => {
    const output = await runProgram(
      "await e.count(['a'], 'o200k_base').catch((error) => console.log(error.kind, error.cause.code));",
      ['--permission', '--allow-fs-read=*'],
    );

    expect(output).toBe('busy ERR_ACCESS_DENIED');
  });

  test('the worker does not keep the process alive when it has nothing to count', async () => {
    expect(await runProgram("console.log(await e.count(['hello world'], 'o200k_base'));")).toBe('[ 2 ]');
  });

  test('the worker keeps the process alive again while somebody waits', async () => {
    expect(
      await runProgram(`
      await e.count(['a'], 'o200k_base');
      e.count(['hello world'], 'o200k_base').then(console.log);
    `),
    ).toBe('[ 2 ]');
  });
});

describe('closing', () => {
  test('closing refuses waiting and later calls, and ends the worker', async () => {
    estimator = createEstimator();
    const calls = [LONG_TEXT, 'a'].map((text) => estimator?.count([text], 'o200k_base'));
    const settled = Promise.allSettled(calls);

    await estimator.close();

    expect(await settled).toMatchObject([{ reason: { kind: 'stopping' } }, { reason: { kind: 'stopping' } }]);
    await expect(estimator.count(['a'], 'o200k_base')).rejects.toMatchObject({ kind: 'stopping' });
    expect(workers()).toEqual([]);
  });

  test('closing twice, or before anything was counted, is no mistake', async () => {
    estimator = createEstimator();
    await estimator.close();
    await estimator.close();

    expect(workers()).toEqual([]);
  });
});

function countAbortably(texts: string[]) {
  const controller = new AbortController();
  const counting = estimator!.count(texts, 'o200k_base', controller.signal);
  counting.catch(() => undefined);
  return { controller, counting };
}

const SOURCE = new URL('../../../src/daemon/estimate/estimator.ts', import.meta.url);

/** Until the worker has worked for 100 ms more, so that it is in the middle of a long count. */
async function workToBeginIn(worker: number): Promise<void> {
  const ticks = () => Number(readFileSync(`/proc/${worker}/stat`, 'utf8').split(' ')[13]);
  const before = ticks();
  await until(() => ticks() >= before + 10, 'the worker works');
}

/** What a program of its own prints that has an estimator `e`; it must end by itself. */
async function runProgram(program: string, flags: string[] = []): Promise<string> {
  const code = `import { createEstimator } from '${SOURCE}'; const e = createEstimator(); ${program}`;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', code]);
  return stdout.trim();
}
