import { TokenSyncError } from '../../../protocol/errors.ts';
import { explainRefusal, parseTokenValue } from '../../../protocol/token-value.ts';

/** A token value as a person wrote it; throws `value_refused` before anybody is called. */
export function readValue(text: string): { readonly tokens: number; readonly unit: number } {
  const parsed = parseTokenValue(text);
  if (parsed.ok) return parsed;
  throw new TokenSyncError('value_refused', explainRefusal(text), { field: 'tokens', hint: parsed.hint });
}
