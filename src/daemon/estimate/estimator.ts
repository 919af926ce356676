import { TokenSyncError } from '../../protocol/errors.ts';
import { stopping } from '../process/stopping.ts';
import type { Encoding } from './ranks.ts';
import type { CountReply } from './worker.ts';
import { type CountOrder, startWorker, type WorkerProcess } from './worker-process.ts';

export type { Encoding };

/** Counts tokens in a process of its own, one call after another. */
export interface Estimator {
  /**
   * The tokens of each text, exactly as OpenAI's tokenizer counts them with special tokens as text; rejects with `busy`
   * when too much waits or the worker broke, with `stopping` after `close`, and with the signal's reason on abort.
   */
  count(texts: readonly string[], encoding: Encoding, signal?: AbortSignal): Promise<number[]>;
  /** Refuses whoever still waits and ends the worker. */
  close(): Promise<void>;
}

export interface EstimatorOptions {
  /** At most so many calls wait, … */
  readonly maxQueued?: number;
  /** … whose texts have at most so many bytes: eight requests of the greatest size, unless said otherwise. */
  readonly maxQueuedBytes?: number;
  /** The worker ends after so long without a call; the next one starts within a fifth of a second. */
  readonly idleMs?: number;
  /** Told why the worker broke; those who waited get `busy`. */
  readonly onCrash?: (cause: unknown) => void;
}

/** An estimator whose worker starts with the first count. */
export function createEstimator(options: EstimatorOptions = {}): Estimator {
  const { maxQueued = 64, maxQueuedBytes = 32 * 1024 * 1024, idleMs = 60_000, onCrash = () => undefined } = options;
  const waiting: Call[] = [];
  let waitingBytes = 0;
  /** The call that the worker has, until it answers: a cancelled one too. */
  let running: Call | undefined;
  let worker: WorkerProcess | undefined;
  let idleTimer: NodeJS.Timeout | undefined;
  /** When the last worker that was ended is gone. */
  let ended: Promise<unknown> = Promise.resolve();
  let lastId = 0;
  let isClosed = false;

  return {
    async count(texts, encoding, signal) {
      signal?.throwIfAborted();
      if (isClosed) throw stopping();
      if (running && waiting.length >= maxQueued) throw tooManyWaiting(waiting.length);
      const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      if (running && waitingBytes + bytes > maxQueuedBytes) throw tooMuchWaiting(maxQueuedBytes);
      return await new Promise<number[]>((resolve, reject) => {
        const call: Call = { id: ++lastId, texts, encoding, bytes, resolve, reject, release };
        signal?.addEventListener('abort', abort);
        waiting.push(call);
        waitingBytes += bytes;
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
      worker?.hold(false);
      idleTimer = setTimeout(endWorker, idleMs).unref();
      return;
    }
    waitingBytes -= running.bytes;
    try {
      worker ??= startWorkerAnew();
    } catch (cause) {
      failAll(brokeOff(cause));
      onCrash(cause);
      return;
    }
    worker.hold(true);
    worker.send(running);
  }

  function cancel(call: Call): void {
    call.release();
    const place = waiting.indexOf(call);
    if (place < 0) {
      worker?.cancel(call.id);
      return;
    }
    waiting.splice(place, 1);
    waitingBytes -= call.bytes;
  }

  function startWorkerAnew(): WorkerProcess {
    const started = startWorker({
      onReply(reply: CountReply) {
        if (started !== worker || running?.id !== reply.id) return;
        running.release();
        if ('counts' in reply) running.resolve(reply.counts);
        running = undefined;
        startNext();
      },
      onCrash(cause) {
        if (started !== worker) return;
        worker = undefined;
        failAll(brokeOff(cause));
        onCrash(cause);
      },
    });
    return started;
  }

  function endWorker(): Promise<unknown> {
    clearTimeout(idleTimer);
    if (worker) ended = worker.end();
    worker = undefined;
    return ended;
  }

  function failAll(error: TokenSyncError): void {
    const failed = running ? [running, ...waiting.splice(0)] : waiting.splice(0);
    running = undefined;
    waitingBytes = 0;
    for (const call of failed) {
      call.release();
      call.reject(error);
    }
  }
}

interface Call extends CountOrder {
  /** Of all its texts. */
  readonly bytes: number;
  readonly resolve: (counts: number[]) => void;
  readonly reject: (reason: unknown) => void;
  /** Stops listening to the caller's signal. */
  readonly release: () => void;
}

const LATER = { hint: { zh: '请稍后重试', en: 'try again in a moment' } };

function tooManyWaiting(calls: number): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: `已有 ${calls} 个估算在等待`, en: `${calls} estimates are waiting already` },
    LATER,
  );
}

function tooMuchWaiting(maxBytes: number): TokenSyncError {
  const mebibytes = Math.round(maxBytes / 1024 / 1024);
  return new TokenSyncError(
    'busy',
    { zh: `等待估算的文本已接近 ${mebibytes} MiB`, en: `close to ${mebibytes} MiB of text is waiting already` },
    LATER,
  );
}

function brokeOff(cause: unknown): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '估算意外中断；详情见日志', en: 'the estimate broke off; the log has the details' },
    { hint: { zh: '请重试', en: 'try again' }, cause },
  );
}
