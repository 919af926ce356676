import { realpathSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { DAEMON_FILE, type DaemonFile, TOKEN_FILE } from '../../../protocol/addresses.ts';
import { given } from '../../../shared/given.ts';
import { readRegularText } from '../../../shared/node/regular-file.ts';
import { NotAFile, notAFile } from '../../../shared/words/not-a-file.ts';
import { isForbidden, unusableFolder } from '../../../shared/words/unusable-folder.ts';
import type { DaemonAddress } from './daemon-address.ts';

/** The content of a data folder's `daemon.json`, which a daemon that was killed leaves behind. */
export interface FoundFile extends DaemonFile {
  readonly address: DaemonAddress;
  /** Its process seems to run: enough to call it, not enough to accuse it. */
  readonly isCredible: boolean;
}

/**
 * Reads `daemon.json`; `undefined` where it is missing, half-written, no such file, or that of another folder, as in a copy.
 * The token comes with it where the daemon can prove that it may be shown it. Throws `unauthorized` where this user may not
 * read them.
 */
export function readDaemonFile(dataDir: string): FoundFile | undefined {
  const path = join(dataDir, DAEMON_FILE);
  const text = readInFolder(dataDir, DAEMON_FILE);
  const file = text === undefined ? undefined : parse(text);
  if (!file || (file.data_dir !== undefined && !isSameFolder(file.data_dir, dataDir))) return undefined;
  return {
    ...file,
    address: addressIn(file, dataDir),
    isCredible: isSinceBoot(path) && isRunning(file.pid),
  };
}

/** Where the daemon listens that says this of itself, with the token where it can prove that it may be shown it. */
export function addressIn({ pid, url, version, challenge, proof }: DaemonFile, dataDir: string): DaemonAddress {
  const isProvable = challenge !== undefined && proof !== undefined;
  const token = isProvable ? readToken(dataDir) : undefined;
  return {
    url,
    pid,
    version,
    ...(isProvable && { proof: { challenge, proof } }),
    ...given({ token }),
  };
}

/** The secret of a data folder, where its daemon has made one. Throws `unauthorized` where this user may not read it. */
function readToken(dataDir: string): string | undefined {
  return readInFolder(dataDir, TOKEN_FILE)?.trim() || undefined;
}

/** Whether two paths lead to one folder, by whatever links and mounts; one that is not told leads nowhere. */
export function isSameFolder(one: string | undefined, other: string): boolean {
  if (one === other) return true;
  if (one === undefined) return false;
  const [first, second] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }));
  if (!first || !second) return false;
  // Some file systems of Windows number no files.
  if (first.ino === 0n) return realpathSync(one) === realpathSync(other);
  return first.ino === second.ino && first.dev === second.dev;
}

/** Whether a process of that id runs on this machine. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0) && !hasEnded(pid);
  } catch (error) {
    // Somebody else's process cannot be signalled, but runs.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** On Linux a process keeps its id after its end until its parent looks, which may take seconds where that is no proper init. */
function hasEnded(pid: number): boolean {
  return stateOf(pid) === 'Z';
}

/** Whether a process was stopped by a signal, so far as the system tells. */
export function isSuspended(pid: number): boolean {
  return stateOf(pid) === 'T';
}

/** proc_pid_stat(5); `undefined` on other systems. */
function stateOf(pid: number): string | undefined {
  const stat = process.platform === 'linux' ? readIfThere(`/proc/${pid}/stat`) : undefined;
  // The name before the state may hold anything but ends with the last bracket.
  return stat?.slice(stat.lastIndexOf(')')).charAt(2);
}

function parse(text: string): DaemonFile | undefined {
  try {
    const file: Partial<DaemonFile> | null = JSON.parse(text);
    const isWhole =
      Number.isInteger(file?.protocol) &&
      Number.isInteger(file?.protocol_min ?? 0) &&
      Number.isInteger(file?.pid) &&
      Number(file?.pid) > 0 &&
      typeof file?.version === 'string' &&
      [file.data_dir, file.started_at, file.challenge, file.proof].every(isTextOrAbsent) &&
      typeof file.url === 'string' &&
      URL.parse(file.url)?.protocol === 'http:';
    return isWhole ? (file as DaemonFile) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

/** After a power cut the pid in the file is soon somebody else's, and the port perhaps another data folder's. */
function isSinceBoot(path: string): boolean {
  const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return written > Date.now() - uptime() * 1_000;
}

function readInFolder(dataDir: string, name: string): string | undefined {
  try {
    return readIfThere(join(dataDir, name));
  } catch (error) {
    if (isForbidden(error)) throw unusableFolder('unauthorized', dataDir, error);
    if (!(error instanceof NotAFile)) throw error;
    // Of what is in the way of its own file the daemon tells best why it cannot start.
    if (name === DAEMON_FILE) return undefined;
    throw notAFile(name, error);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readRegularText(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
