import { type TokenSyncError, wireCodes } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import { spelled } from '../../../shared/command-line.ts';

/** One request that has passed the checks of origin and token. */
export interface HttpCall {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The caller's preference, Chinese by default as existing callers expect. */
  readonly language: Language;
  /** A header of the request by its name in lower case. */
  header(name: string): string | undefined;
  /** Aborted when the caller has gone away. */
  readonly signal: AbortSignal;
  /** The body; see `readBody`. */
  body(): Promise<Buffer>;
}

/** An answer: a text, bytes, or a text in parts as the reader takes them. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Uint8Array | AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer in JSON. */
export function json(value: unknown, status = 200): HttpAnswer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}

/** A failure as REST callers see it; `command` is how the command line is called. */
export function failure(error: TokenSyncError, language: Language, command: string): HttpAnswer {
  const { kind, text, hint, field, question } = error;
  return json(
    {
      success: false,
      error: text[language],
      kind,
      ...(field && { field }),
      ...(hint && { hint: spelled(hint[language], command) }),
      ...(question && { question: question[language] }),
    },
    wireCodes(kind).http,
  );
}
