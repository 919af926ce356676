import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { forget } from '../forget.ts';
import type { SharedBudget } from '../limits/shared-budget.ts';
import type { HttpAnswer } from './http-answer.ts';

/** A refused caller is read on within these bounds: a connection closed with unread bytes is reset, and our answer lost with it. */
const LINGER_MS = 2_000;
export const LINGER_BYTES = 64 * 1024 * 1024;

/** Sends an answer as fast as it is taken; bytes that are not taken count in `backlog`. */
export async function sendAnswer(
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
    // RFC 9110, 8.6: no length on 204, and on 304 it would be that of the unmodified body.
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

/** Says a last thing on a connection and ends it, whether the peer reads that or not. */
export function endWith(socket: Duplex, last: string | Buffer): void {
  socket.end(last);
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
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
