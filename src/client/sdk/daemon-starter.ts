import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAILURES, TokenSyncError } from '../../protocol/errors.ts';
import { pause, pauses } from './backoff.ts';
import type { DaemonAddress } from './daemon-finder.ts';
import { daemonEnvironment } from './environment.ts';
import { DOCTOR_HINT } from './out-of-reach.ts';

export interface StartOptions {
  /** An absolute path. */
  readonly dataDir: string;
  readonly port?: number;
  /** The daemon of the folder once it answers, whoever started it. */
  readonly locate: () => Promise<DaemonAddress | undefined>;
}

/**
 * Starts a daemon that outlives this process and resolves once one answers: the one that won, where several were
 * started at once. Throws `unreachable` with what the daemon said when it failed, or after 15 s.
 */
export async function startDaemon({ dataDir, port, locate }: StartOptions): Promise<DaemonAddress> {
  const deadline = Date.now() + MAX_START_MS;
  const retries = pauses(1_000, 4_000);
  const polls = pauses(5, 50);
  let attempt = launch(dataDir, port);
  let retryAt = Number.POSITIVE_INFINITY;
  try {
    for (;;) {
      const isOver = attempt.exit !== undefined;
      const address = await locate();
      if (address) return address;
      if (Date.now() > deadline) throw tooSlow();
      if (isOver && attempt.exit?.code !== FAILURES.owned_by_other.exit) throw failed(attempt);
      if (isOver && retryAt === Number.POSITIVE_INFINITY) retryAt = Date.now() + retries.next().value;
      if (Date.now() > retryAt) {
        // The owner of the folder may have been one that was about to stop.
        attempt.close();
        attempt = launch(dataDir, port);
        retryAt = Number.POSITIVE_INFINITY;
      }
      await pause(polls.next().value);
    }
  } finally {
    attempt.close();
  }
}

const MAX_START_MS = 15_000;

/** One daemon that was launched; it may still turn out to be one too many. */
interface Attempt {
  exit: { readonly code: number | null; readonly error?: Error } | undefined;
  /** What it wrote to standard error. */
  readonly words: () => string;
  readonly close: () => void;
}

function launch(dataDir: string, port: number | undefined): Attempt {
  const errors = openErrorFile();
  const args = [daemonEntry(), '--data', dataDir, ...(port === undefined ? [] : ['--port', String(port)])];
  const child: ChildProcess = spawn(process.execPath, args, {
    // A folder that is never in the way of an unmount or a removal.
    cwd: parse(process.execPath).root,
    env: daemonEnvironment(),
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'ignore', errors.fd],
  });
  const attempt: Attempt = { exit: undefined, words: () => firstLines(errors.fd), close: errors.close };
  child.on('exit', (code) => {
    attempt.exit = { code };
  });
  child.on('error', (error) => {
    attempt.exit = { code: null, error };
  });
  child.unref();
  return attempt;
}

function daemonEntry(): string {
  const entry = import.meta.url.endsWith('.ts') ? '../../daemon/main.ts' : './daemon.js';
  return fileURLToPath(new URL(entry, import.meta.url));
}

/** A file without a name: both sides hold it open, and nothing is left when the last lets go. */
function openErrorFile(): { readonly fd: number; readonly close: () => void } {
  const path = join(tmpdir(), `token-sync-start-${process.pid}-${performance.now()}.log`);
  const fd = openSync(path, 'wx+', 0o600);
  const isNameless = tryUnlink(path);
  return {
    fd,
    close() {
      closeSync(fd);
      if (!isNameless) tryUnlink(path);
    },
  };
}

/** Windows before 10 and some of its file systems keep the name of an open file; then it goes as soon as it can. */
function tryUnlink(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (['EPERM', 'EBUSY', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function firstLines(file: number): string {
  const bytes = Buffer.alloc(Math.min(fstatSync(file).size, 4_096));
  const length = readSync(file, bytes, 0, bytes.length, 0);
  return bytes.toString('utf8', 0, length).trim().split('\n').slice(0, 5).join('\n');
}

function failed({ exit, words }: Attempt): TokenSyncError {
  const said = words() || exit?.error?.message || `exit ${exit?.code}`;
  // A refusal of the daemon's, with what to do about it in the line below.
  const [, reason = said, remedy] = /^token-sync: (.+?)(?:\n {2}→ (.+))?$/s.exec(said) ?? [];
  return new TokenSyncError(
    'unreachable',
    { zh: `守护进程没能启动：${reason}`, en: `the daemon could not start: ${reason}` },
    {
      hint: remedy === undefined ? DOCTOR_HINT : { zh: remedy, en: remedy },
      ...(exit?.error && { cause: exit.error }),
    },
  );
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
