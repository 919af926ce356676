import { signal } from '@preact/signals';

/** The first content of the dialog. */
export interface SyncStart {
  /** The counter's value, or a conversation whose tokens are counted. */
  readonly kind: 'value' | 'conversation';
  readonly text: string;
  readonly isPasted: boolean;
}

/** The dialog as its button opens it. */
export const EMPTY: SyncStart = { kind: 'value', text: '', isPasted: false };

/** The content that the dialog was opened with; `undefined` while it is closed. */
export const start = signal<SyncStart | undefined>(undefined);

/** Opens the dialog, unless it is open. */
export function openSync(from: SyncStart = EMPTY): void {
  start.value ??= from;
}
