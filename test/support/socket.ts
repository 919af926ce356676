import { WebSocket } from 'ws';
import type { MethodName, NotificationName, NotificationParams, Result } from '../../src/protocol/methods.ts';
import { type RpcResponse, resultOf } from './rpc-failure.ts';
import { HUNG_MS, within } from './until.ts';

export interface SocketOptions {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Notification {
  readonly method: string;
  readonly params: unknown;
}

/** A bare WebSocket client that speaks JSON-RPC and keeps everything it was told, in order. */
export class RpcSocket {
  readonly socket: WebSocket;
  /** Every frame that came, as text. */
  readonly frames: string[] = [];
  readonly notifications: Notification[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly #answers = new Map<string | number, (response: RpcResponse) => void>();
  readonly #taken = new Map<string, number>();
  readonly #wakers = new Set<() => void>();
  #framesTaken = 0;
  #nextId = 1;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.#receive(String(data)));
    // The close code tells what a test wants to know.
    socket.on('error', () => socket.terminate());
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    void this.closed.then(() => this.#wake());
  }

  /** Opens a connection; rejects with the status in the message when it is refused. */
  static open(url: string, { path = '/rpc', headers = {} }: SocketOptions = {}): Promise<RpcSocket> {
    const socket = new WebSocket(url.replace(/^http/, 'ws') + path, { headers, perMessageDeflate: false });
    return within(
      HUNG_MS,
      new Promise((resolve, reject) => {
        socket.once('open', () => {
          socket.off('error', reject);
          resolve(opened);
        });
        socket.once('error', reject);
        const opened = new RpcSocket(socket);
      }),
      'a WebSocket to open',
    );
  }

  /** Calls a method; throws an `RpcFailure` when it is refused. */
  async call<M extends MethodName>(method: M, params: unknown = {}): Promise<Result<M>> {
    return resultOf(await this.request({ jsonrpc: '2.0', id: this.#nextId++, method, params })) as Result<M>;
  }

  /** Sends a request and waits for the response with its id. */
  request(request: { readonly id: string | number; readonly [key: string]: unknown }): Promise<RpcResponse> {
    const answer = Promise.withResolvers<RpcResponse>();
    this.#answers.set(request.id, answer.resolve);
    void this.closed.then((code) => answer.reject(new Error(`the connection was closed (${code}) before the answer`)));
    this.send(JSON.stringify(request));
    return within(HUNG_MS, answer.promise, `the answer to ${request.method}`);
  }

  send(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  /** The next frame that nobody has taken yet, whatever it is. */
  async nextFrame(): Promise<string> {
    const index = this.#framesTaken++;
    await this.#waitFor(() => this.frames.length > index, 'a frame');
    return this.frames[index]!;
  }

  /** The next notification of a kind that has not been taken yet. */
  async next<N extends NotificationName>(method: N): Promise<NotificationParams<N>> {
    const index = this.#taken.get(method) ?? 0;
    this.#taken.set(method, index + 1);
    await this.#waitFor(() => this.told(method).length > index, `a notification ${method}`);
    return this.told(method)[index]!;
  }

  /** Every notification of a kind so far. */
  told<N extends NotificationName>(method: N): NotificationParams<N>[] {
    return this.notifications
      .filter((notification) => notification.method === method)
      .map(({ params }) => params as NotificationParams<N>);
  }

  close(): void {
    this.socket.terminate();
  }

  #receive(text: string): void {
    this.frames.push(text);
    const message = JSON.parse(text);
    if (typeof message?.method === 'string') this.notifications.push(message);
    else this.#answers.get(message?.id)?.(message);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }

  async #waitFor(condition: () => boolean, what: string): Promise<void> {
    const isThere = async () => {
      while (!condition()) {
        if (this.socket.readyState >= WebSocket.CLOSING) throw new Error(`the connection was closed before ${what}`);
        await new Promise<void>((resolve) => this.#wakers.add(resolve));
      }
    };
    await within(HUNG_MS, isThere(), what);
  }
}
