/** Where a daemon listens, and what it takes to be let in. */
export interface DaemonAddress {
  readonly url: string;
  readonly token?: string;
  /** What the daemon of a folder proves itself by, before anything is told it. */
  readonly proof?: { readonly challenge: string; readonly proof: string };
  readonly pid?: number;
  readonly version?: string;
}
