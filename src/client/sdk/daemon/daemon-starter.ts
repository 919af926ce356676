import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FailedStart, FOR_CALLER, type PassingDaemon } from '../../../protocol/addresses.ts';
import { FAILURES, TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { pause, pauses } from '../connection/backoff.ts';
import { daemonEnvironment } from '../environment.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { DOCTOR_HINT } from './unreachable.ts';

export interface StartOptions {
  /** An absolute path. */
  readonly dataDir: string;
  readonly port?: number;
  /** The daemon of the folder once it answers, also one that another process started. */
  readonly locate: () => Promise<DaemonAddress | undefined>;
  /** Takes a daemon that cannot make itself known to others; without it, such a one has failed. */
  readonly onPassing?: (daemon: PassingDaemon) => DaemonAddress;
}

/**
 * Starts a daemon that outlives this process and resolves once one answers: the one that won, where several were
 * started at once. Throws `unreachable` with what the daemon said when it failed, or after 15 s.
 */
export async function startDaemon({ dataDir, port, locate, onPassing }: StartOptions): Promise<DaemonAddress> {
  const deadline = Date.now() + MAX_START_MS;
  const retries = pauses(1_000, 4_000);
  const polls = pauses(5, 50);
  let attempt = launch(dataDir, port);
  let retryAt = Number.POSITIVE_INFINITY;
  for (;;) {
    const isOver = attempt.exit !== undefined;
    const address = await locate();
    if (address) return address;
    const word = wordOf(attempt);
    if (word && 'pid' in word) {
      if (onPassing) return onPassing(word);
      attempt.end();
      throw couldNotStart(word.reason, word.hint);
    }
    if (Date.now() > deadline) throw tooSlow();
    if (isOver && attempt.exit?.code !== FAILURES.owned_by_other.exit) throw failed(attempt);
    if (isOver && retryAt === Number.POSITIVE_INFINITY) retryAt = Date.now() + retries.next().value;
    if (Date.now() > retryAt) {
      // The owner of the folder may have been one that was about to stop.
      attempt = launch(dataDir, port);
      retryAt = Number.POSITIVE_INFINITY;
    }
    await pause(polls.next().value);
  }
}

const MAX_START_MS = 15_000;

/** One daemon that was launched; it may still turn out to be one too many. */
interface Attempt {
  /** There once it has ended, and all that it wrote has arrived. */
  exit: { readonly code: number | null; readonly error?: Error } | undefined;
  /** Its standard error so far. */
  words: string;
  /** Its standard output so far: the line of a daemon that cannot make itself known, or words for a person. */
  told: string;
  /** Ends one that cannot make itself known. */
  readonly end: () => void;
}

function launch(dataDir: string, port: number | undefined): Attempt {
  const args = [daemonEntry(), '--data', dataDir, FOR_CALLER, ...(port === undefined ? [] : ['--port', String(port)])];
  const child = spawn(process.execPath, args, {
    // A folder that is never in the way of an unmount or a removal.
    cwd: parse(process.execPath).root,
    env: daemonEnvironment(),
    detached: true,
    windowsHide: true,
    // No file, for which a full disk may have no room.
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const attempt: Attempt = { exit: undefined, words: '', told: '', end: () => child.stdin.end() };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    attempt.told += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    attempt.words += text;
  });
  child.on('close', (code) => {
    attempt.exit = { code };
  });
  child.on('error', (error) => {
    attempt.exit = { code: null, error };
  });
  // Neither the daemon nor what it might say keeps this process from ending.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr] as unknown as Socket[]) {
    stream.on('error', () => stream.destroy());
    stream.unref();
  }
  return attempt;
}

/** The message of the attempt to its caller; `undefined` for a daemon that all clients find, now or soon. */
function wordOf({ told }: Attempt): PassingDaemon | FailedStart | undefined {
  const [line = '', ...rest] = told.split('\n');
  return line.startsWith('{') && rest.length > 0 ? JSON.parse(line) : undefined;
}

function daemonEntry(): string {
  const entry = import.meta.url.endsWith('.ts') ? '../../../daemon/main.ts' : './daemon.js';
  return fileURLToPath(new URL(entry, import.meta.url));
}

function failed(attempt: Attempt): TokenSyncError {
  const word = wordOf(attempt);
  if (word && 'failed' in word) return couldNotStart(word.failed, word.hint);
  const { exit, words } = attempt;
  const said = words.trim().split('\n').slice(0, 5).join('\n') || exit?.error?.message || `exit ${exit?.code}`;
  return couldNotStart({ zh: said, en: said }, DOCTOR_HINT, exit?.error);
}

function couldNotStart({ zh, en }: Bilingual, hint: Bilingual = DOCTOR_HINT, cause?: unknown): TokenSyncError {
  const text = { zh: `守护进程没能启动：${zh}`, en: `the daemon could not start: ${en}` };
  return new TokenSyncError('unreachable', text, { hint, cause });
}

function tooSlow(): TokenSyncError {
  return new TokenSyncError(
    'unreachable',
    {
      zh: `守护进程在 ${MAX_START_MS / 1_000} 秒内没有应答`,
      en: `no daemon answered within ${MAX_START_MS / 1_000} s`,
    },
    { hint: DOCTOR_HINT },
  );
}
