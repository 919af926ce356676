import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HEALTH_PATH, SESSION_PATH } from '../../../protocol/addresses.ts';
import { TokenSyncError, wireCodes } from '../../../protocol/errors.ts';
import { type Language, preferredLanguage } from '../../../protocol/language.ts';
import { spelled } from '../../../shared/command-line.ts';
import { type Door, refusalOf } from '../auth/origin-check.ts';
import type { Admission } from '../auth/token-check.ts';
import { forget } from '../forget.ts';
import { hasRoom } from '../limits/connection-limits.ts';
import type { InputRoom } from '../limits/input-room.ts';
import type { SharedBudget } from '../limits/shared-budget.ts';
import { doorPage } from './login-page.ts';
import { readBody } from './request-body.ts';

/** One request that has passed the gate. */
export interface HttpCall {
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the caller prefers, Chinese by default as existing callers expect. */
  readonly language: Language;
  /** A header of the request by its name in lower case. */
  header(name: string): string | undefined;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
  /** The body; see `readBody`. */
  body(): Promise<Buffer>;
}

/** What is answered: a text, bytes, or a text in parts as the reader takes them. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array | AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  handle(call: HttpCall): Promise<HttpAnswer> | HttpAnswer;
}

export interface HttpOptions {
  readonly routes: readonly Route[];
  /** Known once the server listens. */
  readonly door: () => Door;
  /** Whom every request but those of `OPEN_PATHS` must satisfy, if anybody. */
  readonly admission: Admission | undefined;
  /** How the command line is called that hints name. */
  readonly command: string;
  /** What all peers together have sent and not been answered, and what was written to them and not taken. */
  readonly input: InputRoom;
  readonly backlog: SharedBudget;
  readonly onBug: (error: unknown) => void;
}

/** What is answered without a token: whether somebody is here, and our own page that asks to be let in. */
const OPEN_PATHS: ReadonlySet<string> = new Set([HEALTH_PATH, SESSION_PATH]);

/** Slow senders of headers and bodies are cut off after these, at the next check, which wakes an idle daemon too. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const CHECK_MS = 4_000;

/** A connection on which nothing moves, such as one whose answer nobody reads, is given up. */
const IDLE_MS = 120_000;

/** What keeps us busy is over in moments; in seconds. */
export const RETRY_AFTER = '1';

/** What is left of a body that was refused is read, up to these, by callers' leave to hear why before they have sent it all. */
const LINGER_MS = 2_000;
export const LINGER_BYTES = 64 * 1024 * 1024;

/** The HTTP side: every request passes the gate before anything else looks at it. */
export function createHttpServer(options: HttpOptions): Server {
  /** What is being answered, by its connection: what comes behind a whole request, and is none, takes no answer from it. */
  const answering = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: 65_000,
      // A request without a Host is for the gate to refuse, in its own words.
      requireHostHeader: false,
      // Some libraries offer HTTP/2 with every request; passed over, it is answered like any other.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      answering.set(request.socket, response);
      response.on('close', () => answering.delete(request.socket));
      void serve(request, response, options);
    },
  );
  server.setTimeout(IDLE_MS);
  // Node would answer both before the gate has looked; other expectations are passed over, as RFC 9110 (10.1.1) allows.
  for (const event of ['checkContinue', 'checkExpectation']) {
    server.on(event, (request, response) => server.emit('request', request, response));
  }
  let connections = 0;
  server.on('connection', (socket) => {
    const isWelcome = hasRoom('connections', connections);
    if (!hasRoom('sockets', connections)) socket.destroy();
    connections++;
    socket.on('close', () => connections--);
    if (!isWelcome) refuseShortly(socket, '503 Service Unavailable');
  });
  // A request that is no HTTP gets the shortest answer that is.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const response = answering.get(socket);
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else if (response?.req.complete) response.on('close', () => leaveWith(socket, ''));
    else refuseShortly(socket, STATUS_OF_CODE[error.code ?? ''] ?? '400 Bad Request');
  });
  return server;
}

const STATUS_OF_CODE: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

function refuseShortly(socket: Duplex, status: string): void {
  leaveWith(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Says a last thing and leaves, whether the peer reads it or not. */
export function leaveWith(socket: Duplex, last: string | Buffer): void {
  socket.end(last);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}

/** Why a request may not come in, or nothing; the same for plain requests and for WebSocket upgrades. */
export function knock(
  request: IncomingMessage,
  path: string,
  { door, admission }: HttpOptions,
): TokenSyncError | undefined {
  const refusal = refusalOf({ method: request.method ?? '', rawHeaders: request.rawHeaders }, door());
  if (refusal || !admission || OPEN_PATHS.has(path)) return refusal;
  return admission.refusal(request.rawHeaders, door().port);
}

/** An answer in JSON. */
export function json(value: unknown, status = 200): HttpAnswer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** A failure as REST callers see it; `command` is how the command line is called. */
export function failure(error: TokenSyncError, language: Language, command: string): HttpAnswer {
  const { kind, text, hint, field, question } = error;
  return json(
    {
      success: false,
      error: text[language],
      kind,
      ...(field && { field }),
      ...(hint && { hint: spelled(hint[language], command) }),
      ...(question && { question: question[language] }),
    },
    wireCodes(kind).http,
  );
}

/** The path of a request target, and its query; no target makes this throw. */
export function splitTarget(target: string): { path: string; query: URLSearchParams } {
  const question = target.indexOf('?');
  if (question === -1) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, question), query: new URLSearchParams(target.slice(question + 1)) };
}

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const language = preferredLanguage(request.headers['accept-language']) ?? 'zh';
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { path, query } = splitTarget(request.url ?? '/');
  let answer: HttpAnswer;
  try {
    const refusal = knock(request, path, options);
    if (refusal) throw refusal;
    const route = findRoute(options.routes, request.method ?? '', path);
    answer = await route.handle({
      path,
      query,
      language,
      header: (name) => request.headers[name]?.toString(),
      signal: gone.signal,
      body() {
        if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
        return readBody(request, options.input, gone.signal);
      },
    });
  } catch (error) {
    if (!(error instanceof TokenSyncError) && !gone.signal.aborted) options.onBug(error);
    answer = refusalAnswer(error instanceof TokenSyncError ? error : internal(), language, request, options);
  }
  try {
    await send(request, response, answer, options.backlog);
  } catch (error) {
    if (!gone.signal.aborted) options.onBug(error);
    response.destroy();
  }
}

function refusalAnswer(
  error: TokenSyncError,
  language: Language,
  request: IncomingMessage,
  { routes, command }: HttpOptions,
): HttpAnswer {
  const { path } = splitTarget(request.url ?? '/');
  const answer = failure(error, language, command);
  if (error.kind === 'wrong_method') return { ...answer, headers: { allow: methodsAt(routes, path).join(', ') } };
  if (error.kind === 'busy') return { ...answer, headers: { 'retry-after': RETRY_AFTER } };
  if (error.kind !== 'unauthorized') return answer;
  if (path === '/' && request.method === 'GET') return doorPage(command);
  return { ...answer, headers: { 'www-authenticate': 'Bearer' } };
}

function methodsAt(routes: readonly Route[], path: string): string[] {
  const methods = routes.filter((route) => route.path === path).map(({ method }) => method);
  return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function findRoute(routes: readonly Route[], method: string, path: string): Route {
  const here = routes.filter((route) => route.path === path);
  const route = here.find((candidate) => candidate.method === (method === 'HEAD' ? 'GET' : method));
  if (route) return route;
  if (here.length === 0) {
    throw new TokenSyncError('no_such_path', { zh: '没有这个地址', en: 'there is nothing at this address' });
  }
  const allowed = methodsAt(routes, path).join(', ');
  throw new TokenSyncError('wrong_method', {
    zh: `此地址只接受 ${allowed}`,
    en: `this address takes ${allowed} only`,
  });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: HttpAnswer,
  backlog: SharedBudget,
): Promise<void> {
  // A small body that came with its head is parsed in this turn: then the connection can be kept.
  await Promise.resolve();
  const whole = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const isUnread = !request.complete;
  response.writeHead(answer.status, {
    ...(answer.status !== 204 && { 'content-type': answer.type }),
    // What is not modified is not empty for that, and RFC 9110 (8.6) forbids the length of no content.
    ...(whole instanceof Uint8Array && ![204, 304].includes(answer.status) && { 'content-length': whole.length }),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(isUnread && { connection: 'close' }),
    ...answer.headers,
  });
  const share = backlog.share(() => response.destroy());
  response.on('close', () => share.hold(0));
  if (request.method !== 'HEAD') {
    for await (const part of whole instanceof Uint8Array ? [whole] : whole) {
      if (response.destroyed) return;
      if (response.write(part)) continue;
      share.hold(response.writableLength);
      await new Promise((resolve) => onceEither(response, resolve));
      share.hold(0);
    }
  }
  if (isUnread) await linger(request);
  response.end();
}

/** Gives a caller that is still sending the time to hear its answer. */
function linger(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LINGER_MS);
    forget(request, LINGER_BYTES, resolve);
    request.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function onceEither(response: ServerResponse, resolve: (value?: unknown) => void): void {
  const settle = () => {
    response.off('drain', settle);
    response.off('close', settle);
    resolve();
  };
  response.on('drain', settle);
  response.on('close', settle);
}

function internal(): TokenSyncError {
  return new TokenSyncError('internal', { zh: '内部错误；详情见日志', en: 'internal error; the log has the details' });
}
