import { formatTokens, parseTokenValue } from '../../../protocol/token-value.ts';
import { openSync, type SyncStart } from './sync-dialog.tsx';
import { isConversation, MAX_VALUE_LENGTH } from './understanding.ts';

/** Opens the dialog with what is pasted anywhere on the page, if it is a token value or a conversation. */
export function listenForPaste(): void {
  document.addEventListener('paste', (event) => {
    if (isTextField(event.target)) return;
    const start = startOf(event.clipboardData?.getData('text/plain') ?? '');
    if (!start) return;
    event.preventDefault();
    openSync(start);
  });
}

function startOf(text: string): SyncStart | undefined {
  if (isConversation(text)) return { kind: 'conversation', text, isPasted: true };
  const parsed = parseTokenValue(text);
  if (!parsed.ok) return undefined;
  const shown = text.trim();
  const isShort = shown.length <= MAX_VALUE_LENGTH && !shown.includes('\n');
  return { kind: 'value', text: isShort ? shown : formatTokens(parsed.tokens), isPasted: true };
}

function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
