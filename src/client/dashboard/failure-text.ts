import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';

/** What a call that failed tells a person; anything but a failure of the daemon's is thrown on. */
export function failureText(error: unknown): Bilingual {
  if (!(error instanceof TokenSyncError)) throw error;
  const { text, hint } = error;
  if (!hint) return text;
  return { zh: `${text.zh}。${hint.zh}`, en: `${text.en}. ${hint.en}` };
}
