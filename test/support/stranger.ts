import { createServer, type IncomingMessage, request } from 'node:http';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';

/** A program that is no daemon of ours and has taken the port of one. */
export interface Stranger {
  /** All that it was sent: lines, headers and bodies, over HTTP and WebSocket. */
  readonly heard: string[];
}

/** The answer of a stranger to an HTTP request: headers and a body. */
type Answer = (request: IncomingMessage, body: string) => Promise<Told> | Told;

interface Told {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Listens on a port of this machine until the test is over, keeps what it hears, and agrees to everything. */
export async function serveStranger(port: number, answer: Answer): Promise<Stranger> {
  const heard: string[] = [];
  const listen = (heading: IncomingMessage) => heard.push(`${heading.method} ${heading.url}`, ...heading.rawHeaders);
  const server = createServer(async (heading, response) => {
    listen(heading);
    const chunks: Buffer[] = [];
    for await (const chunk of heading) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    heard.push(body);
    const told = await answer(heading, body);
    // With its length, so that the connection is kept for what would come next.
    const usual = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(told.body) };
    response.writeHead(200, { ...usual, ...told.headers }).end(told.body);
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (heading, socket, head) => {
    listen(heading);
    sockets.handleUpgrade(heading, socket, head, (peer) => {
      peer.on('message', async (data) => {
        heard.push(String(data));
        peer.send((await answer(heading, String(data))).body);
      });
    });
  });
  onTestFinished(() => {
    for (const peer of sockets.clients) peer.terminate();
    server.close();
    server.closeAllConnections();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, resolve);
  });
  return { heard };
}

/** Answers every call with the same, as a liar would who knows whom it stands in for. */
export function agreeingWith(result: object): Answer {
  return (_, body) => ({ body: JSON.stringify({ jsonrpc: '2.0', id: body === '' ? 1 : JSON.parse(body).id, result }) });
}

/** Hands everything on to another address and its answers back. */
export function relayingTo(url: string): Answer {
  return (heading, body) =>
    new Promise((resolve, reject) => {
      const headers = { ...heading.headers, host: new URL(url).host };
      const onward = request(new URL(heading.url!, url), { method: heading.method!, headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const { 'content-length': _, 'transfer-encoding': __, ...rest } = response.headers;
        resolve({ headers: rest as Record<string, string>, body: Buffer.concat(chunks).toString() });
      });
      onward.on('error', reject).end(body);
    });
}
