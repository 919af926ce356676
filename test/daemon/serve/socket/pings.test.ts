import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createPings, type Pings } from '../../../../src/daemon/serve/socket/pings.ts';
import { until } from '../../../support/until.ts';

let server: WebSocketServer;
let pings: Pings;

beforeEach(async () => {
  // The connections are real, and only the hours between two pings are not waited for.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  pings = createPings(server.clients);
  server.on('connection', (peer, { socket }) => pings.add(peer, socket));
  await once(server, 'listening');
});

afterEach(() => {
  pings.end();
  vi.useRealTimers();
  for (const peer of server.clients) peer.terminate();
  server.close();
});

const INTERVAL_MS = 20_000;

test('a peer that answers its pings stays', async () => {
  const client = await connected({});
  for (let round = 0; round < 5; round++) {
    const pong = once([...server.clients][0]!, 'pong');
    vi.advanceTimersByTime(INTERVAL_MS);
    await pong;
  }
  expect(client.readyState).toBe(WebSocket.OPEN);
});

test('a peer that has not answered by the next ping is cut off, and no other', async () => {
  const silent = await connected({ autoPong: false });
  const lively = await connected({});
  const closed = once(silent, 'close');
  const pong = once([...server.clients][1]!, 'pong');

  vi.advanceTimersByTime(INTERVAL_MS);
  await pong;
  expect(silent.readyState).toBe(WebSocket.OPEN);
  vi.advanceTimersByTime(INTERVAL_MS);

  expect((await closed)[0]).toBe(1006);
  expect(lively.readyState).toBe(WebSocket.OPEN);
});

test('a peer that we do not read is not taken for gone, nor in the round after it is read again', async () => {
  await connected({ autoPong: false });
  const [peer] = server.clients;
  peer!.pause();
  for (let round = 0; round < 3; round++) vi.advanceTimersByTime(INTERVAL_MS);
  peer!.resume();
  vi.advanceTimersByTime(INTERVAL_MS);
  expect(peer!.readyState).toBe(WebSocket.OPEN);

  vi.advanceTimersByTime(INTERVAL_MS);
  expect(peer!.readyState).toBe(WebSocket.CLOSING);
});

test('a peer whose pong has to wait for the end of a message stays as long as the message goes on', async () => {
  const connection = once(server, 'connection');
  const client = await connected({ autoPong: false });
  const [peer, { socket }] = await connection;
  for (let round = 0; round < 5; round++) {
    const before = socket.bytesRead;
    client.send('part', { fin: false });
    await until(() => socket.bytesRead > before, 'the part is read');
    vi.advanceTimersByTime(INTERVAL_MS);
  }
  expect(peer.readyState).toBe(WebSocket.OPEN);
});

test('with nobody there nothing wakes the process, and the next one who comes is pinged again', async () => {
  const first = await connected({});
  first.terminate();
  await until(() => server.clients.size === 0, 'the peer has gone');
  vi.advanceTimersByTime(INTERVAL_MS);
  expect(vi.getTimerCount()).toBe(0);

  const second = await connected({});
  const pinged = once(second, 'ping');
  vi.advanceTimersByTime(INTERVAL_MS);
  await pinged;
});

async function connected(options: { autoPong?: boolean }): Promise<WebSocket> {
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, options);
  await once(client, 'open');
  return client;
}
