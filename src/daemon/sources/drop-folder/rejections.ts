import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Warnings } from '../../process/warnings.ts';
import { CLIPBOARD_WARNINGS } from '../clipboard/clipboard.ts';
import { type Claim, isStillRejected, rejectClaim } from './drop-claim.ts';
import { DROP_WARNINGS } from './drop-warnings.ts';
import { reasonText } from './rejection-reason.ts';

export interface RejectionsOptions {
  readonly folder: string;
  readonly warnings: Warnings;
  /** How the command line is called, for the reason beside a rejected file. */
  readonly command: string;
}

/** While a warning of a rejected file stands, it is looked whether the file still lies there. */
const LOOK_MS = 500;

/** Puts files aside that cannot be recorded, with the reason beside them, and warns of the last one until it is gone. */
export class Rejections {
  readonly #options: RejectionsOptions;
  #last: string | undefined;

  constructor(options: RejectionsOptions) {
    this.#options = options;
  }

  /** When to `look` next, by `performance.now()`: a person who takes the file away gives no sign. */
  nextMs(): number | undefined {
    return this.#last === undefined ? undefined : performance.now() + LOOK_MS;
  }

  /** Ends the warning when the file is gone. */
  look(): void {
    const { folder, warnings } = this.#options;
    if (this.#last === undefined || isStillRejected(folder, this.#last)) return;
    this.#last = undefined;
    warnings.clear('drop_rejected');
  }

  /** Rejects a file, or only the readings of it that `refusedItems` numbers; throws where the file cannot be moved. */
  reject(claim: Claim, error: unknown, refusedItems: readonly number[]): void {
    const { folder, warnings, command } = this.#options;
    this.#last = rejectClaim(folder, claim, reasonText(error, refusedItems, command));
    warnings.raise('drop_rejected', DROP_WARNINGS.drop_rejected(this.#last));
  }

  /** Rejects a trigger of the clipboard, which has its own warnings: they end with the file. */
  rejectSignal(claim: Claim, error: unknown): void {
    const { folder, warnings, command } = this.#options;
    const kept = rejectClaim(folder, claim, reasonText(error, [], command));
    for (const code of Object.values(CLIPBOARD_WARNINGS)) {
      warnings.endWhen(code, () => !isStillRejected(folder, kept));
    }
  }
}

/** True where a file is at fault, so that trying again helps nothing: it is refused, or closed to us. */
export function isRejectable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof TokenSyncError || code === 'EACCES' || code === 'EPERM';
}
