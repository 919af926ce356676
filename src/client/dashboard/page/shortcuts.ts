import { openUndo } from '../dialogs/undo-dialog.tsx';
import { isTextField } from '../sync/paste.ts';
import { openSync } from '../sync/sync-start.ts';

/** Takes single keys where nothing is typed and no dialog is open: s to sync, / to search, u to undo. */
export function listenForKeys(): void {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey, isComposing, repeat } = event;
    if (ctrlKey || metaKey || altKey || isComposing || repeat || event.defaultPrevented) return;
    if (isTextField(target) || document.querySelector('dialog[open]')) return;
    const act = ACTIONS[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const ACTIONS: Readonly<Record<string, () => void>> = {
  s: () => openSync(),
  u: () => void openUndo(),
  '/': () => document.querySelector<HTMLElement>('[data-testid=search]')?.focus(),
};
