import type { MethodName, Params, Result } from '../../../protocol/methods.ts';
import { TokenSyncManager } from '../../sdk/browser.ts';

/** One call to the daemon through the SDK's connection; throws its `TokenSyncError`, `unreachable` while the daemon is away. */
export async function call<M extends MethodName>(method: M, params: Params<M>): Promise<Result<M>> {
  return await daemon().call(method, params);
}

/** The SDK, connected at the first call. */
export function daemon(): TokenSyncManager {
  manager ??= new TokenSyncManager();
  return manager;
}

let manager: TokenSyncManager | undefined;
