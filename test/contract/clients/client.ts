import type { RpcResponse } from '../../support/rpc-failure.ts';

/** A request as others write it, without what their library adds. */
export interface Call {
  readonly method: string;
  readonly params?: object;
}

/** The abilities that every JSON-RPC client has, whoever made it. */
export interface ForeignClient {
  /** The response as the client shows it: `error` has at least a code. */
  request(call: Call): Promise<Pick<RpcResponse, 'result' | 'error'>>;
  /** Sends a notification. */
  notify(call: Call): Promise<void>;
  /** Sends a batch; absent where the client has none. */
  readonly batch?: (calls: readonly Call[]) => Promise<Pick<RpcResponse, 'result' | 'error'>[]>;
  /** Hears of the daemon's notifications from now on; absent where nothing can be pushed. */
  readonly listen?: (method: string, listener: (params: unknown) => void) => void;
  close(): Promise<void> | void;
}

/** A make of client, and what it lends itself to. */
export interface Make {
  readonly connect: (url: string) => Promise<ForeignClient> | ForeignClient;
  readonly hasBatches: boolean;
  readonly listens: boolean;
}

/** A client that takes a text and shows the text that comes back, an empty one where none does. */
export function ofTexts(exchange: (text: string) => Promise<string>): ForeignClient {
  const withId = (call: Call, index = 0) => ({ jsonrpc: '2.0', id: index + 1, ...call });
  return {
    request: async (call) => JSON.parse(await exchange(JSON.stringify(withId(call)))),
    async notify(call) {
      const text = await exchange(JSON.stringify({ jsonrpc: '2.0', ...call }));
      if (text.trim() !== '') throw new Error(`a notification was answered: ${text}`);
    },
    batch: async (calls) => JSON.parse(await exchange(JSON.stringify(calls.map(withId)))),
    close: () => undefined,
  };
}
