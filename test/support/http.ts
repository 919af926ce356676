import { request as nodeRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { HUNG_MS, within } from './until.ts';

export interface HttpRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body as JSON; throws where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
  json(): any;
}

/** One request on a connection of its own; a `headers` entry replaces the usual one. */
export function httpRequest(url: string, { method = 'GET', path = '/', headers, body }: HttpRequest = {}) {
  const { hostname: host, port } = new URL(url);
  const hostname = host.replace(/^\[|\]$/g, '');
  const answer = new Promise<HttpResponse>((resolve, reject) => {
    const length = headers?.['transfer-encoding'] ? {} : { 'content-length': String(Buffer.byteLength(body ?? '')) };
    const usual = body === undefined ? {} : { 'content-type': 'application/json', ...length };
    const sent = nodeRequest(
      { hostname, port, method, path, agent: false, headers: { ...usual, ...headers } },
      async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          resolve(toResponse(response.statusCode ?? 0, response.rawHeaders, Buffer.concat(chunks).toString('utf8')));
        } catch (error) {
          reject(error);
        }
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
  return within(HUNG_MS, answer, `the answer to ${method} ${path}`);
}

/** A plain connection that sends bytes exactly as they are given, for what no HTTP client would send. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // A reset is one of the answers that the tests ask about.
    socket.on('error', () => socket.destroy());
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
  }

  static open(port: number, host = '127.0.0.1'): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true }, () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
      socket.once('error', reject);
    });
  }

  /** Sends lines of a head, each ended as HTTP wants it, with the empty line and the body after them. */
  sendHead(lines: readonly string[], body = ''): void {
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  /** The next whole response; `undefined` when the connection was closed without one. `hasBody` is false after HEAD. */
  async response(hasBody = true): Promise<HttpResponse | undefined> {
    return await within(HUNG_MS, this.#response(hasBody), 'a response on a raw connection');
  }

  close(): void {
    this.socket.destroy();
  }

  async #response(hasBody: boolean): Promise<HttpResponse | undefined> {
    for (;;) {
      const found = takeResponse(this.#received, hasBody, this.#isClosed);
      if (found) {
        this.#received = this.#received.subarray(found.length);
        return found.response;
      }
      if (this.#isClosed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function takeResponse(received: Buffer, hasBody: boolean, isEnd: boolean) {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
  const rawHeaders = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const { headers } = toResponse(status, rawHeaders, '');
  const start = headEnd + 4;
  const isBare = !hasBody || status === 101 || status === 204 || status === 304;
  const declared = isBare ? 0 : Number(headers['content-length'] ?? Number.NaN);
  if (Number.isNaN(declared) && !isEnd) return undefined;
  const length = Number.isNaN(declared) ? received.length : start + declared;
  if (received.length < length) return undefined;
  return { length, response: toResponse(status, rawHeaders, received.toString('utf8', start, length)) };
}

function toResponse(status: number, rawHeaders: readonly string[], text: string): HttpResponse {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers[rawHeaders[index]!.toLowerCase()] = rawHeaders[index + 1]!;
  }
  return { status, headers, text, json: () => JSON.parse(text) };
}
