import { storageFailed } from '../../disk/storage-failure.ts';
import type { Warnings } from '../../process/warnings.ts';
import { lastRefusal } from '../ledger/ledger-warnings.ts';
import type { FileContent } from '../state-file/file-content.ts';
import type { KeptCopies, KeptCopy } from '../state-file/kept-copies.ts';
import type { Problem } from '../state-file/problem.ts';
import { keptAs } from '../state-file/state-file-warnings.ts';

/** The code of the warning that names a copy. */
export type CopyWarning = 'state_file_invalid' | 'state_file_edit' | 'state_file_older' | 'state_file_taken_back';

/** Keeps a copy of what is going to be replaced in the state file, and warns for as long as the copy is there. */
export class SetAside {
  readonly #copies: KeptCopies;
  readonly #warnings: Warnings;

  constructor(copies: KeptCopies, warnings: Warnings) {
    this.#copies = copies;
    this.#warnings = warnings;
  }

  /** Throws `storage_failed` when there is no room for the copy, because then nothing may take the file's place. */
  keep(content: FileContent, nowMs: number, code: CopyWarning, problem: Problem): void {
    let copy: KeptCopy;
    try {
      copy = this.#copies.keep(content, nowMs, isOurs(code) ? 'older' : 'invalid', problem.lost);
    } catch (error) {
      const failure = storageFailed(error);
      this.#warnings.raise('storage_failed', lastRefusal(failure.text));
      throw failure;
    }
    this.#warnings.raise(code, keptAs(copy, problem));
    this.#warnings.endWhen(code, () => !this.#copies.has(copy.name));
  }
}

/** A whole state of ours is kept, not one that could not be taken over. */
function isOurs(code: CopyWarning): boolean {
  return code === 'state_file_older' || code === 'state_file_taken_back';
}
