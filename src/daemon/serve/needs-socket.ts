import { TokenSyncError } from '../../protocol/errors.ts';

/** The refusal of a subscription where nothing can be pushed. */
export function needsSocket(): TokenSyncError {
  return new TokenSyncError(
    'invalid_params',
    { zh: '订阅需要 WebSocket 连接', en: 'a subscription needs a WebSocket connection' },
    { hint: { zh: '请连接 ws://…/rpc', en: 'connect to ws://…/rpc' } },
  );
}
