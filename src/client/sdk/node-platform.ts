import type { Language } from '../../protocol/language.ts';
import { connectTo } from './connection/node-connection.ts';
import { requireDaemon } from './daemon/compatibility.ts';
import type { DaemonAddress } from './daemon/daemon-address.ts';
import { withDaemon } from './daemon/daemon-finder.ts';
import type { Platform } from './platform.ts';

/** Which daemon: the one of a data folder, or the one at a fixed address. */
export type Target = { readonly dataDir: string; readonly port?: number } | { readonly address: DaemonAddress };

/** Connects to a daemon by `ws`; that of a data folder is looked up each time, because its port may have changed. */
export function nodePlatform(target: Target, language: Language, onRestarting?: (version: string) => void): Platform {
  return {
    connect({ mayStart, signal }) {
      const connect = (address: DaemonAddress) =>
        connectTo(address, language, (connection) => requireDaemon(connection, address.pid), signal);
      if ('address' in target) return connect(target.address);
      return withDaemon({ ...target, mayStart, language, ...(onRestarting && { onRestarting }) }, connect);
    },
  };
}
