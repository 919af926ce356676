import type { WebSocket } from 'ws';

/** Finds out which peers are gone without having said so, and ends their connections. */
export interface Pings {
  /** To be called for each peer that comes. */
  add(peer: WebSocket): void;
  end(): void;
}

/** A peer that has not answered a ping by the next one is gone: noticed within twice this. */
const PING_MS = 20_000;

/** Everybody else gets a turn when pinging has taken this long: there may be thousands. */
const TURN_MS = 4;

/** Pings the peers of a server while it has any; with none, nothing wakes the process. */
export function createPings(peers: ReadonlySet<WebSocket>): Pings {
  let timer: NodeJS.Timeout | undefined;
  return {
    add(peer) {
      heardOf.call(peer);
      peer.on('pong', heardOf);
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

/** Peers that have been heard of since the last ping. */
const answering = new WeakSet<WebSocket>();

function heardOf(this: WebSocket): void {
  answering.add(this);
}

async function pingAll(peers: Iterable<WebSocket>): Promise<void> {
  let turnEndsMs = performance.now() + TURN_MS;
  for (const peer of peers) {
    ping(peer);
    if (performance.now() < turnEndsMs) continue;
    await new Promise(setImmediate);
    turnEndsMs = performance.now() + TURN_MS;
  }
}

function ping(peer: WebSocket): void {
  if (!answering.delete(peer)) peer.terminate();
  else if (peer.readyState === peer.OPEN) peer.ping();
}
