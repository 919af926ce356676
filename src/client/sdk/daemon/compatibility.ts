import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import type { PROTOCOL_VERSION } from '../../../protocol/methods.ts';
import type { Connection } from '../connection/connection.ts';
import { unreachable } from './unreachable.ts';

/** The contract's version; its type holds it equal to the contract without loading the schemas, which the CLI's start cannot afford. */
const SPOKEN_PROTOCOL: typeof PROTOCOL_VERSION = 2;

/** The version and protocols of a daemon, as `daemon.json` and `daemon.info` tell them. */
export interface Served {
  readonly protocol: number;
  /** The oldest protocol that it serves; the first version did not tell, and served its own only. */
  readonly protocol_min?: number;
  readonly version: string;
}

/** True for a daemon that does not know our protocol yet. */
export function isOlder({ protocol }: Served): boolean {
  return protocol < SPOKEN_PROTOCOL;
}

/** True for a daemon that serves our protocol. */
export function isServed(told: Served): boolean {
  return !isOlder(told) && (told.protocol_min ?? told.protocol) <= SPOKEN_PROTOCOL;
}

/** Throws `incompatible`, in words that tell which side is older and what to do, unless the daemon serves our protocol. */
export function requireServed(told: Served): void {
  if (isServed(told)) return;
  throw isOlder(told) ? olderDaemon(told.version) : newerDaemon(told.version);
}

/** The connection, if its other end serves our protocol and is the daemon that was meant, where its pid is known; else it is closed. */
export async function requireDaemon(connection: Connection, pid?: number): Promise<Connection> {
  try {
    const info = await connection.call('daemon.info', {});
    // After a kill -9 another data folder's daemon may have taken the port.
    if (pid !== undefined && info.pid !== pid) throw unreachable();
    requireServed(info);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** The notice that a daemon of an older protocol is replaced by one of this version. */
export function restartingText(version: string): Bilingual {
  return {
    zh: `正在运行的守护进程（${version}）比本程序旧，正在重启…`,
    en: `the running daemon (${version}) is older than this program and is restarted …`,
  };
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

/** The failure of a daemon that asks for the token, of a version that cannot prove yet that it may be shown it. */
export function withoutProof(version: string): TokenSyncError {
  const older = olderDaemon(version);
  const text = {
    zh: `${older.text.zh}，无法证明自己属于此数据文件夹，所以不会把令牌给它`,
    en: `${older.text.en} and cannot prove to be the one of this data folder, so it is not shown the token`,
  };
  return new TokenSyncError('incompatible', text, older.hint ? { hint: older.hint } : {});
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
