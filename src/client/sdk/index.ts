import type { Language } from '../../protocol/language.ts';
import { given } from '../../shared/given.ts';
import { requireNode } from '../../shared/runtime.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import { restartingText } from './daemon/compatibility.ts';
import { readEnvironment } from './environment.ts';
import { Manager } from './manager.ts';
import { nodePlatform } from './node-platform.ts';

export * from './public.ts';

/** Where the daemon is and how to talk to it; without any, the daemon that the command line uses. */
export interface TokenSyncOptions {
  /** The data folder; `TOKEN_SYNC_DATA`, the checkout's or the user's own by default. */
  readonly dataDir?: string;
  /** The port that the daemon must have; any by default. */
  readonly port?: number;
  /** The address of a daemon such as `http://127.0.0.1:8877`, instead of a data folder; it is not started. */
  readonly url?: string;
  /** The token that the daemon at `url` asks for where `auth` is `token`. */
  readonly token?: string;
  /** Whether to start a daemon when none runs; true by default. */
  readonly autoStart?: boolean;
  /** The language of error texts; that of the locale by default. */
  readonly language?: Language;
}

/** The SDK in Node: finds the daemon of a data folder, and starts it when none runs. Throws `wrong_usage` on a Node that is too old. */
export class TokenSyncManager extends Manager {
  constructor({ url, token, port, autoStart = true, ...chosen }: TokenSyncOptions = {}) {
    requireNode(process.versions.node);
    const { dataDir, language } = readEnvironment(chosen);
    const address = url === undefined ? undefined : { url, ...given({ token }) };
    const target = address ? { address } : { dataDir, ...given({ port }) };
    super(
      nodePlatform(target, language, (version) => warnOfRestart(version, language)),
      { autoStart },
    );
  }
}

/** Warns as Node's libraries do: on standard error, and by the event `warning` of the process. */
function warnOfRestart(version: string, language: Language): void {
  process.emitWarning(visibleLine(restartingText(version)[language]), {
    type: 'TokenSyncWarning',
    code: 'OLDER_DAEMON',
  });
}
