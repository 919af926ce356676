import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Meters } from '../../../protocol/methods.ts';
import type { Call } from '../command.ts';

/** The live meters; `undefined` from a daemon that has none because it is older than they are. */
export async function toldMeters(call: Call): Promise<Meters | undefined> {
  try {
    return await call('meters.get', {});
  } catch (error) {
    if (error instanceof TokenSyncError && error.kind === 'no_such_method') return undefined;
    throw error;
  }
}
