import { TokenSyncError } from '../../../protocol/errors.ts';

/** Nobody answers at the address, or the connection broke before the answer came. */
export function unreachable(cause?: unknown): TokenSyncError {
  return new TokenSyncError(
    'unreachable',
    { zh: '无法连接守护进程', en: 'the daemon cannot be reached' },
    { hint: START_HINT, cause },
  );
}

/** No answer came in time, though somebody is there. */
export function timedOut(timeoutMs: number): TokenSyncError {
  const seconds = timeoutMs / 1_000;
  return new TokenSyncError(
    'unreachable',
    { zh: `守护进程在 ${seconds} 秒内没有答复`, en: `the daemon did not answer within ${seconds} s` },
    { hint: DOCTOR_HINT, cause: new DOMException('no answer in time', 'TimeoutError') },
  );
}

/** Something answers at the address, but not in the daemon's words. */
export function notADaemon(cause?: unknown): TokenSyncError {
  return new TokenSyncError(
    'unreachable',
    { zh: '应答的不是 token-sync 守护进程', en: 'what answers there is not a token-sync daemon' },
    { hint: DOCTOR_HINT, cause },
  );
}

/** Somebody answers at the address of `daemon.json`, but is not the daemon that wrote it: that one was killed. */
export function anotherAnswers(): TokenSyncError {
  return new TokenSyncError(
    'unreachable',
    {
      zh: '应答的不是此数据文件夹的守护进程',
      en: 'what answers there is not the daemon of this data folder',
    },
    { hint: START_HINT },
  );
}

/** True where no answer came, or the daemon was stopping: one that refuses, or is of another version, is reachable. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof TokenSyncError && (error.kind === 'unreachable' || error.kind === 'stopping');
}

/** True where the daemon was gone or stopping, so that the same call is worth another try at once; false for a silent one. */
export function isGone(error: unknown): boolean {
  return isUnreachable(error) && !isSilent(error);
}

/** True where a daemon took the call and did not answer in time, so that what was asked for may still be done. */
export function isSilent(error: unknown): error is TokenSyncError {
  if (!(error instanceof TokenSyncError)) return false;
  return error.cause instanceof DOMException && error.cause.name === 'TimeoutError';
}

const START_HINT = { zh: '请运行 token-sync start', en: 'run `token-sync start`' };
export const DOCTOR_HINT = { zh: '请运行 token-sync doctor 查看原因', en: 'run `token-sync doctor` to see why' };
