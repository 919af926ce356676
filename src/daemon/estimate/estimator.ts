import { Worker } from 'node:worker_threads';
import { TokenSyncError } from '../../protocol/errors.ts';
import { stopping } from '../stopping.ts';
import type { Encoding } from './ranks.ts';
import type { CountReply, CountRequest, WorkerData } from './worker.ts';

export type { Encoding };

/** Counts tokens off the main thread, one call after another. */
export interface Estimator {
  /**
   * The tokens of each text, exactly as OpenAI's tokenizer counts them with special tokens as text; rejects with `busy`
   * when too many calls wait or the worker broke, with `stopping` after `close`, and with the signal's reason on abort.
   */
  count(texts: readonly string[], encoding: Encoding, signal?: AbortSignal): Promise<number[]>;
  /** Refuses whoever still waits and ends the worker. */
  close(): Promise<void>;
}

/** An estimator whose worker starts with the first count and ends after `idleMs` without one; at most `maxQueued` calls wait. */
export function createEstimator({ maxQueued = 64, idleMs = 60_000 } = {}): Estimator {
  const cancelledId = new Int32Array(new SharedArrayBuffer(4));
  const waiting: Call[] = [];
  /** The call that the worker has, until it answers: a cancelled one too. */
  let running: Call | undefined;
  let worker: Worker | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  /** When the last worker that was ended is gone. */
  let ended: Promise<unknown> = Promise.resolve();
  let lastId = 0;
  let isClosed = false;

  return {
    async count(texts, encoding, signal) {
      signal?.throwIfAborted();
      if (isClosed) throw stopping();
      if (running && waiting.length >= maxQueued) throw tooManyWaiting(maxQueued);
      return await new Promise<number[]>((resolve, reject) => {
        lastId = (lastId % MAX_ID) + 1;
        const call: Call = { request: { id: lastId, texts, encoding }, resolve, reject, release };
        signal?.addEventListener('abort', abort);
        waiting.push(call);
        startNext();

        function abort(): void {
          reject(signal?.reason);
          cancel(call);
        }
        function release(): void {
          signal?.removeEventListener('abort', abort);
        }
      });
    },

    async close() {
      isClosed = true;
      failAll(stopping());
      await endWorker();
    },
  };

  function startNext(): void {
    if (running) return;
    running = waiting.shift();
    clearTimeout(idleTimer);
    if (!running) {
      worker?.unref();
      idleTimer = setTimeout(endWorker, idleMs).unref();
      return;
    }
    try {
      worker ??= startWorker();
    } catch (cause) {
      failAll(brokeOff(cause));
      return;
    }
    worker.ref();
    worker.postMessage(running.request);
  }

  function cancel(call: Call): void {
    call.release();
    const place = waiting.indexOf(call);
    if (place >= 0) waiting.splice(place, 1);
    else Atomics.store(cancelledId, 0, call.request.id);
  }

  function startWorker(): Worker {
    const workerData: WorkerData = { cancelledId: cancelledId.buffer };
    // Without the flags of the process: some of them, such as --input-type, no worker starts with.
    const started = new Worker(workerUrl(), { workerData, execArgv: [] });
    let cause: unknown;
    started.on('message', ({ counts }: CountReply) => {
      if (started !== worker || !running) return;
      running.release();
      if (counts) running.resolve(counts);
      running = undefined;
      startNext();
    });
    started.on('error', (error) => {
      cause = error;
    });
    started.on('exit', () => {
      if (started !== worker) return;
      worker = undefined;
      failAll(brokeOff(cause));
    });
    return started;
  }

  function endWorker(): Promise<unknown> {
    clearTimeout(idleTimer);
    if (worker) ended = worker.terminate();
    worker = undefined;
    return ended;
  }

  function failAll(error: TokenSyncError): void {
    const failed = running ? [running, ...waiting.splice(0)] : waiting.splice(0);
    running = undefined;
    for (const call of failed) {
      call.release();
      call.reject(error);
    }
  }
}

interface Call {
  readonly request: CountRequest;
  readonly resolve: (counts: number[]) => void;
  readonly reject: (reason: unknown) => void;
  /** Stops listening to the caller's signal. */
  readonly release: () => void;
}

/** What fits the Int32 in which the worker looks for the cancelled id; 0 is nobody's. */
const MAX_ID = 2 ** 31 - 1;

function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './estimate-worker.js', import.meta.url);
}

function tooManyWaiting(maxQueued: number): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: `已有 ${maxQueued} 个估算在等待`, en: `${maxQueued} estimates are waiting already` },
    { hint: { zh: '请稍后重试', en: 'try again in a moment' } },
  );
}

function brokeOff(cause: unknown): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '估算意外中断', en: 'the estimate broke off' },
    {
      hint: { zh: '请重试；如再次中断，请缩短文本', en: 'try again; if it breaks off again, shorten the text' },
      cause,
    },
  );
}
