import { fileURLToPath } from 'node:url';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { MeterStatsRow } from '../../../protocol/methods.ts';
import { type LineProcess, startLineProcess } from '../../helper/line-process.ts';
import { stopping } from '../../process/stopping.ts';
import {
  type AskedRows,
  type FromReader,
  type LookOrder,
  READER_FLAGS,
  type ReaderOrder,
  type ReaderRefusal,
  type ToReader,
} from '../reader/reader-words.ts';
import type { OutboxRow } from '../store/outbox.ts';

export interface MeterProcessOptions {
  /** What it is told at its start. */
  readonly order: () => ReaderOrder;
  /** Hears everything that is no answer. */
  readonly hear: (word: Exclude<FromReader, { readonly answer: number }>) => void;
  /** It broke; it is started again after a while. */
  readonly onCrash: (cause: Error) => void;
  /** Whether something has been told that is not settled yet, so that it has to stay. */
  readonly isNeeded: () => boolean;
  /** It ends after so long without anything to do. */
  readonly idleMs?: number;
}

type Answer = Extract<FromReader, { readonly answer: number }>;

interface Asking {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** How long it stays after its last event (SPEC §10: a minute), and how soon it is started again when it broke. */
const IDLE_MS = 60_000;
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/** The process that reads meters, which is there while something happens; it starts with the first thing that it is told. */
export class MeterProcess {
  readonly #options: MeterProcessOptions;
  readonly #asking = new Map<number, Asking>();
  #process: LineProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #looks = 0;
  #isBusy = false;
  #lastId = 0;
  #ended: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: MeterProcessOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Starts it, where it is not there: it looks through everything by itself. */
  start(): void {
    this.#started();
  }

  look(at: readonly LookOrder[]): void {
    // One that starts looks everywhere; what it is told besides is looked at first.
    const process = this.#started();
    if (!process) return;
    this.#looks += 1;
    this.#isBusy = true;
    clearTimeout(this.#idle);
    process.tell({ tell: 'look', at } satisfies ToReader);
  }

  tell(message: Exclude<ToReader, { readonly ask: number } | { readonly tell: 'look' }>): void {
    this.#started()?.tell(message);
    this.#rest();
  }

  /** Closes rows of the outbox and answers with them; rejects with `busy` where the process broke. */
  async handOut(seqs: readonly number[] | 'all'): Promise<readonly OutboxRow[]> {
    const answer = await this.#ask((ask) => ({ ask, handOut: seqs }));
    return 'rows' in answer ? answer.rows : [];
  }

  async stats(stats: AskedRows): Promise<readonly MeterStatsRow[]> {
    const answer = await this.#ask((ask) => ({ ask, stats }));
    return 'stats' in answer ? answer.stats : [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#failAll(stopping());
    await this.#end();
  }

  async #ask(message: (ask: number) => ToReader): Promise<Answer> {
    if (this.#isClosed) throw stopping();
    const process = this.#started();
    if (!process) throw brokeOff();
    const id = ++this.#lastId;
    clearTimeout(this.#idle);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#asking.set(id, { resolve, reject });
    process.tell(message(id));
    const answer = await promise;
    if ('refusal' in answer) throw refused(answer.refusal);
    return answer;
  }

  #started(): LineProcess | undefined {
    if (this.#isClosed || this.#retry) return undefined;
    if (this.#process) return this.#process;
    this.#looks = 0;
    this.#isBusy = true;
    const started = startLineProcess({
      name: 'the process that reads meters',
      path: readerPath(),
      arguments: [JSON.stringify(this.#options.order())],
      flags: READER_FLAGS,
      onLine: (line) => {
        const word = wordIn(line);
        if (word) this.#hear(word);
        return word !== undefined;
      },
      onCrash: (cause) => {
        if (started === this.#process) this.#crashed(cause);
      },
    });
    // The daemon goes on by its server, and ends it when it stops.
    started.hold(false);
    this.#process = started;
    return started;
  }

  #hear(word: FromReader): void {
    if ('answer' in word) {
      const asking = this.#asking.get(word.answer);
      this.#asking.delete(word.answer);
      asking?.resolve(word);
      this.#rest();
      return;
    }
    if (word.says === 'done' && word.looks === this.#looks) {
      this.#isBusy = false;
      this.#retryMs = FIRST_RETRY_MS;
    }
    this.#options.hear(word);
    this.#rest();
  }

  /** Lets it end after a minute in which nothing happens. */
  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#isBusy || this.#asking.size > 0 || !this.#process) return;
    this.#idle = setTimeout(() => {
      if (this.#options.isNeeded()) this.#rest();
      else void this.#end();
    }, this.#options.idleMs ?? IDLE_MS).unref();
  }

  #crashed(cause: Error): void {
    this.#process = undefined;
    clearTimeout(this.#idle);
    this.#failAll(brokeOff(cause));
    this.#options.onCrash(cause);
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.start();
    }, this.#retryMs).unref();
    this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
  }

  #failAll(error: TokenSyncError): void {
    const all = [...this.#asking.values()];
    this.#asking.clear();
    for (const { reject } of all) reject(error);
  }

  #end(): Promise<unknown> {
    clearTimeout(this.#idle);
    if (this.#process) this.#ended = this.#process.end();
    this.#process = undefined;
    return this.#ended;
  }
}

function brokeOff(cause?: unknown): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: '实时用量的读取意外中断；详情见日志', en: 'the reading of live meters broke off; the log has the details' },
    { hint: { zh: '请稍后重试', en: 'try again in a moment' }, cause },
  );
}

function refused({ kind, text, field, hint }: ReaderRefusal): TokenSyncError {
  return new TokenSyncError(kind, text, { ...(field !== undefined && { field }), ...(hint && { hint }) });
}

function wordIn(line: string): FromReader | undefined {
  try {
    const word: Partial<Record<string, unknown>> | null = JSON.parse(line);
    const isWord = typeof word?.says === 'string' || typeof word?.answer === 'number';
    return isWord ? (word as unknown as FromReader) : undefined;
  } catch {
    return undefined;
  }
}

function readerPath(): string {
  const name = import.meta.url.endsWith('.ts') ? '../reader/meter-reader.ts' : './meter-reader.js';
  return fileURLToPath(new URL(name, import.meta.url));
}
