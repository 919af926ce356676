import type { FailureKind } from './errors.ts';
import type { Bilingual } from './language.ts';

/** The port when none is set; the next ones up to `LAST_DEFAULT_PORT` are tried when something else has it. */
export const DEFAULT_PORT = 8877;
export const LAST_DEFAULT_PORT = 8887;
export const DEFAULT_HOST = '127.0.0.1';

/** Where JSON-RPC is served, by WebSocket upgrade and by POST. */
export const RPC_PATH = '/rpc';

/** Where anybody may ask whether a daemon is here, and where a daemon proves which one it is. */
export const HEALTH_PATH = '/healthz';

/**
 * A client sends the `challenge` of `daemon.json`, and the daemon that wrote the file answers with its `proof`. Both are
 * made anew by each start, and neither is ever sent to anybody else while that daemon holds its port.
 */
export const CHALLENGE_HEADER = 'token-sync-challenge';
export const PROOF_HEADER = 'token-sync-proof';

/** Where our own page signs in: it trades a one-time code for its cookie, with `auth: token`. */
export const SIGN_IN_PATH = '/api/session';

/** Frames and bodies above this many bytes are refused, and a client that does not read is dropped at this backlog. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The files of a data folder that clients and daemon both know. */
export const STATE_FILE = 'architect_monitor.json';

/** The history as a database, derived from the ledger and made anew where it is missing. */
export const HISTORY_FILE = 'history.db';
/** What live meters have counted, which cannot be made anew. */
export const METERS_FILE = 'meters.db';
export const DROP_FOLDER = 'drop';
export const DAEMON_FILE = 'daemon.json';
export const TOKEN_FILE = 'token';
export const CONFIG_FILE = 'config.json';
export const LOG_FOLDER = 'logs';
export const ALERT_FILE = 'alerts.json';
export const RENEWAL_FILE = 'renewal.json';

/** The content of `daemon.json` while a daemon runs. */
export interface DaemonFile {
  readonly pid: number;
  readonly url: string;
  readonly protocol: number;
  /** The oldest protocol that is served; a daemon that does not say serves its own only. */
  readonly protocol_min?: number;
  readonly version: string;
  /** An absolute path: in a copy of the folder the file tells of a daemon that serves another one. Absent before 0.2.0, as the rest. */
  readonly data_dir?: string;
  /** In UTC, as `daemon.info` says it. */
  readonly started_at?: string;
  readonly challenge?: string;
  readonly proof?: string;
}

/** The flag of a daemon that a client starts for a call of its own, by its standard input and output. */
export const FOR_CALLER = '--for-caller';

/**
 * The line of JSON that a daemon writes to standard output where it cannot write `daemon.json`, so that nobody else would
 * find it: it serves its caller and ends with the caller's end of its standard input.
 */
export interface PassingDaemon extends DaemonFile {
  readonly reason: Bilingual;
  readonly hint?: Bilingual | undefined;
}

/**
 * The flag by which our own command line has the daemon's program, as `FOR_CALLER`, write settings into `config.json`: those of
 * a JSON object on its standard input. It writes `{}` to its standard output, or a `FailedStart`, and ends.
 */
export const SET_SETTINGS = '--set-settings';

/** The line that a daemon with a caller writes there when it ends before it has begun. */
export interface FailedStart {
  readonly kind?: FailureKind;
  readonly failed: Bilingual;
  readonly hint?: Bilingual | undefined;
}

/** True for an address that only programs of the same machine reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * The addresses that a port must be free on, for it to be held for a host: the one to listen on, then the one that must be
 * held too where the system has it. A `localhost` means either of two, and the other must not lead to a stranger.
 */
export function addressesOf(host: string): readonly [string, ...string[]] {
  if (host === 'localhost' || host === DEFAULT_HOST) return [DEFAULT_HOST, '::1'];
  if (host === '::1') return ['::1', DEFAULT_HOST];
  return host === '0.0.0.0' ? ['0.0.0.0', '::1'] : [host];
}

/** Whether the system has refused to listen because it has no such address, as without IPv6, and not because it is taken. */
export function isNoAddress({ code }: { readonly code?: string | undefined }): boolean {
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

/** Where the data folder is sought, without a look at the disk. */
export interface DataFolderSources {
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The root of the checkout that the program runs from, if it does. */
  readonly checkout: string | undefined;
  readonly platform: string;
  readonly home: string;
}

/** The data folder: `--data`, else `TOKEN_SYNC_DATA`, else `data/` of the checkout, else the platform's user data folder. */
export function dataFolder({ flag, env, checkout, platform, home }: DataFolderSources): string {
  const chosen = flag || env.TOKEN_SYNC_DATA;
  if (chosen) return expandHome(chosen, home);
  if (checkout) return `${checkout}/data`;
  if (platform === 'win32') return `${env.LOCALAPPDATA || `${home}\\AppData\\Local`}\\token-sync`;
  if (platform === 'darwin') return `${home}/Library/Application Support/token-sync`;
  return `${expandHome(env.XDG_DATA_HOME || '~/.local/share', home)}/token-sync`;
}

/** A path whose `~` no shell has expanded, because it stood in quotes, after `--data=` or in a file. */
export function expandHome(path: string, home: string): string {
  return path.replace(/^~(?=$|[\\/])/, () => home);
}

/** The checkout that a file belongs to: the nearest folder above it with the set-up script; `undefined` for an installed package. */
export function checkoutOf(file: string, exists: (path: string) => boolean): string | undefined {
  for (let folder = parentOf(file); folder !== ''; folder = parentOf(folder)) {
    if (exists(`${folder}/scripts/setup.mjs`) && exists(`${folder}/package.json`)) return folder;
  }
  return undefined;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.search(/[\\/][^\\/]*$/)));
}
