import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';

/** The refusal of a command line: what was wrong with it, and what to write instead. */
export function wrongUsage(text: Bilingual, hint: Bilingual): TokenSyncError {
  return new TokenSyncError('wrong_usage', text, { hint });
}
