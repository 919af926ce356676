import { FAILURES, type FailureKind, TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';

/** The error object of a JSON-RPC answer. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A JSON-RPC error as the error that callers catch; it speaks the language that it was served in. */
export function failureOfAnswer({ code, message, data }: WireError): TokenSyncError {
  const { kind, field, hint } = (data ?? {}) as Readonly<Record<string, unknown>>;
  return new TokenSyncError(knownKind(kind) ?? kindOfCode(code), asServed(message), {
    ...(typeof field === 'string' && { field }),
    ...(typeof hint === 'string' ? { hint: asServed(hint) } : code === METHOD_NOT_FOUND && { hint: OTHER_VERSION }),
  });
}

const METHOD_NOT_FOUND = -32601;

const OTHER_VERSION: Bilingual = {
  zh: '守护进程的版本可能不同；请运行 token-sync restart',
  en: 'the daemon may be of another version; run `token-sync restart`',
};

function knownKind(kind: unknown): FailureKind | undefined {
  return typeof kind === 'string' && Object.hasOwn(FAILURES, kind) ? (kind as FailureKind) : undefined;
}

/** For answers whose kind this version has no word for. */
function kindOfCode(code: number): FailureKind {
  if (code === METHOD_NOT_FOUND) return 'incompatible';
  // Several kinds share the codes of JSON-RPC itself, of which the first in the table is the plainest.
  const [kind] = Object.entries(FAILURES).find(([, { rpc }]) => rpc === code && code > -32600) ?? [];
  if (kind) return kind as FailureKind;
  return code === FAILURES.invalid_params.rpc ? 'invalid_params' : 'internal';
}

function asServed(text: string): Bilingual {
  return { zh: text, en: text };
}
