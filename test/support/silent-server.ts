import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that takes connections and never says a word, until the test is over; with the first connection once it is there. */
export async function serveSilence(): Promise<{ readonly url: string; readonly connected: Promise<Socket> }> {
  const server = createServer();
  const connected = once(server, 'connection').then(([socket]: Socket[]) => socket!.resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connected };
}
