import { HEALTH_PATH, RPC_PATH, SIGN_IN_PATH } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import type { Receipt } from '../../../protocol/methods.ts';
import { architectEvents, withEvents } from '../architect-events.ts';
import type { Proof } from '../auth/proof.ts';
import type { TokenCheck } from '../auth/token-check.ts';
import type { Caller, Commands } from '../commands.ts';
import type { RpcServer } from '../rpc.ts';
import { exportHistory } from './export.ts';
import { type HttpAnswer, type HttpCall, json } from './http-answer.ts';
import type { Route } from './routes.ts';

export interface RestServices {
  readonly commands: Commands;
  readonly rpc: RpcServer;
  /** Trades a code of `dashboard.code` for a cookie, where the daemon wants a token. */
  readonly tokenCheck: TokenCheck | undefined;
  readonly proof: Proof;
  readonly port: () => number;
  /** The state file's content as it stands. */
  readonly stateText: () => string;
  readonly metrics: () => string;
  readonly version: string;
}

/** Every HTTP address, kept compatible with existing callers (PROTOCOL.md, REST). */
export function restRoutes(services: RestServices): Route[] {
  const { commands, rpc, tokenCheck, proof, port, stateText, metrics, version } = services;
  const sessions = () => (JSON.parse(stateText()).token_usage?.sessions ?? []) as Record<string, unknown>[];
  return [
    get(HEALTH_PATH, ({ header }) => ({ ...json({ status: 'ok', version }), headers: proof.headers(header) })),
    get('/metrics', () => ({ status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body: metrics() })),
    get('/openrpc.json', async (request) => json(await commands('rpc.discover', {}, callerOf(request)))),
    get('/api/usage', async (request) => json(await commands('usage.get', {}, callerOf(request)))),
    get('/api/meters', async (request) => json(await commands('meters.get', {}, callerOf(request)))),
    get('/api/token_sessions', () => json({ sessions: sessions() })),
    get('/api/architect_events', () => json({ events: architectEvents(sessions()) })),
    get('/api/architect_monitor', () => ({
      ...json(null),
      body: withEvents(stateText(), architectEvents(sessions())),
    })),
    get('/api/history', (request) => exportHistory(commands, request, callerOf(request))),
    post('/api/record_token_usage', async (request) => {
      const body = await readJson(request);
      const params = { sync_type: 'auto', event: '对话', ...withoutNulls(body) };
      return recorded(await commands('usage.record', params, callerOf(request)), request);
    }),
    post('/api/clipboard', async (request) => {
      const body = await readJson(request, '{}');
      return recorded(await commands('clipboard.sync', withoutNulls(body), callerOf(request)), request);
    }),
    post('/api/import', async (request) => {
      const body = await readJson(request);
      const params = Array.isArray(body) ? { sessions: body } : body;
      return json(await commands('usage.import', params, callerOf(request)));
    }),
    post('/api/estimate', async (request) => {
      const estimated = await commands('conversation.estimate', await readJson(request), callerOf(request));
      return json({ success: true, ...estimated });
    }),
    ...(tokenCheck ? [post(SIGN_IN_PATH, (request) => signIn(request, tokenCheck, port()))] : []),
    post(RPC_PATH, async (request) => {
      const caller = { ...callerOf(request, 'rpc'), language: request.language };
      const answer = await rpc.answer(await rpcFrame(request), caller);
      return answer === undefined ? { ...json(null, 204), body: '' } : { ...json(null), body: answer };
    }),
  ];
}

async function signIn(request: HttpCall, tokenCheck: TokenCheck, port: number): Promise<HttpAnswer> {
  const { code } = withoutNulls(await readJson(request));
  const cookie = tokenCheck.redeem(typeof code === 'string' ? code : '', port);
  return { ...json(null, 204), body: '', headers: { 'set-cookie': cookie } };
}

/** The receipt with what existing callers look for before the rest. */
function recorded({ success, total_used, increment, ...rest }: Receipt, { language }: HttpCall): HttpAnswer {
  return json({ success, message: RECORDED[language], total_used, increment, ...rest });
}

const RECORDED: Readonly<Record<Language, string>> = { zh: 'Token使用已记录', en: 'Token usage recorded' };

function get(path: string, handle: Route['handle']): Route {
  return { method: 'GET', path, handle };
}

function post(path: string, handle: (call: HttpCall) => Promise<HttpAnswer>): Route {
  return { method: 'POST', path, handle };
}

function callerOf({ signal, language }: HttpCall, source: Caller['source'] = 'rest'): Caller {
  return { source, signal, language };
}

/** The body as JSON; `empty` stands for none at all. */
async function readJson(request: HttpCall, empty = ''): Promise<unknown> {
  const body = await request.body();
  try {
    return JSON.parse(String(body) || empty);
  } catch (cause) {
    throw notJson(cause);
  }
}

function notJson(cause: unknown): TokenSyncError {
  return new TokenSyncError(
    'not_json',
    { zh: '请求体不是有效的 JSON', en: 'the body is not valid JSON' },
    { hint: { zh: '例如 {"tokens": 350000}', en: 'for example {"tokens": 350000}' }, cause },
  );
}

/** Bytes that are no text are no JSON either, which JSON-RPC answers in its own form. */
async function rpcFrame(request: HttpCall): Promise<Buffer> {
  try {
    return await request.body();
  } catch (error) {
    if (error instanceof TokenSyncError && error.kind === 'not_json') return Buffer.alloc(0);
    throw error;
  }
}

/** Existing callers send `null` for what they do not have. */
function withoutNulls(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TokenSyncError('invalid_params', {
      zh: '请求体应为一个 JSON 对象',
      en: 'the body should be a JSON object',
    });
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
