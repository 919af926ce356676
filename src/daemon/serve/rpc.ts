import { createJSONRPCErrorResponse, type JSONRPCResponse, JSONRPCServer } from 'json-rpc-2.0';
import { DAEMON_FAILURES, type DaemonFailureKind, TokenSyncError, wireCodes } from '../../protocol/errors.ts';
import type { Bilingual, Language } from '../../protocol/language.ts';
import { METHODS, type MethodName } from '../../protocol/methods.ts';
import { type Caller, COMMITTING, type Commands } from './commands.ts';

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
      try {
        parsed = JSON.parse(String(frame));
      } catch {
        return encode(notJson(caller));
      }
      if (!Array.isArray(parsed)) {
        const response = await single(parsed, caller);
        return response && encode(response);
      }
      if (parsed.length === 0) return encode(refusal('invalid_request', EMPTY_BATCH, caller));
      if (parsed.length > MAX_BATCH) return encode(refusal('too_large', LONG_BATCH, caller));
      const answers = await inOrder(parsed, async (request, isFull) => {
        const response =
          isFull && asksToRead(request)
            ? refusal('too_large', FULL_BATCH, caller, request.id)
            : await single(request, caller);
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
        const result = (await commands(method, params, caller)) as object;
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
  if (!isRequest(request)) return refusal('invalid_request', NOT_A_REQUEST, caller);
  const isNotification = !('id' in request);
  const id = request.id ?? null;
  const answered = (response: JSONRPCResponse | null) => (isNotification ? undefined : (response ?? undefined));
  if (!Object.hasOwn(METHODS, request.method)) {
    return answered(refusal('no_such_method', UNKNOWN_METHOD, caller, id));
  }
  if (Array.isArray(request.params)) return answered(refusal('invalid_params', BY_NAME, caller, id));
  const { method, params } = request;
  // With an id in every request the library waits for the end of a notification too, which keeps a batch in order.
  return answered(await server.receive({ jsonrpc: '2.0', method, params, id }, caller));
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

/** Notifications and writes still run once a batch's answers are full: they add (almost) nothing to them. */
function asksToRead(request: unknown): request is Request {
  return isRequest(request) && 'id' in request && !COMMITTING.has(request.method);
}

function errorResponse(id: string | number | null, error: unknown, caller: RpcCaller, onBug: (error: unknown) => void) {
  if (!(error instanceof TokenSyncError)) {
    // A caller that has gone away is no bug, and nobody is there to read the answer.
    if (!caller.signal.aborted) onBug(error);
    return refusal('internal', INTERNAL, caller, id);
  }
  const { kind, text, field, hint, question } = error;
  return createJSONRPCErrorResponse(id, wireCodes(kind).rpc, text[caller.language], {
    kind,
    ...(field !== undefined && { field }),
    ...(hint && { hint: hint[caller.language] }),
    // A page may show another language than its browser asks for, and change it.
    text,
    ...(hint && { hint_text: hint }),
    ...(question && { question }),
  });
}

/** A frame that is no JSON is the one refusal whose code is not that of its kind. */
function notJson(caller: RpcCaller): JSONRPCResponse {
  return refusal('invalid_request', NOT_JSON, caller, null, DAEMON_FAILURES.not_json.rpc);
}

function refusal(
  kind: DaemonFailureKind,
  text: Bilingual,
  { language }: RpcCaller,
  id: string | number | null = null,
  code: number = DAEMON_FAILURES[kind].rpc,
): JSONRPCResponse {
  return createJSONRPCErrorResponse(id, code, text[language], { kind, text });
}

function encode(response: JSONRPCResponse): string {
  return JSON.stringify(response);
}
