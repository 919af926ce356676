import { JSONRPCClient, JSONRPCErrorException, type JSONRPCResponse } from 'json-rpc-2.0';
import { MAX_BODY_BYTES, RPC_PATH } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { MethodName, NotificationName, NotificationParams, Params, Result } from '../../../protocol/methods.ts';
import { timedOut, unreachable } from '../daemon/unreachable.ts';
import { tooLargeToSend } from './too-large.ts';
import { failureOfAnswer } from './wire-error.ts';

/** As much of a WebSocket as a browser's and that of `ws` have in common. */
export interface SocketLike {
  /** 0 to 3, as every WebSocket has it: connecting, open, closing, closed. */
  readonly readyState: number;
  send(text: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: (event: object) => void): void;
}

export interface ConnectionOptions {
  /** Told whether an answer or a notification is awaited: a process need not live on for an idle connection. */
  readonly onHeld?: (isHeld: boolean) => void;
  /** How long the opening and each answer may take; 30 s by default. */
  readonly timeoutMs?: number;
}

/** Something that the daemon told without being asked. */
export type Notification = {
  readonly [N in NotificationName]: { readonly method: N; readonly params: NotificationParams<N> };
}[NotificationName];

/** The WebSocket address of a daemon at an `http:` address. */
export function socketUrl(url: string): string {
  const address = new URL(RPC_PATH, url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return address.href;
}

/** The connection once it is open; throws `unreachable`, or the refusal that the socket's error event carries. */
export function openConnection(socket: SocketLike, options: ConnectionOptions = {}): Promise<Connection> {
  const { timeoutMs = TIMEOUT_MS } = options;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(timedOut(timeoutMs)), timeoutMs);
    const fail = (error: unknown) => {
      clearTimeout(timer);
      // First: closing a socket that is still connecting reports an error of its own at once.
      reject(error);
      socket.close();
    };
    socket.addEventListener('error', (event) => fail(failureOfEvent(event)));
    socket.addEventListener('close', (event) => fail(unreachable(event)));
    socket.addEventListener('open', () => {
      clearTimeout(timer);
      resolve(new Connection(socket, options));
    });
  });
}

const TIMEOUT_MS = 30_000;

/** One JSON-RPC connection: answers find their calls, and every call ends, with an answer or a `TokenSyncError`. */
export class Connection {
  /** Resolves when the connection has ended, from whichever side. */
  readonly closed: Promise<void>;
  readonly #socket: SocketLike;
  readonly #rpc: JSONRPCClient;
  readonly #timeoutMs: number;
  readonly #onHeld: (isHeld: boolean) => void;
  readonly #markClosed: () => void;
  #listener: ((notification: Notification) => void) | undefined;
  #holders = 0;
  #isOpen = true;

  /** Of a socket that is open. */
  constructor(socket: SocketLike, { onHeld = () => undefined, timeoutMs = TIMEOUT_MS }: ConnectionOptions) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#markClosed = resolve;
    this.#socket = socket;
    this.#onHeld = onHeld;
    this.#timeoutMs = timeoutMs;
    this.#rpc = new JSONRPCClient((request) => socket.send(JSON.stringify(request)));
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('close', () => this.#end());
    onHeld(false);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Makes a call; throws the daemon's `TokenSyncError`, or `unreachable` when no answer came. */
  async call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
    // A socket that is closing takes no more, and tells of its end a little later.
    if (!this.#isOpen || this.#socket.readyState !== OPEN) throw unreachable();
    if (bytesOf(JSON.stringify(params)) + ENVELOPE_BYTES > MAX_BODY_BYTES) throw tooLargeToSend();
    this.#hold();
    try {
      return await this.#rpc.timeout(this.#timeoutMs).request(method, params);
    } catch (error) {
      throw this.#failureOf(error);
    } finally {
      this.#release();
    }
  }

  /** Hands every notification from now on to the listener; a process lives on for it. */
  listen(listener: (notification: Notification) => void): void {
    if (!this.#listener) this.#hold();
    this.#listener = listener;
  }

  /** Ends the connection; calls that wait for an answer reject. */
  close(): void {
    this.#end();
    this.#socket.close();
  }

  #hold(): void {
    if (this.#holders++ === 0) this.#onHeld(true);
  }

  #release(): void {
    if (--this.#holders === 0) this.#onHeld(false);
  }

  #end(): void {
    this.#isOpen = false;
    this.#listener = undefined;
    this.#rpc.rejectAllPendingRequests('closed');
    this.#markClosed();
  }

  #failureOf(error: unknown): unknown {
    if (!(error instanceof JSONRPCErrorException)) return error;
    if (error.code !== LOCAL_FAILURE) return failureOfAnswer(error);
    return this.#isOpen ? timedOut(this.#timeoutMs) : unreachable(error);
  }

  #receive(data: unknown): void {
    const message = parse(data);
    if (message === undefined) this.close();
    else if ('method' in message) this.#listener?.(message as Notification);
    else this.#rpc.receive(message as JSONRPCResponse);
  }
}

const OPEN = 1;

/** The code that the library gives to failures of its own. */
const LOCAL_FAILURE = 0;

/** Room for what a request is wrapped in. */
const ENVELOPE_BYTES = 256;

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function parse(data: unknown): object | undefined {
  try {
    const message: unknown = JSON.parse(String(data));
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function failureOfEvent(event: object): TokenSyncError {
  const cause = 'error' in event ? event.error : event;
  return cause instanceof TokenSyncError ? cause : unreachable(cause);
}
