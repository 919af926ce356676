import { FAILURES, TokenSyncError } from '../../protocol/errors.ts';
import { type Connection, openConnection, socketUrl } from './connection/connection.ts';
import { requireDaemon } from './daemon/compatibility.ts';
import { isGone } from './daemon/unreachable.ts';
import type { Platform } from './platform.ts';

/** Connects to the daemon at an `http:` address, which it cannot start. */
export function browserPlatform(url: string): Platform {
  return { connect: async () => await requireDaemon(await connectTo(url)) };
}

async function connectTo(url: string): Promise<Connection> {
  try {
    return await openConnection(new WebSocket(socketUrl(url)));
  } catch (error) {
    // A browser does not tell why a socket was refused.
    if (isGone(error) && (await isLockedOut(url))) throw unauthorized(error);
    throw error;
  }
}

/** A daemon that is there answers this question within 2 s; a slower one is asked again at the next attempt. */
const ANSWER_MS = 2_000;

async function isLockedOut(url: string): Promise<boolean> {
  try {
    const { status, body } = await fetch(new URL('/api/usage', url), { signal: AbortSignal.timeout(ANSWER_MS) });
    await body?.cancel();
    return status === FAILURES.unauthorized.http;
  } catch {
    // No server answers.
    return false;
  }
}

function unauthorized(cause: unknown): TokenSyncError {
  return new TokenSyncError(
    'unauthorized',
    { zh: '缺少或错误的访问令牌', en: 'the access token is missing or wrong' },
    { hint: { zh: '请运行 token-sync open', en: 'run `token-sync open`' }, cause },
  );
}
