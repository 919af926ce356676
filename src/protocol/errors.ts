import type { Bilingual } from './language.ts';

/** Failures that the daemon answers with: JSON-RPC code, HTTP status, and the exit code of a command that meets them. */
export const DAEMON_FAILURES = {
  invalid_params: { rpc: -32602, http: 400, exit: 2 },
  value_refused: { rpc: -32001, http: 400, exit: 3 },
  not_found: { rpc: -32002, http: 404, exit: 3 },
  clipboard_unavailable: { rpc: -32003, http: 503, exit: 4 },
  storage_failed: { rpc: -32004, http: 503, exit: 1 },
  too_large: { rpc: -32005, http: 413, exit: 3 },
  stopping: { rpc: -32006, http: 503, exit: 5 },
  busy: { rpc: -32007, http: 503, exit: 1 },
  unauthorized: { rpc: -32600, http: 401, exit: 5 },
  wrong_origin: { rpc: -32600, http: 403, exit: 5 },
  no_such_path: { rpc: -32600, http: 404, exit: 1 },
  wrong_method: { rpc: -32600, http: 405, exit: 1 },
  wrong_content_type: { rpc: -32600, http: 415, exit: 1 },
  wrong_host: { rpc: -32600, http: 421, exit: 5 },
  too_many_failures: { rpc: -32600, http: 429, exit: 5 },
  invalid_request: { rpc: -32600, http: 400, exit: 1 },
  no_such_method: { rpc: -32601, http: 404, exit: 5 },
  internal: { rpc: -32603, http: 500, exit: 1 },
  not_json: { rpc: -32700, http: 400, exit: 1 },
} as const satisfies Record<string, { rpc: number; http: number; exit: number }>;

/** Failures that never cross the wire: our own programs find them out for themselves. */
export const CLIENT_FAILURES = {
  wrong_usage: { exit: 2 },
  unreachable: { exit: 5 },
  incompatible: { exit: 5 },
  owned_by_other: { exit: 6 },
} as const satisfies Record<string, { exit: number }>;

/** Every failure that a caller can act on; anything else is a bug. */
export const FAILURES = { ...DAEMON_FAILURES, ...CLIENT_FAILURES };

export type DaemonFailureKind = keyof typeof DAEMON_FAILURES;

/** A word for what went wrong, on which programs can rely. */
export type FailureKind = DaemonFailureKind | keyof typeof CLIENT_FAILURES;

/** The codes by which the daemon sends a failure; one of those that never cross the wire is sent as `internal`. */
export function wireCodes(kind: FailureKind): { readonly rpc: number; readonly http: number } {
  return kind in DAEMON_FAILURES ? DAEMON_FAILURES[kind as DaemonFailureKind] : DAEMON_FAILURES.internal;
}

/** A failure's texts and cause beyond its kind; `hint` tells what to do about it. */
export interface FailureDetails {
  readonly field?: string;
  readonly hint?: Bilingual;
  /** Where a yes would make the difference: what to ask the person who offered the value. */
  readonly question?: Bilingual | undefined;
  /** The text in the caller's language, which becomes the error's message; English by default. */
  readonly message?: string;
  readonly cause?: unknown;
}

/** The one error that callers are told about; its `text` names what was wrong and holds neither a path nor a stack. */
export class TokenSyncError extends Error {
  override readonly name = 'TokenSyncError';
  readonly kind: FailureKind;
  readonly text: Bilingual;
  readonly field: string | undefined;
  readonly hint: Bilingual | undefined;
  readonly question: Bilingual | undefined;

  constructor(kind: FailureKind, text: Bilingual, details: FailureDetails = {}) {
    super(details.message ?? text.en, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.text = text;
    this.field = details.field;
    this.hint = details.hint;
    this.question = details.question;
  }
}
