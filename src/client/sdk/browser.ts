import { browserPlatform } from './browser-platform.ts';
import { Manager } from './manager.ts';

export * from './public.ts';

export interface TokenSyncOptions {
  /** The address of the daemon; that of the page by default, as the daemon takes no calls from other pages. */
  readonly url?: string;
}

/** The SDK in a browser: the same calls to a daemon that runs already. */
export class TokenSyncManager extends Manager {
  constructor({ url = location.origin }: TokenSyncOptions = {}) {
    super(browserPlatform(url), { autoStart: false });
  }
}
