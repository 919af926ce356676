import { createJSONRPCErrorResponse, type JSONRPCResponse, JSONRPCServer } from 'json-rpc-2.0';
import { FAILURES, TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual, Language } from '../../protocol/language.ts';
import { METHODS, type MethodName } from '../../protocol/methods.ts';
import { type Caller, COMMITTING, COUNTING, type Commands, call } from './commands.ts';
import { isJson, type LongTexts, parseWithoutLongTexts } from './long-texts.ts';

/** Answers JSON-RPC 2.0, one frame in and one text out, over any transport. */
export interface RpcServer {
  /** The answer to a frame in UTF-8, or `undefined` where none is due; never rejects. */
  answer(frame: Buffer, caller: RpcCaller): Promise<string | undefined>;
}

export interface RpcCaller extends Caller {
  readonly language: Language;
}

/** More requests in one batch are refused, so that one frame cannot occupy the daemon. */
const MAX_BATCH = 1_000;

/** Past this many characters a batch is given no more to read, so that its answers cannot fill the memory. */
const MAX_ANSWER_LENGTH = 16 * 1024 * 1024;

/** Everybody else gets a turn when a batch has taken this long. */
const TURN_MS = 5;

/** Serves the command table; `onBug` hears of errors that no caller can act on. */
export function createRpcServer(commands: Commands, onBug: (error: unknown) => void): RpcServer {
  const server = createServer(commands, onBug);
  const single = (request: unknown, caller: RpcCaller) => answerOne(server, request, caller);
  return {
    async answer(frame, caller) {
      let parsed: unknown;
      let longTexts: LongTexts | undefined;
      try {
        ({ value: parsed, longTexts } = parseWithoutLongTexts(frame, estimateParams));
      } catch {
        return encode(notJson(caller));
      }
      if (!Array.isArray(parsed)) {
        const response = await single(parsed, longTexts ? { ...caller, longTexts } : caller);
        if (longTexts && response?.error && !isJson(frame)) return encode(notJson(caller));
        return response && encode(response);
      }
      if (parsed.length === 0) return encode(refusal(null, -32600, EMPTY_BATCH, caller.language));
      if (parsed.length > MAX_BATCH) {
        return encode(refusal(null, FAILURES.too_large.rpc, LONG_BATCH, caller.language, 'too_large'));
      }
      const answers = await inOrder(parsed, async (request, isFull) => {
        const response = isFull && asksToRead(request) ? fullRefusal(request, caller) : await single(request, caller);
        return response && encode(response);
      });
      return answers.length > 0 ? `[${answers.join(',')}]` : undefined;
    },
  };
}

const NOT_JSON = { zh: '不是有效的 JSON', en: 'not valid JSON' };
const NOT_A_REQUEST = { zh: '不是有效的 JSON-RPC 2.0 请求', en: 'not a JSON-RPC 2.0 request' };
const EMPTY_BATCH = { zh: '批量请求不能为空', en: 'a batch must not be empty' };
const LONG_BATCH = { zh: '批量请求最多 1,000 条', en: 'a batch holds at most 1,000 requests' };
const FULL_BATCH = {
  zh: '这一批的回答太大；请分批发送',
  en: 'the answers to this batch are too large; send it in parts',
};
const BY_NAME = { zh: '参数须按名称给出（一个对象）', en: 'params are given by name, as an object' };
const UNKNOWN_METHOD = { zh: '没有这个方法', en: 'there is no such method' };
const INTERNAL = { zh: '内部错误；详情见日志', en: 'internal error; the log has the details' };

interface Request {
  readonly jsonrpc: '2.0';
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly id?: string | number | null;
}

function createServer(commands: Commands, onBug: (error: unknown) => void): JSONRPCServer<RpcCaller> {
  const server = new JSONRPCServer<RpcCaller>({ errorListener: () => undefined });
  for (const method of Object.keys(METHODS) as MethodName[]) {
    server.addMethodAdvanced(method, async ({ id = null, params }, caller) => {
      try {
        const result = (await call(commands, method, params, caller)) as object;
        return { jsonrpc: '2.0', id, result };
      } catch (error) {
        return errorResponse(id, error, caller, onBug);
      }
    });
  }
  return server;
}

/** The library is handed whole and well-formed requests only: it trusts what it gets. */
async function answerOne(
  server: JSONRPCServer<RpcCaller>,
  request: unknown,
  caller: RpcCaller,
): Promise<JSONRPCResponse | undefined> {
  if (!isRequest(request)) return refusal(null, -32600, NOT_A_REQUEST, caller.language);
  const isNotification = !('id' in request);
  const id = request.id ?? null;
  const answered = (response: JSONRPCResponse | null) => (isNotification ? undefined : (response ?? undefined));
  if (!Object.hasOwn(METHODS, request.method)) {
    return answered(refusal(id, -32601, UNKNOWN_METHOD, caller.language, 'no_such_method'));
  }
  if (Array.isArray(request.params)) {
    return answered(refusal(id, -32602, BY_NAME, caller.language, 'invalid_params'));
  }
  const { method, params } = request;
  // With an id in every request the library waits for the end of a notification too, which keeps a batch in order.
  return answered(await server.receive({ jsonrpc: '2.0', method, params, id }, caller));
}

/** Those of a request that is answered; the others of a batch would be carried out before a long text of it is read. */
function estimateParams(value: unknown): unknown {
  return isRequest(value) && 'id' in value && COUNTING.has(value.method) ? value.params : undefined;
}

function isRequest(value: unknown): value is Request {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { jsonrpc, method, params, id } = value as Record<string, unknown>;
  const isId = !('id' in value) || id === null || typeof id === 'string' || isExact(id);
  const areParams = params === undefined || (typeof params === 'object' && params !== null);
  return jsonrpc === '2.0' && typeof method === 'string' && areParams && isId;
}

/** A number that JavaScript has rounded would come back as another one, and who asked would wait for ever. */
function isExact(id: unknown): boolean {
  return typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER;
}

/**
 * One after the other, but for neighbours that only wait for the disk: those share a commit, still in order.
 * `answerTo` is told when the answers so far are as much as one frame may bring.
 */
async function inOrder(
  requests: readonly unknown[],
  answerTo: (request: unknown, isFull: boolean) => Promise<string | undefined>,
): Promise<string[]> {
  const answers: (string | undefined)[] = [];
  let pending: Promise<string | undefined>[] = [];
  let length = 0;
  let turnEndsMs = performance.now() + TURN_MS;
  const settle = async () => {
    for (const answer of await Promise.all(pending)) {
      answers.push(answer);
      length += answer?.length ?? 0;
    }
    pending = [];
  };
  for (const request of requests) {
    const commits = isRequest(request) && COMMITTING.has(request.method);
    if (!commits) await settle();
    pending.push(answerTo(request, length > MAX_ANSWER_LENGTH));
    if (!commits) await settle();
    if (performance.now() < turnEndsMs) continue;
    await new Promise(setImmediate);
    turnEndsMs = performance.now() + TURN_MS;
  }
  await settle();
  return answers.filter((answer) => answer !== undefined);
}

/** What is neither answered nor committing is carried out in a full batch all the same: its answer is short or none. */
function asksToRead(request: unknown): request is Request {
  return isRequest(request) && 'id' in request && !COMMITTING.has(request.method);
}

function fullRefusal({ id = null }: Request, { language }: RpcCaller): JSONRPCResponse {
  return refusal(id, FAILURES.too_large.rpc, FULL_BATCH, language, 'too_large');
}

function errorResponse(id: string | number | null, error: unknown, caller: RpcCaller, onBug: (error: unknown) => void) {
  if (!(error instanceof TokenSyncError)) {
    // A caller that has gone away is no bug, and nobody is there to read the answer.
    if (!caller.signal.aborted) onBug(error);
    return refusal(id, -32603, INTERNAL, caller.language, 'internal');
  }
  const { kind, text, field, hint, question } = error;
  return createJSONRPCErrorResponse(id, FAILURES[kind].rpc, text[caller.language], {
    kind,
    ...(field !== undefined && { field }),
    ...(hint && { hint: hint[caller.language] }),
    // A page may show another language than its browser asks for, and change it.
    text,
    ...(hint && { hint_text: hint }),
    ...(question && { question }),
  });
}

function notJson({ language }: RpcCaller): JSONRPCResponse {
  return refusal(null, -32700, NOT_JSON, language);
}

function refusal(
  id: string | number | null,
  code: number,
  text: Bilingual,
  language: Language,
  kind = 'invalid_request',
): JSONRPCResponse {
  return createJSONRPCErrorResponse(id, code, text[language], { kind, text });
}

function encode(response: JSONRPCResponse): string {
  return JSON.stringify(response);
}
