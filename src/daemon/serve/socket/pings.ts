import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Finds out which peers are gone without having said so, and ends their connections. */
export interface Pings {
  /** To be called for each peer that comes, with its connection. */
  add(peer: WebSocket, socket: Pick<Socket, 'bytesRead'>): void;
  end(): void;
}

/** A peer of which nothing is heard between two pings is gone: noticed within twice this. */
const PING_MS = 20_000;

/** Everybody else gets a turn when pinging has taken this long: there may be thousands. */
const TURN_MS = 4;

/** Pings the peers of a server while it has any; with none, nothing wakes the process. */
export function createPings(peers: ReadonlySet<WebSocket>): Pings {
  let timer: NodeJS.Timeout | undefined;
  return {
    add(peer, socket) {
      connections.set(peer, { socket, bytesAtPing: undefined });
      timer ??= setInterval(pingAny, PING_MS).unref();
    },
    end,
  };

  function pingAny(): void {
    if (peers.size > 0) void pingAll(peers);
    else end();
  }

  function end(): void {
    clearInterval(timer);
    timer = undefined;
  }
}

interface Connection {
  readonly socket: Pick<Socket, 'bytesRead'>;
  /** How much had been read when the last ping was sent; `undefined` where the peer owes no answer to it. */
  bytesAtPing: number | undefined;
}

const connections = new WeakMap<WebSocket, Connection>();

async function pingAll(peers: Iterable<WebSocket>): Promise<void> {
  let turnEndsMs = performance.now() + TURN_MS;
  for (const peer of peers) {
    ping(peer);
    if (performance.now() < turnEndsMs) continue;
    await new Promise(setImmediate);
    turnEndsMs = performance.now() + TURN_MS;
  }
}

/**
 * Anything that was read since the last ping shows that the peer is there: its pong may stand behind a long message. While
 * we do not read the peer ourselves its pong cannot arrive, so that its silence tells nothing.
 */
function ping(peer: WebSocket): void {
  const connection = connections.get(peer);
  if (!connection) return;
  const { bytesRead } = connection.socket;
  if (!peer.isPaused && bytesRead === connection.bytesAtPing) {
    peer.terminate();
    return;
  }
  connection.bytesAtPing = peer.isPaused ? undefined : bytesRead;
  if (peer.readyState === peer.OPEN) peer.ping();
}
