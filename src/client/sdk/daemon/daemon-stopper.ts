import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import { pause } from '../connection/backoff.ts';
import { connectTo } from '../connection/node-connection.ts';
import type { DaemonAddress } from './daemon-address.ts';
import { isRunning } from './daemon-file.ts';
import { isKnownToBeHeld } from './folder-lock.ts';
import { isGone } from './unreachable.ts';

export interface StopOptions {
  /** The folder that the daemon serves, as an absolute path. */
  readonly dataDir: string;
  readonly language: Language;
}

/**
 * Stops the daemon of an address, whatever its version; resolves with its process id when the process is gone, `undefined`
 * where it was gone before. Throws `busy` for one that has not ended within 15 s.
 */
export async function stopDaemon(address: DaemonAddress, options: StopOptions): Promise<number | undefined> {
  const ending = await askToEnd(address, options);
  if (ending !== undefined) await untilGone(ending);
  return ending;
}

async function askToEnd(address: DaemonAddress, { dataDir, language }: StopOptions): Promise<number | undefined> {
  let ending: number | undefined;
  try {
    // By one connection, which leads to one process: another daemon may take the port between two requests.
    const connection = await connectTo(address, language, async (opened) => {
      const { pid } = await opened.call('daemon.info', {});
      // After a kill -9 another data folder's daemon may have taken the port.
      if (pid !== (address.pid ?? pid)) return opened;
      ending = pid;
      await opened.call('daemon.shutdown', {});
      return opened;
    });
    connection.close();
    return ending;
  } catch (error) {
    const isLocked = error instanceof TokenSyncError && error.kind === 'unauthorized' && !address.proof;
    if (!isGone(error) && !isLocked) throw error;
    // By now its process id may be anybody's.
    const isThere = address.pid !== undefined && isRunning(address.pid) && (await isKnownToBeHeld(dataDir));
    if (!isThere) return ending;
    // It asks for the token, and is too old to prove that it may be shown it.
    if (isLocked) process.kill(address.pid, 'SIGTERM');
    // Otherwise somebody else is stopping it.
    return address.pid;
  }
}

const MAX_WAIT_MS = 15_000;

async function untilGone(pid: number): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  while (isRunning(pid)) {
    if (Date.now() > deadline) throw stillThere(pid);
    await pause(20);
  }
}

function stillThere(pid: number): TokenSyncError {
  return new TokenSyncError(
    'busy',
    { zh: `守护进程（pid ${pid}）还没有停止`, en: `the daemon (pid ${pid}) has not stopped yet` },
    { hint: { zh: '请稍后重试，或结束该进程', en: 'try again in a moment, or end that process' } },
  );
}
