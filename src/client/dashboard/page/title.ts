import { effect } from '@preact/signals';
import { percentText } from '../../../shared/words/figures.ts';
import { link, usage } from '../live/state.ts';

/** Shows the share in the title, where a tab in the background is read. */
export function keepTitle(): void {
  effect(() => {
    const figures = usage.value;
    const mark = link.value.state === 'lost' ? '⚠ ' : '';
    document.title = figures ? `${mark}${percentText(figures.used, figures.total)} · token-sync` : 'token-sync';
  });
}
