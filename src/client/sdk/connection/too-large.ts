import { TokenSyncError } from '../../../protocol/errors.ts';

/** The refusal of a request that the daemon would refuse unread, in the middle of it. */
export function tooLargeToSend(): TokenSyncError {
  return new TokenSyncError(
    'too_large',
    { zh: '请求超过 4 MiB', en: 'the request is over 4 MiB' },
    { hint: { zh: '请分成几次发送', en: 'send it in several parts' } },
  );
}
