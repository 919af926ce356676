import type { Connection } from './connection/connection.ts';

/** The difference between Node and a browser: how a daemon is found and connected to. */
export interface Platform {
  /** An open connection to the daemon that is meant, wherever it is by now; throws `unreachable`, `incompatible` or its refusal. */
  connect(options: ConnectOptions): Promise<Connection>;
}

export interface ConnectOptions {
  /** Whether to start a daemon when none runs. */
  readonly mayStart: boolean;
  /** Tells that the connection is not wanted any more, so that one which is under way need not hold the process. */
  readonly signal?: AbortSignal;
}
