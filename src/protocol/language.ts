/** The languages the product speaks. */
export type Language = 'zh' | 'en';

/** One text in both languages, to be shown in the reader’s. */
export interface Bilingual {
  readonly zh: string;
  readonly en: string;
}

/** The language of a POSIX or BCP 47 locale name such as `zh_CN.UTF-8` or `en-GB`: Chinese when it is Chinese, English otherwise. */
export function languageOfLocale(locale: string): Language {
  return /^zh(?![a-z])/i.test(locale) ? 'zh' : 'en';
}

/** The language that an `Accept-Language` header prefers, or `undefined` when it names neither (RFC 9110 §12.5.4). */
export function preferredLanguage(header: string | undefined): Language | undefined {
  let best: { language: Language; quality: number } | undefined;
  for (const part of (header ?? '').split(',')) {
    const [tag = '', ...parameters] = part.trim().split(';');
    const language = /^zh(?![a-z])/i.test(tag) ? 'zh' : /^en(?![a-z])/i.test(tag) ? 'en' : undefined;
    const quality = qualityOf(parameters);
    if (language && quality > (best?.quality ?? 0)) best = { language, quality };
  }
  return best?.language;
}

function qualityOf(parameters: readonly string[]): number {
  const parameter = parameters.map((text) => text.trim()).find((text) => text.startsWith('q='));
  if (!parameter) return 1;
  const quality = Number(parameter.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
