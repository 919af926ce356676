import { effect, signal } from '@preact/signals';
import { type Bilingual, type Language, languageOfLocale } from '../../../protocol/language.ts';
import { remember, remembered } from './memory.ts';

/** Where the choice is kept. */
const KEY = 'token-sync.language';

/** The language of the page: the one chosen here before, else the browser's. */
export const language = signal<Language>(chosen() ?? languageOfLocale(navigator.language));

/** A text in the language of the page; a component that calls it while rendering is rendered again when that changes. */
export function t(text: Bilingual): string {
  return text[language.value];
}

/** Changes to the other language, and remembers it. */
export function switchLanguage(): void {
  language.value = language.value === 'zh' ? 'en' : 'zh';
  remember(KEY, language.value);
}

/** Tells the browser and screen readers which language the page is in, from now on. */
export function announceLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
  });
}

function chosen(): Language | undefined {
  const word = remembered(KEY);
  return word === 'zh' || word === 'en' ? word : undefined;
}
