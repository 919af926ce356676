import { fileURLToPath } from 'node:url';
import { type LineProcess, startLineProcess } from '../helper/line-process.ts';
import type { Encoding } from './ranks.ts';
import type { CountReply, CountRequest } from './worker.ts';

/** The process that counts. */
export interface WorkerProcess extends Pick<LineProcess, 'hold' | 'end'> {
  /** Sends texts to count; the reply comes by `onReply`. */
  send(order: CountOrder): void;
  /** Makes the count with this id end early. */
  cancel(id: number): void;
}

/** One call of the worker. */
export interface CountOrder {
  readonly id: number;
  readonly encoding: Encoding;
  readonly texts: readonly string[];
}

export interface WorkerEvents {
  onReply(reply: CountReply): void;
  /** It is gone, and nobody has ended it; says why. */
  onCrash(cause: Error): void;
}

/** Starts the process, below the priority of the daemon; throws when the system refuses at once. */
export function startWorker({ onReply, onCrash }: WorkerEvents): WorkerProcess {
  const worker = startLineProcess({
    name: 'the estimate worker',
    path: workerPath(),
    flags: LEAN,
    onLine(line) {
      const reply = replyIn(line);
      if (reply) onReply(reply);
      return reply !== undefined;
    },
    onCrash,
  });
  return {
    send({ id, encoding, texts }) {
      const bodies = texts.map((text) => Buffer.from(text));
      worker.tell({ id, encoding, lengths: bodies.map(({ length }) => length) } satisfies CountRequest);
      for (const body of bodies) if (body.length > 0) worker.send(body);
    },
    cancel: (id) => worker.tell({ cancel: id }),
    hold: worker.hold,
    end: worker.end,
  };
}

function replyIn(line: string): CountReply | undefined {
  try {
    const reply: Partial<Record<string, unknown>> | null = JSON.parse(line);
    const isReply = typeof reply?.id === 'number' && (Array.isArray(reply.counts) || typeof reply.ended === 'string');
    return isReply ? (reply as unknown as CountReply) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Short-lived garbage is all it makes: with a small nursery it stays half as large. And it compiles and collects in its one
 * thread, which gives way: while it starts, helpers of V8 would take every processor there is.
 */
const LEAN = ['--max-semi-space-size=1', '--single-threaded'];

function workerPath(): string {
  return fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './estimate-worker.js', import.meta.url),
  );
}
