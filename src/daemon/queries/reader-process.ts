import { fileURLToPath } from 'node:url';
import { TokenSyncError } from '../../protocol/errors.ts';
import { DatabaseFault, type Fault } from '../disk/database-fault.ts';
import { type LineProcess, startLineProcess } from '../helper/line-process.ts';
import { stopping } from '../process/stopping.ts';
import type { Answers, Asked, Question } from './questions.ts';

/** A question with its number. */
export interface Order {
  readonly id: number;
  readonly question: Question;
  /** Without an end by default. */
  readonly patienceMs?: number;
}

/** What the process is told: a question, that nobody waits for an answer any more, or that it is wanted as it is by now. */
export type ReaderMessage = Order | { readonly cancel: number } | { readonly hurry: number };

type Refusal = Pick<TokenSyncError, 'kind' | 'text' | 'field' | 'hint'>;

/** What it says: an answer, a refusal, or that the database is at fault. */
export type ReaderReply = { readonly id: number } & (
  | { readonly answer: unknown }
  | { readonly refusal: Refusal }
  | { readonly fault: Fault; readonly message: string }
);

export interface ReaderOptions {
  /** The path of the database by now. */
  readonly path: () => string | undefined;
  /** Told why the process broke. */
  readonly onCrash: (cause: Error) => void;
  /** It ends after so long without a question. */
  readonly idleMs: number;
}

/** How an answer is waited for. */
export interface Wait {
  readonly signal?: AbortSignal | undefined;
  readonly patienceMs?: number | undefined;
  /** Handed a way to have the answer as it is by then. */
  readonly onAsked?: (hurry: () => void) => void;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The process that looks back where that takes long; it starts with the first question. */
export class ReaderProcess {
  readonly #options: ReaderOptions;
  readonly #waiting = new Map<number, Waiting>();
  #process: LineProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #lastId = 0;
  #isClosed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** Answers; rejects with `busy` where the process broke, with `DatabaseFault` where the database is at fault, and with the signal's reason on abort. */
  async ask<A extends Asked>(question: Question<A>, { signal, patienceMs, onAsked }: Wait = {}): Promise<Answers[A]> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw stopping();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const process = this.#started();
    const abort = () => {
      if (!this.#waiting.has(id)) return;
      process.tell({ cancel: id } satisfies ReaderMessage);
      this.#settle(id)?.reject(signal?.reason);
    };
    this.#waiting.set(id, { resolve, reject });
    signal?.addEventListener('abort', abort);
    process.tell({
      id,
      question: question as Question,
      ...(patienceMs !== undefined && { patienceMs }),
    } satisfies ReaderMessage);
    onAsked?.(() => {
      if (this.#waiting.has(id)) process.tell({ hurry: id } satisfies ReaderMessage);
    });
    try {
      return (await promise) as Answers[A];
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Refuses whoever still waits and ends the process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#failAll(stopping());
    await this.#end();
  }

  #started(): LineProcess {
    clearTimeout(this.#idle);
    this.#process ??= this.#start();
    this.#process.hold(true);
    return this.#process;
  }

  #start(): LineProcess {
    const started = startLineProcess({
      name: 'the process that reads the history',
      path: workerPath(),
      arguments: [this.#options.path()!],
      onLine: (line) => {
        const reply = replyIn(line);
        if (reply) this.#hear(reply);
        return reply !== undefined;
      },
      onCrash: (cause) => {
        if (started !== this.#process) return;
        this.#process = undefined;
        this.#failAll(brokeOff(cause));
        this.#options.onCrash(cause);
      },
    });
    return started;
  }

  #hear(reply: ReaderReply): void {
    const waiting = this.#settle(reply.id);
    if ('answer' in reply) waiting?.resolve(reply.answer);
    else if ('refusal' in reply) waiting?.reject(refused(reply.refusal));
    else waiting?.reject(new DatabaseFault(reply.message, reply.fault));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) {
      this.#process?.hold(false);
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.#end(), this.#options.idleMs).unref();
    }
    return waiting;
  }

  #failAll(error: TokenSyncError): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(error);
  }

  #end(): Promise<unknown> {
    clearTimeout(this.#idle);
    if (this.#process) this.#ended = this.#process.end();
    this.#process = undefined;
    return this.#ended;
  }
}

/** The failure of a question that a faulty database cannot answer. */
export function madeAnew(cause: unknown): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '历史正在重建', en: 'the history is being made anew' },
    { hint: { zh: '请稍后重试', en: 'try again in a moment' }, cause },
  );
}

function brokeOff(cause: Error): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '查找意外中断；详情见日志', en: 'the look into the history broke off; the log has the details' },
    { hint: { zh: '请重试', en: 'try again' }, cause },
  );
}

function refused({ kind, text, field, hint }: Refusal): TokenSyncError {
  return new TokenSyncError(kind, text, { ...(field !== undefined && { field }), ...(hint && { hint }) });
}

function replyIn(line: string): ReaderReply | undefined {
  try {
    const reply: Partial<Record<string, unknown>> | null = JSON.parse(line);
    const isReply = typeof reply?.id === 'number' && ('answer' in reply || 'refusal' in reply || 'fault' in reply);
    return isReply ? (reply as unknown as ReaderReply) : undefined;
  } catch {
    return undefined;
  }
}

function workerPath(): string {
  return fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './reader-worker.ts' : './history-reader.js', import.meta.url),
  );
}
