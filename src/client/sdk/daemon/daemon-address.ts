/** The address of a daemon, and the secrets that open it. */
export interface DaemonAddress {
  readonly url: string;
  readonly token?: string;
  /** The challenge for the daemon of a folder and its expected answer; nothing else is sent before it. */
  readonly proof?: { readonly challenge: string; readonly proof: string };
  readonly pid?: number;
  readonly version?: string;
}
