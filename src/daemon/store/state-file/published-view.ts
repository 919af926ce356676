import { reasonOf } from '../../../shared/words/not-a-file.ts';
import type { Warnings } from '../../process/warnings.ts';
import { equalJson, type JsonObject } from '../json/json-tree.ts';
import { withMark } from './document.ts';
import { type FileContent, hashOf, isPlainUtf8, parseContent, type SettledContent } from './file-content.ts';
import { type PreparedView, type StateFile, textOf } from './state-file.ts';
import { STATE_FILE_WARNINGS } from './state-file-warnings.ts';
import { textOfView, type View } from './view.ts';

/** A file that cannot be written, and one that somebody is writing, are looked at again after this. */
const RETRY_VIEW_MS = 500;
const RETRY_WRITER_MS = 50;

/** A deleted file is left alone for this long: a program that deletes and then creates it would fail if we had made it meanwhile. */
const MISSING_MS = 250;

/** The outcome of a look at the state file. */
export type Found =
  | { readonly kind: 'ours' | 'behind' | 'waiting' }
  | { readonly kind: 'foreign'; readonly content: SettledContent; readonly savedMs: number };

/** Keeps the latest view in place in the state file, and tells contents of others from our own. */
export class PublishedView {
  readonly #file: StateFile;
  readonly #warnings: Warnings;
  readonly #onUnsettled: () => void;
  /** The hash of the latest view's text. */
  #hash: string;
  /** The hash of what lies on disk, as far as we know, and of the contents that are known to have stood there last. */
  #onDisk: string | undefined;
  #published: readonly string[];
  /** Hashes of contents that a crash may have left, until the first look has dealt with them. */
  #crashLeft: readonly string[];
  /** The hash of a content that says the same as the latest view in another form. */
  #accepted: string | undefined;
  /** Since when the file is missing that was there. */
  #missingSinceMs: number | undefined;
  /** Somebody is in the middle of writing the file: nothing is put in its place meanwhile. */
  #isBeingWritten = false;
  /** Why the file could not be read: nothing is written over what nobody has seen. */
  #unreadable: unknown;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** A crash may have left one of `crashLeft`, by its hash, in the place of the latest; `onUnsettled` is called when a look is due. */
  constructor(
    file: StateFile,
    { latest, crashLeft }: { readonly latest: View; readonly crashLeft: readonly string[] },
    warnings: Warnings,
    onUnsettled: () => void,
  ) {
    this.#file = file;
    this.#hash = hashOf(textOfView(latest));
    this.#published = crashLeft;
    this.#crashLeft = crashLeft;
    this.#warnings = warnings;
    this.#onUnsettled = onUnsettled;
  }

  /** False while the file does not show the latest view: it cannot be written, somebody is writing it, or it is not there. */
  get isInPlace(): boolean {
    return this.#missingSinceMs === undefined && this.#published.includes(this.#hash);
  }

  /** Looks at the file: it holds the latest view (`ours`), an older one or nothing (`behind`), a content not to be touched yet (`waiting`), or one of somebody else (`foreign`). */
  async look(): Promise<Found> {
    this.#isBeingWritten = false;
    let found: Awaited<ReturnType<StateFile['readSettled']>>;
    try {
      const isKnown = (hash: string) => [this.#hash, this.#accepted, ...this.#published].includes(hash);
      found = await this.#file.readSettled(isKnown);
      this.#unreadable = undefined;
      this.#warnings.clear('state_file_unreadable');
    } catch (error) {
      this.#unreadable = error;
      this.#raise('state_file_unreadable', error);
      return { kind: 'waiting' };
    }
    if (found === 'being written') {
      this.#isBeingWritten = true;
      this.#lookAgain(RETRY_WRITER_MS);
      return { kind: 'waiting' };
    }
    if (this.#isJustDeleted(found)) return { kind: 'waiting' };
    this.#onDisk = found?.hash;
    if (found && (found.hash === this.#hash || found.hash === this.#accepted)) {
      this.#setPublished();
      return { kind: 'ours' };
    }
    if (!found || this.#published.includes(found.hash) || this.#isCrashLeft(found)) return { kind: 'behind' };
    return { kind: 'foreign', content: found, savedMs: this.#file.savedMs() };
  }

  /** True while a file has been missing for moments only; then it is looked at again. */
  #isJustDeleted(found: FileContent | undefined): boolean {
    if (found) this.#missingSinceMs = undefined;
    else if (this.#onDisk !== undefined) this.#missingSinceMs ??= performance.now();
    const restMs = this.#othersMs();
    if (restMs > 0) this.#lookAgain(restMs);
    return restMs > 0;
  }

  /** How long a missing file is still left to the program that deleted it. */
  #othersMs(): number {
    if (this.#missingSinceMs === undefined || this.#isClosed) return 0;
    return this.#missingSinceMs + MISSING_MS - performance.now();
  }

  /** True also for a content that a crash may have left in another form that we had accepted. */
  #isCrashLeft(content: FileContent): boolean {
    const document = this.#crashLeft.length > 0 ? parseContent(content) : undefined;
    return document !== undefined && this.#crashLeft.includes(hashOf(textOf(document)));
  }

  /** Leaves somebody's file alone until the next look, because nobody can say yet what was edited. */
  leave(): void {
    this.#isBeingWritten = true;
  }

  /** Lets a content stand that says the same as the latest view in another form; false where it does not. */
  accept(content: FileContent, document: JsonObject, latest: View): boolean {
    if (!isPlainUtf8(content) || !equalJson(document, withMark(latest.document, latest.mark))) return false;
    this.#accepted = content.hash;
    this.#setPublished();
    return true;
  }

  /** Makes the text of the next view durable beside the file; `undefined` while the file is somebody else's to write or to make. */
  async prepare(text: string): Promise<PreparedView | undefined> {
    return this.#isBeingWritten || this.#othersMs() > 0 ? undefined : this.#file.prepare(text, this.#onDisk);
  }

  /** Puts a view in place, which is the latest from now on; where that fails the file follows, and a person is told. */
  async publish(text: string, prepared: PromiseSettledResult<PreparedView | undefined>): Promise<void> {
    this.#hash = hashOf(text);
    this.#accepted = undefined;
    try {
      if (this.#unreadable) throw this.#unreadable;
      if (prepared.status === 'rejected') throw prepared.reason;
      if (prepared.value === undefined) return;
      // A file that was there at the last look, and is not now, was deleted meanwhile.
      const ifMissing = this.#onDisk === undefined || this.#isClosed ? 'make' : 'leave';
      if (!(await prepared.value.publish(ifMissing))) {
        this.#missingSinceMs ??= performance.now();
        this.#lookAgain(MISSING_MS);
        return;
      }
      this.#onDisk = this.#hash;
      this.#setPublished();
    } catch (error) {
      this.#raise('state_file_behind', error);
      this.#lookAgain(RETRY_VIEW_MS);
    }
  }

  /** Ends the looks that are due. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
  }

  #setPublished(): void {
    this.#missingSinceMs = undefined;
    this.#published = [this.#hash];
    this.#crashLeft = [];
    this.#warnings.clear('state_file_behind');
  }

  #lookAgain(afterMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#onUnsettled(), afterMs).unref();
  }

  #raise(code: keyof typeof STATE_FILE_WARNINGS, error: unknown): void {
    this.#warnings.raise(code, STATE_FILE_WARNINGS[code](reasonOf(error)));
  }
}
