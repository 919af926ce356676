import { formatTokens, parseTokenValue, type RefusalReason, splitLines } from '../../../protocol/token-value.ts';
import { openSync, type SyncStart } from './sync-start.ts';
import { isConversation, MAX_VALUE_LENGTH } from './understanding.ts';

/** Opens the dialog with a text pasted anywhere on the page, if it is a token value, even a refused one, or a conversation. */
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
  const shown = text.trim();
  const lines = splitLines(shown).filter((line) => line !== '');
  if (!parsed.ok) {
    if (NOTHING_TO_SYNC.has(parsed.reason)) return undefined;
    return { kind: 'value', text: lines.join(LINE_END), isPasted: true };
  }
  const isShort = shown.length <= MAX_VALUE_LENGTH && lines.length === 1;
  return { kind: 'value', text: isShort ? shown : formatTokens(parsed.tokens), isPasted: true };
}

/** A text without a figure was not copied to be synced. */
const NOTHING_TO_SYNC: ReadonlySet<RefusalReason> = new Set(['empty', 'no_value']);

/** A field of one line would join the figures of two lines to another one; this it keeps, and the reader ends a line at it. */
const LINE_END = ' ⏎\u2028';

/** Whether the target takes typed and pasted text itself. */
export function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
