import { realpathSync } from 'node:fs';
import { DEFAULT_HOST } from '../../protocol/addresses.ts';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Language } from '../../protocol/language.ts';
import type { Result } from '../../protocol/methods.ts';
import { isOlder, isServed, requireServed, type Served } from './compatibility.ts';
import { type FoundFile, isRunning, readDaemonFile, readToken } from './daemon-file.ts';
import { callOnce } from './http-call.ts';
import { isGone } from './out-of-reach.ts';

/** Where a daemon listens, and what it takes to be let in. */
export interface DaemonAddress {
  readonly url: string;
  readonly token?: string;
  readonly pid?: number;
  readonly version?: string;
}

export interface FindOptions {
  /** An absolute path. */
  readonly dataDir: string;
  /** The port that the daemon must have; any when absent or 0. */
  readonly port?: number;
  /** Whether to start a daemon when none runs. */
  readonly mayStart: boolean;
  readonly language: Language;
  /** Told before a daemon is started, so that a person can be told why it takes longer. */
  readonly onStarting?: () => void;
  /** Told before a daemon of an older protocol is stopped, with its version; then one of this version is started. */
  readonly onRestarting?: (version: string) => void;
}

/**
 * The daemon of a data folder. Where it `mayStart` one, it starts one when there is none, and once replaces one of an older
 * protocol. Throws `unreachable`, `incompatible`, or `unauthorized` where the folder is not this user's to read.
 * It takes the word of a credible `daemon.json`: a daemon that was killed a moment ago shows only at the first call.
 */
export function findDaemon(options: FindOptions): Promise<DaemonAddress> {
  return findOrStart(options, false);
}

/** Makes a call to the daemon, and once more when the first found nobody there: so a recording must carry its id. */
export async function withDaemon<T>(options: FindOptions, call: (address: DaemonAddress) => Promise<T>): Promise<T> {
  const address = await findDaemon(options);
  try {
    return await call(address);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  return await call(await findOrStart(options, true));
}

/** Long enough for a daemon that is busy, short enough for a person who waits for a suspended one. */
const PROBE_MS = 2_000;

async function findOrStart(options: FindOptions, mustAnswer: boolean): Promise<DaemonAddress> {
  const found = await locate(options, mustAnswer);
  const isReplaced = found !== undefined && options.mayStart && isOlder(found.told);
  if (found && !isReplaced) return addressOf(found);
  if (!options.mayStart) throw notRunning();
  // Loaded late: most calls find a daemon, and the start of the CLI is counted in milliseconds.
  if (isReplaced) {
    options.onRestarting?.(found.told.version);
    const { stopDaemon } = await import('./daemon-stopper.ts');
    await stopDaemon(found.address, options.language);
  } else options.onStarting?.();
  const { startDaemon } = await import('./daemon-starter.ts');
  const locateStarted = async () => {
    const started = await locateByFile(options, true);
    return started && addressOf(started);
  };
  return await startDaemon({ ...options, locate: locateStarted });
}

/** A daemon that is there, whatever it speaks. */
interface Located {
  readonly address: DaemonAddress;
  readonly told: Served;
}

/** Its address; throws `incompatible` where we cannot speak with it. */
function addressOf({ address, told }: Located): DaemonAddress {
  requireServed(told);
  return address;
}

async function locate(options: FindOptions, mustAnswer: boolean): Promise<Located | undefined> {
  const found = await locateByFile(options, mustAnswer);
  return found || !options.port ? found : await locateByPort(options.port, options);
}

/** The daemon that `daemon.json` tells of; it is asked only where the file leaves a doubt. */
async function locateByFile(
  { dataDir, port, language }: FindOptions,
  mustAnswer: boolean,
): Promise<Located | undefined> {
  const file = readDaemonFile(dataDir);
  if (!file) return undefined;
  const isElsewhere = Boolean(port) && Number(new URL(file.url).port) !== port;
  const isDoubtful = mustAnswer || isElsewhere || !file.isCredible || !isServed(file);
  if (isDoubtful && !(await answers(file, language))) return undefined;
  if (isElsewhere) throw onAnotherPort(file.url);
  return { address: file.address, told: file };
}

/** Whether the daemon that wrote the file is the one at its address: another folder's may have taken the port since. */
async function answers({ address, pid }: FoundFile, language: Language): Promise<boolean> {
  try {
    const info = await callOnce(address, 'daemon.info', {}, { language, timeoutMs: PROBE_MS });
    return info.pid === pid;
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    // One that refuses to tell, for its token or its protocol, is there all the same.
    return error.kind !== 'unreachable' && error.kind !== 'stopping' && isRunning(pid);
  }
}

/** The daemon of this folder at a port that no `daemon.json` tells of; throws where it is another folder's. */
async function locateByPort(port: number, { dataDir, language }: FindOptions): Promise<Located | undefined> {
  const token = readToken(dataDir);
  const address = { url: `http://${DEFAULT_HOST}:${port}`, ...(token !== undefined && { token }) };
  let info: Result<'daemon.info'>;
  try {
    info = await callOnce(address, 'daemon.info', {}, { language, timeoutMs: PROBE_MS });
  } catch (error) {
    if (error instanceof TokenSyncError && error.kind === 'unauthorized') throw ofAnotherFolder(port);
    // Whatever else is there, a daemon that is started on the port tells best why it cannot have it.
    if (error instanceof TokenSyncError) return undefined;
    throw error;
  }
  if (!isSameFolder(info.data_dir, dataDir)) throw ofAnotherFolder(port);
  return { address: { ...address, pid: info.pid, version: info.version }, told: info };
}

function isSameFolder(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    return realpathSync(one) === realpathSync(other);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

function notRunning(): TokenSyncError {
  return new TokenSyncError(
    'unreachable',
    { zh: '守护进程没有运行', en: 'no daemon is running' },
    { hint: { zh: '请运行 token-sync start', en: 'run `token-sync start`' } },
  );
}

function onAnotherPort(url: string): TokenSyncError {
  const { port } = new URL(url);
  return new TokenSyncError(
    'unreachable',
    { zh: `此数据文件夹的守护进程在端口 ${port}`, en: `the daemon of this data folder is on port ${port}` },
    {
      hint: {
        zh: '去掉 --port，或先运行 token-sync stop',
        en: 'leave out --port, or run `token-sync stop` first',
      },
    },
  );
}

function ofAnotherFolder(port: number): TokenSyncError {
  return new TokenSyncError(
    'unreachable',
    {
      zh: `端口 ${port} 上是另一个数据文件夹的守护进程`,
      en: `the daemon on port ${port} serves another data folder`,
    },
    {
      hint: { zh: '换一个 --port，或用 --data 指定那个文件夹', en: 'use another --port, or name its folder by --data' },
    },
  );
}
