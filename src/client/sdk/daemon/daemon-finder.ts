import { DEFAULT_HOST, type PassingDaemon } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import type { Result } from '../../../protocol/methods.ts';
import { given } from '../../../shared/given.ts';
import { pause, pauses } from '../connection/backoff.ts';
import { isOlder, isServed, requireServed, type Served, withoutProof } from './compatibility.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { addressIn, type FoundFile, isRunning, isSameFolder, readDaemonFile } from './daemon-file.ts';
import { holderOf, isKnownToBeHeld } from './folder-lock.ts';
import { callOnce } from './http-call.ts';
import { provenConnection } from './proven-connection.ts';
import { DOCTOR_HINT, isGone, isUnreachable } from './unreachable.ts';

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
  /**
   * Told why a daemon that was started cannot make itself known to others, so that it serves this process alone and ends
   * with it. Where nobody is to be told, such a daemon is none.
   */
  readonly onPassing?: (daemon: PassingDaemon) => void;
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

/** The daemon of a data folder, as `findDaemon`; `undefined` where none runs. Starts none. */
export async function findRunning(options: FindOptions): Promise<Located | undefined> {
  return (await locate(options, false)) ?? (await untilWritten(options));
}

/** Long enough for a daemon that is busy, short enough for a person who waits for a suspended one. */
const PROBE_MS = 2_000;

async function findOrStart(options: FindOptions, mustAnswer: boolean): Promise<DaemonAddress> {
  const own = passing.get(options.dataDir);
  if (mustAnswer) passing.delete(options.dataDir);
  else if (own) return own;
  const { mayStart } = options;
  const found = (await locate(options, mustAnswer)) ?? (mayStart ? undefined : await untilWritten(options));
  const isReplaced = found !== undefined && mayStart && (isOlder(found.told) || found.isSilentOnItself);
  if (found && !isReplaced) return addressOf(found);
  if (!mayStart) throw notRunning();
  // Loaded late: most calls find a daemon, and the start of the CLI is counted in milliseconds.
  if (isReplaced) {
    options.onRestarting?.(found.told.version);
    const { stopDaemon } = await import('./daemon-stopper.ts');
    await stopDaemon(found.address, options);
  } else options.onStarting?.();
  const { startDaemon } = await import('./daemon-starter.ts');
  const locateStarted = async () => {
    const started = await locateByFile(options, true);
    return started && addressOf(started);
  };
  const { dataDir, port, onPassing } = options;
  return await startDaemon({
    dataDir,
    ...given({ port }),
    locate: locateStarted,
    ...(onPassing && {
      onPassing: (daemon: PassingDaemon) => {
        onPassing(daemon);
        const address = addressIn(daemon, dataDir);
        passing.set(dataDir, address);
        return address;
      },
    }),
  });
}

/** The daemons that serve this process alone, by data folder: no file tells of them. */
const passing = new Map<string, DaemonAddress>();

/** A daemon that is there, whatever it speaks. */
export interface Located {
  readonly address: DaemonAddress;
  readonly told: Served;
  /** It asks for the token, but is too old to prove that it may be shown it. */
  readonly isSilentOnItself?: boolean;
}

/** Its address; throws `incompatible` where we cannot speak with it. */
function addressOf({ address, told, isSilentOnItself }: Located): DaemonAddress {
  requireServed(told);
  if (isSilentOnItself) throw withoutProof(told.version);
  return address;
}

async function locate(options: FindOptions, mustAnswer: boolean): Promise<Located | undefined> {
  const found = await locateByFile(options, mustAnswer);
  if (!found && options.port) await requireNoOther(options.port, options);
  return found;
}

/** The daemon that `daemon.json` tells of; it is asked only where the file leaves a doubt. */
async function locateByFile(
  { dataDir, port, language }: FindOptions,
  mustAnswer: boolean,
): Promise<Located | undefined> {
  const file = readDaemonFile(dataDir);
  if (!file) return undefined;
  const isElsewhere = Boolean(port) && Number(new URL(file.url).port) !== port;
  const isDoubtful = mustAnswer || isElsewhere || !file.isCredible || !isServed(file) || !file.address.proof;
  const answer = isDoubtful ? await answerOf(file, dataDir, language) : 'itself';
  if (answer === 'none') return undefined;
  if (isElsewhere) throw onAnotherPort(file.url);
  return { address: file.address, told: file, isSilentOnItself: answer === 'locked' };
}

/** Whether the daemon that wrote the file is the one at its address: another folder's, or a stranger, may have taken the port since. */
async function answerOf(file: FoundFile, dataDir: string, language: Language): Promise<'itself' | 'locked' | 'none'> {
  const { address, pid } = file;
  try {
    if (address.proof) {
      const connection = await provenConnection(address, { timeoutMs: PROBE_MS });
      connection.destroy();
      return 'itself';
    }
    // One that is older than the proof is believed what it tells, but shown no token.
    const info = await callOnce(address, 'daemon.info', {}, { language, timeoutMs: PROBE_MS });
    return info.pid === pid && isSameFolder(info.data_dir, dataDir) ? 'itself' : 'none';
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
    if (isUnreachable(error) || !isRunning(pid)) return 'none';
    return (await isKnownToBeHeld(dataDir)) ? 'locked' : 'none';
  }
}

/** A daemon writes a lost `daemon.json` again within this, and one that starts or stops is done with it. */
const WRITTEN_MS = 1_900;

/**
 * The daemon of a folder whose `daemon.json` tells of none: as long as one holds the folder it is about to be told of.
 * Throws `unreachable` where nobody tells of it in time, and resolves with `undefined` where nobody holds the folder.
 */
async function untilWritten(options: FindOptions): Promise<Located | undefined> {
  const deadlineMs = performance.now() + WRITTEN_MS;
  const polls = pauses(20, 100);
  while (await isKnownToBeHeld(options.dataDir)) {
    if (performance.now() > deadlineMs) throw untold(holderOf(options.dataDir));
    await pause(polls.next().value);
    const found = await locateByFile(options, true);
    if (found) return found;
  }
  return undefined;
}

/** Throws where the daemon at a port that no `daemon.json` tells of says that it is another folder's; it is shown no token. */
async function requireNoOther(port: number, { dataDir, language }: FindOptions): Promise<void> {
  const address = { url: `http://${DEFAULT_HOST}:${port}` };
  let info: Result<'daemon.info'>;
  try {
    info = await callOnce(address, 'daemon.info', {}, { language, timeoutMs: PROBE_MS });
  } catch (error) {
    // Whatever else is there, a daemon that is started on the port tells best why it cannot have it.
    if (error instanceof TokenSyncError) return;
    throw error;
  }
  if (!isSameFolder(info.data_dir, dataDir)) throw ofAnotherFolder(port);
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

function untold(pid: string | undefined): TokenSyncError {
  const who = pid === undefined ? '' : ` (pid ${pid})`;
  return new TokenSyncError(
    'unreachable',
    {
      zh: `有进程占用数据文件夹${who}，但没有说明在哪里可以找到它`,
      en: `a process holds the data folder${who} but does not tell where it can be found`,
    },
    { hint: DOCTOR_HINT },
  );
}
