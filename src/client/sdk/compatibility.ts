import { TokenSyncError } from '../../protocol/errors.ts';
import type { PROTOCOL_VERSION } from '../../protocol/methods.ts';
import type { Connection } from './connection.ts';
import { outOfReach } from './out-of-reach.ts';

/** The contract's version; its type holds it equal to the contract without loading the schemas, which the CLI's start cannot afford. */
export const SPOKEN_PROTOCOL: typeof PROTOCOL_VERSION = 1;

/** Throws `incompatible`, in words that tell which side is older and what to do, unless both speak the same protocol. */
export function requireSameProtocol(protocol: number, version: string): void {
  if (protocol === SPOKEN_PROTOCOL) return;
  throw protocol < SPOKEN_PROTOCOL ? olderDaemon(version) : newerDaemon(version);
}

/** The connection, if its other end speaks our protocol and is the daemon that was meant, where its pid is known; else it is closed. */
export async function requireDaemon(connection: Connection, pid?: number): Promise<Connection> {
  try {
    const info = await connection.call('daemon.info', {});
    // After a kill -9 another data folder's daemon may have taken the port.
    if (pid !== undefined && info.pid !== pid) throw outOfReach();
    requireSameProtocol(info.protocol, info.version);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function olderDaemon(version: string): TokenSyncError {
  return new TokenSyncError(
    'incompatible',
    {
      zh: `正在运行的守护进程（${version}）比本程序旧`,
      en: `the running daemon (${version}) is older than this program`,
    },
    { hint: { zh: '请运行 token-sync restart', en: 'run `token-sync restart`' } },
  );
}

function newerDaemon(version: string): TokenSyncError {
  return new TokenSyncError(
    'incompatible',
    {
      zh: `正在运行的守护进程（${version}）比本程序新`,
      en: `the running daemon (${version}) is newer than this program`,
    },
    { hint: { zh: '请升级本程序（网页请刷新）', en: 'upgrade this program (a web page: reload it)' } },
  );
}
