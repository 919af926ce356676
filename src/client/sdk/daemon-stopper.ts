import { TokenSyncError } from '../../protocol/errors.ts';
import type { Language } from '../../protocol/language.ts';
import { pause } from './backoff.ts';
import { isRunning } from './daemon-file.ts';
import type { DaemonAddress } from './daemon-finder.ts';
import { connectTo } from './node-connection.ts';
import { isGone } from './out-of-reach.ts';

/**
 * Stops the daemon of an address, whatever its version; resolves with its process id when the process is gone, `undefined`
 * where it was gone before. Throws `busy` for one that has not ended within 15 s.
 */
export async function stopDaemon(address: DaemonAddress, language: Language): Promise<number | undefined> {
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
  } catch (error) {
    if (!isGone(error)) throw error;
    // It is gone, or somebody else is stopping it.
    if (address.pid !== undefined && isRunning(address.pid)) ending = address.pid;
  }
  if (ending !== undefined) await untilGone(ending);
  return ending;
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
