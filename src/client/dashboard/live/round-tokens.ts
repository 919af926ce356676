import type { Language } from '../../../protocol/language.ts';

/** Tokens as a pace is told, whose last digits change by the minute: `118K`, `11.8万`. */
export function roundTokens(tokens: number, language: Language): string {
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    notation: 'compact',
    maximumSignificantDigits: 3,
  }).format(tokens);
}
