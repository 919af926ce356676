import type { Usage } from '../../protocol/methods.ts';
import { formatTokens } from '../../protocol/token-value.ts';

/** `350,000 / 1,000,000 (35.0%)`. */
export function figureText({ used, total }: Pick<Usage, 'used' | 'total'>): string {
  return `${formatTokens(used)} / ${formatTokens(total)} (${percentText(used, total)})`;
}

/** The share to one decimal, from the figures themselves: rounded twice, 34.949 % would show as 35.0 %. Halves go up. */
export function percentText(used: number, total: number): string {
  const percent = total > 0 ? Math.round((used * 1_000) / total) / 10 : 0;
  return `${percent.toFixed(1)}%`;
}

/** `15,000 tokens`, `1 token`. */
export function tokensText(tokens: number): string {
  return `${formatTokens(tokens)} ${unitOf(tokens)}`;
}

/** `+15,000 tokens`, `-1 token`. */
export function signedTokensText(tokens: number): string {
  return `${signedTokens(tokens)} ${unitOf(tokens)}`;
}

function unitOf(tokens: number): string {
  return Math.abs(tokens) === 1 ? 'token' : 'tokens';
}

/** `+15,000`, `-5,000`, `0`. */
export function signedTokens(tokens: number): string {
  return tokens > 0 ? `+${formatTokens(tokens)}` : formatTokens(tokens);
}
