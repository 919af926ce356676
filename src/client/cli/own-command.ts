import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Bilingual } from '../../protocol/language.ts';
import { bothSpelled, commandOf } from '../../shared/command-line.ts';

/** How this program is called from the folder where the person stands. */
export function ownCommand(): string {
  command ??= commandOf({
    file: fileURLToPath(import.meta.url),
    exists: existsSync,
    platform: process.platform,
    cwd: process.cwd(),
  });
  return command;
}

/** A text that names commands, as the person can type them. */
export function asTyped<T extends Bilingual>(text: T): T {
  return bothSpelled(text, ownCommand());
}

let command: string | undefined;
