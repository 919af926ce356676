import { requireDaemon } from './compatibility.ts';
import { openConnection, socketUrl } from './connection.ts';
import type { Platform } from './platform.ts';

/** Connects to the daemon at an `http:` address, which it cannot start. */
export function browserPlatform(url: string): Platform {
  return { connect: async () => await requireDaemon(await openConnection(new WebSocket(socketUrl(url)))) };
}
