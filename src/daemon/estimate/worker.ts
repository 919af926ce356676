import { createTokenCounter, type TokenCounter } from './count-tokens.ts';
import { type Encoding, loadRanks } from './ranks.ts';
import { yieldCpu } from './yield-cpu.ts';

/** A line on the worker's standard input; behind a request come its texts, one after another. */
export type WorkerMessage = CountRequest | { readonly cancel: number };

/** Asks the worker to count; the next one comes when this one is answered. */
export interface CountRequest {
  readonly id: number;
  readonly encoding: Encoding;
  /** Of the texts in UTF-8, in bytes. */
  readonly lengths: readonly number[];
}

/** A line on the worker's standard output: the counts, or that there are none. */
export type CountReply = { readonly id: number } & ({ readonly counts: number[] } | { readonly ended: 'cancelled' });

const counters = new Map<Encoding, Promise<TokenCounter>>();
let line = '';
let incoming: { readonly request: CountRequest; readonly body: Uint8Array; filled: number } | undefined;
let cancelled = 0;
let isOver = false;

// A failure is a bug: it ends the process, and whoever started it tells those who wait, with what stands on standard error.
process.stdin.on('data', takeIn).on('end', () => {
  isOver = true;
});

function takeIn(chunk: Buffer): void {
  for (let at = 0; at < chunk.length; ) {
    if (!incoming) {
      const newline = chunk.indexOf('\n', at);
      line += chunk.toString('latin1', at, newline < 0 ? chunk.length : newline);
      if (newline < 0) return;
      at = newline + 1;
      const message: WorkerMessage = JSON.parse(line);
      line = '';
      if ('cancel' in message) cancelled = message.cancel;
      else incoming = { request: message, body: new Uint8Array(lengthOf(message)), filled: 0 };
    } else {
      const { body, filled } = incoming;
      const taken = Math.min(body.length - filled, chunk.length - at);
      body.set(chunk.subarray(at, at + taken), filled);
      incoming.filled += taken;
      at += taken;
    }
    if (incoming?.filled === incoming?.body.length) startCounting();
  }
}

function startCounting(): void {
  if (!incoming) return;
  const { request, body } = incoming;
  incoming = undefined;
  void answer(request, body);
}

async function answer({ id, encoding, lengths }: CountRequest, body: Uint8Array): Promise<void> {
  const counter = await counterFor(encoding);
  const counts: number[] = [];
  let start = 0;
  for (const length of lengths) {
    const counting = counter.countBytes(body.subarray(start, start + length));
    start += length;
    let step = counting.next();
    while (!step.done) {
      await yieldCpu();
      if (isOver) return;
      if (cancelled === id) {
        reply({ id, ended: 'cancelled' });
        return;
      }
      step = counting.next();
    }
    counts.push(step.value);
  }
  reply({ id, counts });
}

function reply(answered: CountReply): void {
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}

function counterFor(encoding: Encoding): Promise<TokenCounter> {
  let counter = counters.get(encoding);
  if (!counter) {
    counter = loadRanks(encoding).then(createTokenCounter);
    counters.set(encoding, counter);
  }
  return counter;
}

function lengthOf({ lengths }: CountRequest): number {
  return lengths.reduce((total, length) => total + length, 0);
}
