import { DAEMON_FAILURES, type DaemonFailureKind } from '../../src/protocol/errors.ts';
import type { MethodName, Result } from '../../src/protocol/methods.ts';
import type { TestDaemon } from './daemon.ts';
import { RpcFailure } from './rpc-failure.ts';

/** Calls a method the way a transport carries it; throws an `RpcFailure` when it is refused. */
export type Call = <M extends MethodName>(method: M, params?: object) => Promise<Result<M>>;

/** One way into the daemon. */
export interface Transport {
  readonly name: string;
  has(method: MethodName): boolean;
  open(daemon: TestDaemon): Promise<Call>;
}

const webSocket: Transport = {
  name: 'WebSocket',
  has: () => true,
  async open(daemon) {
    const socket = await daemon.connect();
    return (method, params) => socket.call(method, params);
  },
};

const http: Transport = {
  name: 'HTTP',
  has: (method) => method !== 'usage.subscribe' && method !== 'usage.unsubscribe',
  open: async (daemon) => (method, params) => daemon.rpc(method, params),
};

const PATHS: Partial<Record<MethodName, string>> = {
  'usage.get': '/api/usage',
  'usage.history': '/api/history',
  'usage.record': '/api/record_token_usage',
  'usage.import': '/api/import',
  'conversation.estimate': '/api/estimate',
  'clipboard.sync': '/api/clipboard',
};

const rest: Transport = {
  name: 'REST',
  has: (method) => Object.hasOwn(PATHS, method),
  async open(daemon) {
    const headers = { 'accept-language': 'en' };
    return async (method, params = {}) => {
      const path = PATHS[method]!;
      const isRead = method === 'usage.get' || method === 'usage.history';
      const query = isRead && Object.keys(params).length > 0 ? `?${new URLSearchParams(params as never)}` : '';
      // A param that is left out means something else here than in JSON-RPC.
      const body = method === 'usage.record' ? { sync_type: 'manual', event: '', ...params } : params;
      const answer = isRead ? await daemon.get(path + query, headers) : await daemon.post(path, body, headers);
      const { message: _, ...result } = answer.json();
      if (answer.status === 200) return result;
      const { error, kind, field, hint, success } = result;
      const isOfTheKind = success === false && DAEMON_FAILURES[kind as DaemonFailureKind]?.http === answer.status;
      if (!isOfTheKind) throw new Error(`${answer.status} ${answer.text} is no refusal of the contract`);
      throw new RpcFailure(DAEMON_FAILURES[kind as DaemonFailureKind].rpc, error, { kind, field, hint });
    };
  },
};

/** Every way in by the network. */
export const TRANSPORTS: readonly Transport[] = [webSocket, http, rest];
