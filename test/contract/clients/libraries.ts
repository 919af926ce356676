import { HTTPTransport, Client as OpenRpcClient, RequestManager, WebSocketTransport } from '@open-rpc/client-js';
import jayson from 'jayson';
import { Client as RpcWebSocketsClient } from 'rpc-websockets';
import type { MessageConnection } from 'vscode-jsonrpc';
import { listen } from 'vscode-ws-jsonrpc';
import type { RpcResponse } from '../../support/rpc-failure.ts';
import type { Call, ForeignClient, Make } from './client.ts';

type Response = Pick<RpcResponse, 'result' | 'error'>;

/** Libraries for Node, each by its own habits. */
export const LIBRARIES: Readonly<Record<string, Make>> = {
  'rpc-websockets': { connect: rpcWebSockets, hasBatches: false, listens: true },
  'jayson over WebSocket': {
    connect: (url) => jaysonClient(jayson.Client.websocket({ url: socketUrl(url) })),
    hasBatches: true,
    listens: false,
  },
  'jayson over HTTP': {
    connect: (url) => jaysonClient(jayson.Client.http({ port: Number(new URL(url).port), path: '/rpc' })),
    hasBatches: true,
    listens: false,
  },
  '@open-rpc/client-js over WebSocket': {
    connect: (url) => openRpc(new WebSocketTransport(socketUrl(url))),
    hasBatches: true,
    listens: true,
  },
  '@open-rpc/client-js over HTTP': {
    connect: (url) => openRpc(new HTTPTransport(`${url}/rpc`)),
    hasBatches: true,
    listens: false,
  },
  'vscode-ws-jsonrpc': { connect: vsCode, hasBatches: false, listens: true },
};

const socketUrl = (url: string) => `${url.replace(/^http/, 'ws')}/rpc`;

async function rpcWebSockets(url: string): Promise<ForeignClient> {
  const client = new RpcWebSocketsClient(socketUrl(url), { reconnect: false });
  await new Promise((resolve, reject) => client.on('open', resolve).on('error', reject));
  return {
    request: ({ method, params }) => settled(client.call(method, params)),
    notify: ({ method, params }) => client.notify(method, params),
    listen: (method, listener) => client.on(method, listener),
    close: () => client.close(),
  };
}

interface JaysonClient {
  request(method: string, params: object): object;
  request(method: string, params: object, id: null, callback: (error: unknown) => void): void;
  request(calls: readonly object[], callback: (error: unknown, responses: Response[]) => void): void;
  request(method: string, params: object, callback: (error: unknown, response: Response) => void): void;
  readonly ws?: { readonly readyState: number; on(event: 'open', listener: () => void): void; close(): void };
}

async function jaysonClient(library: unknown): Promise<ForeignClient> {
  const client = library as JaysonClient;
  const { ws } = client;
  if (ws && ws.readyState === 0) await new Promise<void>((resolve) => ws.on('open', resolve));
  const promised = <T>(send: (callback: (error: unknown, value: T) => void) => void) =>
    new Promise<T>((resolve, reject) => send((error, value) => (error ? reject(error) : resolve(value))));
  return {
    request: ({ method, params = {} }) => promised((callback) => client.request(method, params, callback)),
    notify: ({ method, params = {} }) =>
      promised<void>((callback) => client.request(method, params, null, callback as never)),
    batch: (calls) =>
      promised((callback) =>
        client.request(
          calls.map(({ method, params = {} }) => client.request(method, params)),
          callback,
        ),
      ),
    close: () => ws?.close(),
  };
}

function openRpc(transport: WebSocketTransport | HTTPTransport): ForeignClient {
  const client = new OpenRpcClient(new RequestManager([transport]));
  const request = ({ method, params = {} }: Call) => settled(client.request({ method, params }));
  return {
    request,
    notify: async ({ method, params = {} }) => void (await client.notify({ method, params })),
    async batch(calls) {
      client.startBatch();
      const responses = calls.map(request);
      client.stopBatch();
      return await Promise.all(responses);
    },
    listen: (method, listener) =>
      client.onNotification((told) => void (told.method === method && listener(told.params))),
    close: () => client.close(),
  };
}

async function vsCode(url: string): Promise<ForeignClient> {
  // The library is made for the WebSocket of browsers, which Node has too.
  const webSocket = new WebSocket(socketUrl(url));
  const connection = await new Promise<MessageConnection>((resolve) => listen({ webSocket, onConnection: resolve }));
  connection.listen();
  return {
    request: ({ method, params = {} }) => settled(connection.sendRequest(method, params)),
    notify: ({ method, params = {} }) => connection.sendNotification(method, params),
    listen: (method, listener) => void connection.onNotification(method, listener),
    close() {
      connection.dispose();
      webSocket.close();
    },
  };
}

/** A promise as a response: what the library rejects with is the error of the daemon. */
async function settled(answer: Promise<unknown>): Promise<Response> {
  try {
    return { result: await answer };
  } catch (error) {
    return { error: error as Exclude<Response['error'], undefined> };
  }
}
