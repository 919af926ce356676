import { TokenSyncError } from '../../protocol/errors.ts';
import { parseTokenValue } from '../../protocol/token-value.ts';

/** A token value as a person wrote it; throws `value_refused` before anybody is called. */
export function readValue(text: string): { readonly tokens: number; readonly unit: number } {
  const parsed = parseTokenValue(text);
  if (parsed.ok) return parsed;
  throw new TokenSyncError('value_refused', parsed.text, { field: 'tokens', hint: parsed.hint });
}

/** The value without the text that it stood in; a rounded one such as `350K` is written in 亿, so that it stays rounded. */
export function plainValue({ tokens, unit }: { readonly tokens: number; readonly unit: number }): number | string {
  if (unit === 1) return tokens;
  const digits = String(tokens).padStart(9, '0');
  const shown = digits.slice(-8).slice(0, Math.max(0, 9 - String(unit).length));
  return `${digits.slice(0, -8)}${shown && `.${shown}`}亿`;
}
