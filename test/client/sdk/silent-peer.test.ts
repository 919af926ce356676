import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { TokenSyncManager } from '../../../src/client/sdk/index.ts';
import { nodePlatform } from '../../../src/client/sdk/node-platform.ts';
import { serveStub, stubInfo } from '../../support/json-rpc-stub.ts';

const SILENCE_MS = 45_000;

// The sockets are real, and only the time between two pings is not waited for.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

test('a connection lives on while it is pinged, and ends when it no longer is', async () => {
  let peer!: WebSocket;
  const stub = await serveStub({
    'daemon.info': (_, caller) => {
      peer = caller;
      return stubInfo();
    },
  });
  const connection = await nodePlatform({ address: stub }, 'en').connect({ mayStart: false });
  for (let round = 0; round < 3; round++) {
    vi.advanceTimersByTime(SILENCE_MS - 1);
    peer.ping();
    await once(peer, 'pong');
  }
  expect(connection.isOpen).toBe(true);
  vi.advanceTimersByTime(SILENCE_MS);
  await connection.closed;
  expect(vi.getTimerCount()).toBe(0);
});

test('a subscription notices that the way to the daemon has gone silent, and is back on another', async () => {
  let revision = 1;
  const stub = await serveStub({
    'daemon.info': () => stubInfo(),
    'usage.subscribe': () => ({ revision, usage: { used: revision, total: 100, revision }, sessions: [] }),
  });
  const way = await wayTo(stub.port);
  const subscription = new TokenSyncManager({ url: way.url }).subscribe();
  expect(await subscription.next()).toMatchObject({ value: { type: 'snapshot', revision: 1 } });

  way.goSilent();
  revision = 2;
  const lost = subscription.next();
  vi.advanceTimersByTime(SILENCE_MS);

  expect(await lost).toMatchObject({ value: { type: 'connection', state: 'lost' } });
  expect(await subscription.next()).toMatchObject({ value: { type: 'connection', state: 'back' } });
  expect(await subscription.next()).toMatchObject({ value: { type: 'snapshot', revision: 2 } });
  await subscription.return();
});

/** An address that hands bytes on to a port of this machine; what is open when it goes silent is held open, and no byte passes. */
async function wayTo(port: number): Promise<{ readonly url: string; goSilent(): void }> {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) open.add(socket.on('error', () => socket.destroy()));
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    goSilent() {
      for (const socket of open) socket.unpipe().pause();
    },
  };
}
