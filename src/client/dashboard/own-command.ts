import { signal } from '@preact/signals';
import type { Bilingual } from '../../protocol/language.ts';
import { bothSpelled } from '../../shared/command-line.ts';

/** How the command line is called on the daemon's machine, as the daemon tells it. */
export const ownCommand = signal('token-sync');

/** A text that names commands, as they work there. */
export function asTyped<T extends Bilingual>(text: T): T {
  return bothSpelled(text, ownCommand.value);
}
