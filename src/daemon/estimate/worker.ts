import { parentPort, workerData } from 'node:worker_threads';
import { createTokenCounter, type TokenCounter } from './count-tokens.ts';
import { type Encoding, loadRanks } from './ranks.ts';

/** What the worker is started with. */
export interface WorkerData {
  /** One Int32: the id of the count that nobody waits for any more. It is shared because a busy worker reads no messages. */
  readonly cancelledId: SharedArrayBuffer;
}

/** Asks the worker to count. */
export interface CountRequest {
  readonly id: number;
  readonly texts: readonly string[];
  readonly encoding: Encoding;
}

/** The worker's answer: the counts, or nothing when the count was cancelled. */
export interface CountReply {
  readonly id: number;
  readonly counts?: number[];
}

const port = parentPort;
if (!port) throw new Error('runs as a worker only');
const cancelledId = new Int32Array((workerData as WorkerData).cancelledId);
const counters = new Map<Encoding, Promise<TokenCounter>>();

// A failure is a bug: it ends the worker, and the main thread tells those who wait.
port.on('message', async (request: CountRequest) => {
  port.postMessage(await answer(request));
});

async function answer({ id, texts, encoding }: CountRequest): Promise<CountReply> {
  const counter = await counterFor(encoding);
  const cancelled = new Error('cancelled');
  const checkpoint = () => {
    if (Atomics.load(cancelledId, 0) === id) throw cancelled;
  };
  try {
    const counts = texts.map((text) => {
      checkpoint();
      return counter.count(text, checkpoint);
    });
    return { id, counts };
  } catch (error) {
    if (error === cancelled) return { id };
    throw error;
  }
}

function counterFor(encoding: Encoding): Promise<TokenCounter> {
  let counter = counters.get(encoding);
  if (!counter) {
    counter = loadRanks(encoding).then(createTokenCounter);
    counters.set(encoding, counter);
  }
  return counter;
}
