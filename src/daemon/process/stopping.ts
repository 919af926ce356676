import { TokenSyncError } from '../../protocol/errors.ts';

/** The answer to whatever comes while the daemon stops. */
export function stopping(): TokenSyncError {
  return new TokenSyncError(
    'stopping',
    { zh: '守护进程正在停止，没有记录', en: 'the daemon is stopping; nothing was recorded' },
    { hint: { zh: '请稍后重试', en: 'try again in a moment' } },
  );
}
