import { signal } from '@preact/signals';
import type { Bilingual } from '../../protocol/language.ts';

/** A message at the top right that goes away by itself. */
export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly text: Bilingual;
  /** A second line. */
  readonly detail?: Bilingual;
  /** A button in it. */
  readonly action?: { readonly label: Bilingual; run(): void };
  /** Told once a crossing, so that the answer to what was just recorded must not take its place, nor it that one's. */
  readonly isAlert?: true;
}

/** The notices that are shown: at most one alert and one other. */
export const notices = signal<readonly Notice[]>([]);

/** Shows a notice for three seconds, longer while the focus is in it; it takes the place of an older one of its kind. */
export function notify(shown: Notice): void {
  notices.value = [...notices.value.filter(({ isAlert }) => isAlert !== shown.isAlert), shown];
}

/** Takes a notice away, if it is still shown. */
export function dismiss(shown: Notice): void {
  notices.value = notices.value.filter((notice) => notice !== shown);
}
