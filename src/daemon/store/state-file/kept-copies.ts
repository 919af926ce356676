import { existsSync, readdirSync, statSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { toLocalTime } from '../../../protocol/timestamp.ts';
import { readRegular } from '../../../shared/node/regular-file.ts';
import { makeFileNow } from '../../disk/make-file.ts';
import { type FileContent, hashOf } from './file-content.ts';

/** Of the copies for one reason the first show how it began, and the last hold the most recent losses. */
export const FIRST_COPIES = 10;
export const LAST_COPIES = 30;

const COPY_MODE = 0o600;

/** Why a copy is kept, as its name tells. */
export type CopyReason = 'invalid' | 'older';

/** A copy, and how many in the middle were removed since the start. */
export interface KeptCopy {
  readonly name: string;
  readonly removed: number;
}

/** Copies of contents that somebody had put in the state file's place: each content once, and never without a bound. */
export class KeptCopies {
  readonly #folder: string;
  readonly #stem: string;
  /** The hashes of copies that were made or read, by their names. */
  readonly #hashes = new Map<string, string>();
  #last: { readonly lost: string; readonly name: string } | undefined;
  #removed = 0;

  constructor(stateFile: string) {
    this.#folder = dirname(stateFile);
    this.#stem = basename(stateFile, '.json');
  }

  /**
   * Keeps a content durably under a name that tells when and why; while a copy of the same content, or of the same `lost`,
   * is still there, that one is returned instead. Throws the system's error.
   */
  keep(content: FileContent, nowMs: number, reason: CopyReason, lost: string): KeptCopy {
    const isSame = this.#last?.lost === lost && this.has(this.#last.name);
    const name = isSame ? this.#last!.name : (this.#find(content, reason) ?? this.#make(content, nowMs, reason));
    this.#last = { lost, name };
    return { name, removed: this.#removed };
  }

  /** Whether a copy is still there. */
  has(name: string): boolean {
    return existsSync(join(this.#folder, name));
  }

  #find({ bytes, hash }: FileContent, reason: CopyReason): string | undefined {
    return this.#names(reason).find((name) => {
      const path = join(this.#folder, name);
      try {
        if (statSync(path).size !== bytes.length) return false;
        if (!this.#hashes.has(name)) this.#hashes.set(name, hashOf(readRegular(path)));
        return this.#hashes.get(name) === hash;
      } catch {
        // Nobody could go back to a copy that cannot be read.
        return false;
      }
    });
  }

  #make(content: FileContent, nowMs: number, reason: CopyReason): string {
    const when = toLocalTime(nowMs).replace(/[-:]/g, '').replace('T', '-');
    // Nobody takes half a copy for one, whatever ends us.
    const temporary = join(this.#folder, `.${this.#stem}.${reason}-new.token-sync`);
    for (let attempt = 1; ; attempt++) {
      const name = `${this.#stem}.${reason}-${when}${attempt === 1 ? '' : `-${attempt}`}.json`;
      if (this.has(name) || !makeFileNow(join(this.#folder, name), content.bytes, temporary, COPY_MODE)) continue;
      this.#hashes.set(name, content.hash);
      this.#thinOut(reason);
      return name;
    }
  }

  #thinOut(reason: CopyReason): void {
    const names = this.#names(reason);
    for (const name of names.slice(FIRST_COPIES, Math.max(FIRST_COPIES, names.length - LAST_COPIES))) {
      try {
        unlinkSync(join(this.#folder, name));
      } catch {
        // It stays one too many, and is tried again with the next.
        continue;
      }
      this.#hashes.delete(name);
      this.#removed++;
    }
  }

  /** The copies for a reason, oldest first. */
  #names(reason: CopyReason): string[] {
    const ages = new Map<string, string>();
    for (const name of readdirSync(this.#folder)) {
      if (!name.startsWith(`${this.#stem}.${reason}-`)) continue;
      const [, when, attempt = '1'] = /-(\d{8}-\d{6})(?:-(\d+))?\.json$/.exec(name) ?? [];
      if (when !== undefined) ages.set(name, `${when}-${attempt.padStart(9, '0')}`);
    }
    return [...ages.keys()].sort((one, other) => (ages.get(one)! < ages.get(other)! ? -1 : 1));
  }
}
