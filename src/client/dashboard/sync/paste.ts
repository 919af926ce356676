import { formatTokens, parseTokenValue } from '../../../protocol/token-value.ts';
import { openSync } from './sync-dialog.tsx';

/** Opens the dialog with what is pasted anywhere on the page, if it is a token value. */
export function listenForPaste(): void {
  document.addEventListener('paste', (event) => {
    if (isTextField(event.target)) return;
    const text = event.clipboardData?.getData('text/plain') ?? '';
    const value = valueToShow(text);
    if (value === undefined) return;
    event.preventDefault();
    openSync({ value, isPasted: true });
  });
}

/** Longer than the words around a figure; a whole page of text is shown as its figure alone. */
const MAX_SHOWN = 80;

function valueToShow(text: string): string | undefined {
  const parsed = parseTokenValue(text);
  if (!parsed.ok) return undefined;
  const shown = text.trim();
  return shown.length <= MAX_SHOWN && !shown.includes('\n') ? shown : formatTokens(parsed.tokens);
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
