import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { TokenSyncError } from '../../../protocol/errors.ts';
import {
  CLIPBOARD_TIMEOUT_MS,
  clipboardObstacle,
  clipboardTooLarge,
  clipboardUnavailable,
  holdsNoText,
  MAX_CLIPBOARD_BYTES,
} from '../../../shared/clipboard-helpers.ts';
import { pasteOnWindows } from '../../../shared/node/windows-clipboard.ts';

/** Reads the system clipboard, one read at a time; whoever asks during a read shares the next one. */
export class ClipboardReader {
  #next: Promise<string> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #current: Read | undefined;
  #isClosed = false;

  /** The text as it is now, empty for a picture; throws `clipboard_unavailable`, or `value_refused` for one too large. */
  read(): Promise<string> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      this.#current = new Read();
      const text = this.#current.text();
      if (this.#isClosed) this.#current.giveUp('failed');
      this.#last = text.catch(() => undefined);
      return text;
    });
    return this.#next;
  }

  /** Ends what is being read. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current?.giveUp('failed');
    await this.#last;
  }
}

/** The size of an incoming text is looked at this often. */
const GAUGE_MS = 20;

/** Which read a helper process was started for, however late in the package that starts it. */
const reads = new AsyncLocalStorage<Read>();

/**
 * One read. The package can neither be told to stop nor how much to take, and tries its own helper when the system's
 * was ended, so a read knows the processes that are started for it.
 */
class Read {
  readonly #helpers = new Set<ChildProcess>();
  readonly #overdue = Promise.withResolvers<never>();
  #end: 'timeout' | 'too_large' | 'failed' | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Nothing of the package's errors is passed on: they quote what the helper wrote, which is the clipboard. */
  async text(): Promise<string> {
    this.#allow(CLIPBOARD_TIMEOUT_MS);
    const gauge = setInterval(() => this.#measure(), GAUGE_MS);
    try {
      const text = await Promise.race([this.#read(), this.#overdue.promise]);
      if (Buffer.byteLength(text) > MAX_CLIPBOARD_BYTES) throw clipboardTooLarge();
      return text;
    } catch (error) {
      if (!this.#end && holdsNoText(error)) return '';
      throw this.#refusal(error);
    } finally {
      clearInterval(gauge);
      clearTimeout(this.#timer);
    }
  }

  /** Ends the read shortly, whatever its helpers' own children do. */
  giveUp(end: 'timeout' | 'too_large' | 'failed'): void {
    if (this.#end) return;
    this.#end = end;
    for (const helper of this.#helpers) {
      helper.kill('SIGKILL');
      // The package waits for the end of these, which comes only when the last child that has inherited them is gone.
      helper.stdout?.destroy();
      helper.stderr?.destroy();
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#overdue.reject(new Error('the read is over')), PARTING_MS).unref();
  }

  /** Listens for as long as the package may start a helper, which may be longer than anybody waits for it. */
  async #read(): Promise<string> {
    subscribe(CHANNEL, this.#onHelper);
    try {
      return await reads.run(this, readText);
    } finally {
      unsubscribe(CHANNEL, this.#onHelper);
    }
  }

  #refusal(error: unknown): TokenSyncError {
    if (this.#end === 'too_large' || isBeyondHelper(error)) return clipboardTooLarge();
    if (error instanceof TokenSyncError) return error;
    return clipboardUnavailable(this.#end ?? clipboardObstacle(error), HERE);
  }

  readonly #onHelper = (message: unknown): void => {
    if (reads.getStore() !== this) return;
    const { process: helper } = message as { process: ChildProcess };
    if (this.#end) {
      refuseToStart(helper);
      return;
    }
    if ([...this.#helpers].some(({ exitCode }) => exitCode === 1)) this.#allow(SECOND_TRY_MS);
    this.#helpers.add(helper);
  };

  #allow(timeoutMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.giveUp('timeout'), timeoutMs);
  }

  #measure(): void {
    for (const { stdout } of this.#helpers) {
      if (stdout && (stdout as Socket).bytesRead > MAX_CLIPBOARD_BYTES) this.giveUp('too_large');
    }
  }
}

/**
 * Keeps a process that is told of from being started, which comes next. Ended right after its start it may have asked for
 * the clipboard, and some programs that hold it end with an error when they answer a window that has gone: the copy is lost.
 */
function refuseToStart(helper: ChildProcess): void {
  const spawn = () => {
    throw new Error('the read is over');
  };
  Object.assign(helper, { spawn });
}

async function readText(): Promise<string> {
  const pasted = process.platform === 'win32' ? await pasteOnWindows() : undefined;
  if (pasted !== undefined) return pasted;
  // Loading it takes 0.1 s, which only those pay who use it.
  const { default: clipboardy } = await import('clipboardy');
  return await clipboardy.read();
}

/** A second helper, tried after the first one has failed, works at once or not at all. */
const SECOND_TRY_MS = 500;

/** A read that is given up waits so long for the package's own error, which tells more: that a text was too long for xsel. */
const PARTING_MS = 200;

/** xsel 1.2 fails so where a text is too long to be handed over in one piece, which is some hundred KiB. */
function isBeyondHelper(error: unknown): boolean {
  const { xselError } = error as { readonly xselError?: { readonly stderr?: unknown } };
  return /malloc error/.test(String(xselError?.stderr));
}

/** Node tells here of each process that is started. */
const CHANNEL = 'child_process';

const HERE = { platform: process.platform, isDaemon: true };
