import type { Connection } from './connection.ts';

/** What differs between Node and a browser: how a daemon is found and connected to. */
export interface Platform {
  /** An open connection to the daemon that is meant, wherever it is by now; throws `unreachable`, `incompatible` or its refusal. */
  connect(options: { readonly mayStart: boolean }): Promise<Connection>;
}
