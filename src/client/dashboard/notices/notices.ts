import { signal } from '@preact/signals';
import type { Bilingual } from '../../../protocol/language.ts';

/** A message at the top right that goes away by itself. */
export interface Notice {
  readonly tone: 'good' | 'bad';
  readonly text: Bilingual;
  /** A second line. */
  readonly detail?: Bilingual;
  /** A button in it. */
  readonly action?: { readonly label: Bilingual; run(): void };
}

/** The notice that is shown, if one is. */
export const notice = signal<Notice | undefined>(undefined);

/** Shows a notice for three seconds, longer while the focus is in it; it takes the place of an older one. */
export function notify(shown: Notice): void {
  notice.value = shown;
}

/** Takes a notice away, if it is still shown. */
export function dismiss(shown: Notice): void {
  if (notice.value === shown) notice.value = undefined;
}
