import { FAILURES, TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual, Language } from '../../protocol/language.ts';
import { visibleLine } from '../../shared/visible-text.ts';
import { asTyped } from './own-command.ts';

/** The words of a failed command, and its exit code. */
export interface Failure {
  /** The message and, below it, what to do. */
  readonly text: string;
  readonly json: object;
  readonly exitCode: number;
}

/** Any error in the person's language; one that nobody foresaw is told in a sentence, without its stack. */
export function describeFailure(error: unknown, language: Language): Failure {
  const { kind, text, hint } = error instanceof TokenSyncError ? error : unexpected(error);
  const message = text[language];
  const advice = hint && asTyped(hint)[language];
  return {
    text: `❌ ${visibleLine(message)}\n${advice ? `   ${visibleLine(advice)}\n` : ''}`,
    json: { success: false, error: message, kind, ...(advice && { hint: advice }) },
    exitCode: FAILURES[kind].exit,
  };
}

/** An answer that cannot be written, as to a disk that is full; `done` is what was done all the same. */
export function unwritable({ code, message }: NodeJS.ErrnoException, done?: Bilingual): TokenSyncError {
  const detail = code ?? message;
  return new TokenSyncError('internal', {
    zh: `${done ? `${done.zh}，但` : ''}结果无法写出 (${detail})`,
    en: `${done ? `${done.en}, but ` : ''}the answer could not be written (${detail})`,
  });
}

function unexpected(error: unknown): TokenSyncError {
  const detail = error instanceof Error ? error.message : String(error);
  return new TokenSyncError(
    'internal',
    { zh: `意外错误：${detail}`, en: `unexpected error: ${detail}` },
    {
      hint: { zh: '请运行 token-sync doctor 检查', en: 'run `token-sync doctor` to look for the cause' },
      cause: error,
    },
  );
}
