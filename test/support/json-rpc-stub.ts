import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { CHALLENGE_HEADER, type DaemonFile, PROOF_HEADER } from '../../src/protocol/addresses.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/methods.ts';

/** The answer of a stand-in to a method: a result, or nothing at all. */
export type Answers = Readonly<Record<string, (params: unknown, peer: WebSocket) => unknown>>;

/** A stand-in for a daemon that a real one would never be: old, new, silent, or of another kind. */
export interface Stub {
  readonly url: string;
  readonly port: number;
  /** The methods that were called, in order. */
  readonly called: string[];
  /** Breaks every connection. */
  cut(): void;
  /** Its `daemon.json` as the daemon of a folder, of this process and version 9.9.9 if nothing else is told. */
  file(folder: string, told?: Partial<DaemonFile>): DaemonFile;
}

interface Asked {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

const SECRETS = { challenge: 'is it you', proof: 'it is me' };

/** Serves a few methods over HTTP and WebSocket until the test is over; one that gives `undefined` is never answered. */
export async function serveStub(answers: Answers): Promise<Stub> {
  const called: string[] = [];
  const answerOf = ({ id, method, params }: Asked, peer: WebSocket | undefined) => {
    called.push(method);
    const result = answers[method]?.(params, peer!);
    return result === undefined ? undefined : { jsonrpc: '2.0', id, result };
  };
  const reply = (text: string, peer: WebSocket | undefined) => {
    const asked: Asked | Asked[] = JSON.parse(text);
    return JSON.stringify(Array.isArray(asked) ? asked.map((one) => answerOf(one, peer)) : answerOf(asked, peer)) as
      | string
      | undefined;
  };
  const server = createServer(async (request, response) => {
    if (request.method === 'HEAD') {
      if (request.headers[CHALLENGE_HEADER] === SECRETS.challenge) response.setHeader(PROOF_HEADER, SECRETS.proof);
      response.end();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = reply(Buffer.concat(chunks).toString(), undefined);
    if (text !== undefined) response.end(text);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (peer) => {
    peer.on('message', (data) => {
      const text = reply(String(data), peer);
      if (text !== undefined) peer.send(text);
    });
  });
  const cut = () => {
    for (const peer of sockets.clients) peer.terminate();
    server.closeAllConnections();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const file: Stub['file'] = (folder, told) => {
    const who = { pid: process.pid, started_at: new Date().toISOString(), data_dir: folder };
    return { ...who, url, protocol: PROTOCOL_VERSION, version: '9.9.9', ...SECRETS, ...told };
  };
  return { url, port, called, cut, file };
}

/** The `daemon.info` of a stand-in. */
export function stubInfo(
  info: { readonly pid?: number; readonly protocol?: number; readonly protocol_min?: number } = {},
) {
  return { name: 'token-sync', version: '9.9.9', protocol: PROTOCOL_VERSION, pid: process.pid, warnings: [], ...info };
}
