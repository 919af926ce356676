import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { HEALTH_PATH, SIGN_IN_PATH } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { type Language, preferredLanguage } from '../../../protocol/language.ts';
import { checkOrigin, type ListenAddress } from '../auth/origin-check.ts';
import type { TokenCheck } from '../auth/token-check.ts';
import { hasRoom } from '../limits/connection-limits.ts';
import type { InputRoom } from '../limits/input-room.ts';
import type { SharedBudget } from '../limits/shared-budget.ts';
import { failure, type HttpAnswer } from './http-answer.ts';
import { readBody } from './request-body.ts';
import { findRoute, methodsAt, type Route, splitTarget } from './routes.ts';
import { endWith, sendAnswer } from './send-answer.ts';
import { signInPage } from './sign-in-page.ts';

export interface HttpOptions {
  readonly routes: readonly Route[];
  /** Known once the server listens. */
  readonly address: () => ListenAddress;
  /** Asked about every request but those of `OPEN_PATHS`, where the daemon wants a token. */
  readonly tokenCheck: TokenCheck | undefined;
  /** How hints call the command line. */
  readonly command: string;
  /** Bound what all peers together have sent and not been answered, and what was written to them and not taken. */
  readonly input: InputRoom;
  readonly backlog: SharedBudget;
  readonly onBug: (error: unknown) => void;
}

/** Answered without a token: whether somebody is here, and our own page's sign-in. */
const OPEN_PATHS: ReadonlySet<string> = new Set([HEALTH_PATH, SIGN_IN_PATH]);

/** Slow senders of headers and bodies are cut off after these, at the next check, which wakes an idle daemon too. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
const CHECK_MS = 4_000;

/** A connection on which nothing moves, such as one whose answer nobody reads, is given up. */
const IDLE_MS = 120_000;

/** In seconds; a daemon is busy for moments. */
export const RETRY_AFTER = '1';

/** The HTTP side: every request is checked before anything else looks at it. */
export function createHttpServer(options: HttpOptions): Server {
  /** The response in progress on each connection: garbage behind a complete request must not replace it. */
  const answering = new WeakMap<Duplex, ServerResponse>();
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_MS,
      keepAliveTimeout: 65_000,
      // A request without a Host is refused by our own check, in its own words.
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
  // Node would answer both before our checks; other expectations are passed over, as RFC 9110 (10.1.1) allows.
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
    else if (response?.req.complete) response.on('close', () => endWith(socket, ''));
    else refuseShortly(socket, STATUS_OF_CODE[error.code ?? ''] ?? '400 Bad Request');
  });
  return server;
}

const STATUS_OF_CODE: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

function refuseShortly(socket: Duplex, status: string): void {
  endWith(socket, `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** Why a request may not come in, or nothing; the same for plain requests and for WebSocket upgrades. */
export function checkRequest(
  request: IncomingMessage,
  path: string,
  { address, tokenCheck }: HttpOptions,
): TokenSyncError | undefined {
  const refusal = checkOrigin({ method: request.method ?? '', rawHeaders: request.rawHeaders }, address());
  if (refusal || !tokenCheck || OPEN_PATHS.has(path)) return refusal;
  return tokenCheck.refusal(request.rawHeaders, address().port);
}

async function serve(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const language = preferredLanguage(request.headers['accept-language']) ?? 'zh';
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const { path, query } = splitTarget(request.url ?? '/');
  let answer: HttpAnswer;
  try {
    const refusal = checkRequest(request, path, options);
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
    await sendAnswer(request, response, answer, options.backlog);
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
  if (path === '/' && request.method === 'GET') return signInPage(command);
  return { ...answer, headers: { 'www-authenticate': 'Bearer' } };
}

function internal(): TokenSyncError {
  return new TokenSyncError('internal', { zh: '内部错误；详情见日志', en: 'internal error; the log has the details' });
}
