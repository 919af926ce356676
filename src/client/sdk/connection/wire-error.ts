import { DAEMON_FAILURES, FAILURES, type FailureKind, TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';

/** The error object of a JSON-RPC answer. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A JSON-RPC error as the error that callers catch; its message is in the language that it was served in. */
export function failureOfAnswer({ code, message, data }: WireError): TokenSyncError {
  const { kind, field, hint, text, hint_text, question } = (data ?? {}) as Readonly<Record<string, unknown>>;
  const advice = bothOf(hint_text, hint) ?? (code === METHOD_NOT_FOUND ? OTHER_VERSION : undefined);
  return new TokenSyncError(kindOf(kind, code), bothOf(text, message)!, {
    message,
    ...(typeof field === 'string' && { field }),
    ...(advice && { hint: advice }),
    question: bothOf(question, undefined),
  });
}

const METHOD_NOT_FOUND = -32601;

const OTHER_VERSION: Bilingual = {
  zh: '守护进程的版本可能不同；请运行 token-sync restart',
  en: 'the daemon may be of another version; run `token-sync restart`',
};

/** A method that is missing means another version; a kind that this version has no word for is told by its code. */
function kindOf(kind: unknown, code: number): FailureKind {
  if (code === METHOD_NOT_FOUND) return 'incompatible';
  return typeof kind === 'string' && Object.hasOwn(FAILURES, kind) ? (kind as FailureKind) : kindOfCode(code);
}

function kindOfCode(code: number): FailureKind {
  // Several kinds share the codes of JSON-RPC itself, of which the first in the table is the plainest.
  const [kind] = Object.entries(DAEMON_FAILURES).find(([, { rpc }]) => rpc === code && code > -32600) ?? [];
  if (kind) return kind as FailureKind;
  return code === FAILURES.invalid_params.rpc ? 'invalid_params' : 'internal';
}

/** A text in both languages, or as it was served where the daemon tells one only; `undefined` where there is none. */
function bothOf(texts: unknown, served: unknown): Bilingual | undefined {
  const { zh, en } = (texts ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof zh === 'string' && typeof en === 'string') return { zh, en };
  return typeof served === 'string' ? { zh: served, en: served } : undefined;
}
