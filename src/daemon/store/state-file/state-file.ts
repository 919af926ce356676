import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { isOpenForWriting } from '../../../shared/node/open-writers.ts';
import { readRegular } from '../../../shared/node/regular-file.ts';
import { notAFile } from '../../../shared/words/not-a-file.ts';
import { prepareReplacement } from '../../disk/atomic-replace.ts';
import { othersTurn } from '../../process/turns.ts';
import { printJson } from '../json/json-print.ts';
import type { JsonObject } from '../json/json-tree.ts';
import { withMark } from './document.ts';
import { contentOf, type FileContent, parseContent, type SettledContent } from './file-content.ts';
import { KeptCopies } from './kept-copies.ts';
import { LateEdits } from './late-edits.ts';
import { linkTarget } from './link-target.ts';

/** A state file's new content, durable but not yet in place. */
export interface PreparedView {
  /** Puts it in place; false where the file is missing and that is to be left so. */
  publish(ifMissing?: 'make' | 'leave'): Promise<boolean>;
}

/** A program that holds the file open for writing is given this long from its last write to end it (SPEC §4). */
const HELD_MS = 2_000;
/** Where nobody holds it, a content that is no JSON yet may still be completed by a second write. */
const HALF_WRITTEN_MS = 150;
const HALF_WRITTEN_CHECK_MS = 5;

const DEFAULT_MODE = 0o600;

/** The text of a document as it lies in the file, with its mark; without one, as its hash in the ledger means it. */
export function textOf(document: JsonObject, mark = ''): string {
  return `${printJson(mark === '' ? document : withMark(document, mark))}\n`;
}

/** `architect_monitor.json`: written by us, read and edited by others at any time. */
export class StateFile {
  readonly #name: string;
  /** Copies of replaced contents; in the data folder, wherever a link leads. */
  readonly copies: KeptCopies;

  /** Called with each content that was written into a file while we replaced it. */
  onLateEdit: (content: FileContent) => void = () => undefined;

  readonly #lateEdits: LateEdits;
  /** A content of somebody else, and since when it has stood there unchanged. */
  #unsettled: { readonly fingerprint: string; readonly sinceMs: number; isHeld: boolean } | undefined;
  /** A program was still writing when the file was read last. */
  #isHeld = false;

  /** Throws when it is no file. */
  constructor(path: string) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found && !found.isFile()) throw notAFile(basename(path));
    this.#name = path;
    this.copies = new KeptCopies(path);
    const announce = (content: FileContent) => this.onLateEdit(content);
    this.#lateEdits = new LateEdits(announce, (content) => parseContent(content) !== undefined);
  }

  /** Where the file really lies: a symbolic link, which may come and go at any time, is kept when its file is replaced. */
  get path(): string {
    return linkTarget(this.#name);
  }

  /** The content now, or `undefined` when there is no file. */
  read(): FileContent | undefined {
    try {
      return contentOf(readRegular(this.#name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * The content once nobody is in the middle of writing it, or word that somebody is; `undefined` where there is none.
   * Half a document is given some moments, and 2 s from the last write where the system says, or cannot say, that a
   * program holds the file open.
   */
  async readSettled(isOwn: (hash: string) => boolean): Promise<SettledContent | 'being written' | undefined> {
    this.#isHeld = false;
    const startedMs = performance.now();
    for (let looks = 0; ; looks++) {
      const fingerprint = this.fingerprint();
      const read = this.read();
      if (!read) return undefined;
      if (isOwn(read.hash)) return { ...read, document: undefined };
      await othersTurn();
      const content = { ...read, document: parseContent(read) };
      if (content.document) return content;
      const standsMs = this.#standsMs(fingerprint);
      if (standsMs === 0 || this.#unsettled!.isHeld)
        this.#unsettled!.isHeld = (await isOpenForWriting(this.path)) ?? true;
      this.#isHeld = this.#unsettled!.isHeld;
      if (this.#isHeld && standsMs < HELD_MS) return 'being written';
      // Its writer may have ended in between, and left more than was read.
      if (standsMs >= HALF_WRITTEN_MS && this.fingerprint() !== fingerprint) continue;
      // Its writer is not waited for any longer, and nothing of anybody's would be lost with it.
      if (this.#isHeld && content.bytes.length === 0) return undefined;
      if (this.#isHeld || standsMs >= HALF_WRITTEN_MS) return content;
      // A program that writes without an end does not keep others waiting.
      if (looks > 0 && standsMs === 0 && performance.now() - startedMs >= HALF_WRITTEN_MS) return 'being written';
      await new Promise((resolve) => setTimeout(resolve, HALF_WRITTEN_CHECK_MS));
    }
  }

  /** How long a content of somebody else has stood there unchanged. */
  #standsMs(fingerprint: string): number {
    if (this.#unsettled?.fingerprint === fingerprint) return performance.now() - this.#unsettled.sinceMs;
    this.#unsettled = { fingerprint, sinceMs: performance.now(), isHeld: false };
    return 0;
  }

  /** A value that changes with every write of others, cheap to ask for; a hint that never decides. */
  fingerprint(): string {
    const stat = statSync(this.#name, { throwIfNoEntry: false });
    return stat ? `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : '';
  }

  /** When the file was saved last, by the file system. */
  savedMs(): number {
    return statSync(this.#name, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  }

  /** Makes `text` durable beside the file; `expected` is the hash of the content that it replaces. */
  async prepare(text: string, expected: string | undefined): Promise<PreparedView> {
    const replacement = await prepareReplacement(this.path, text, this.#mode());
    return {
      publish: (ifMissing) =>
        replacement.publish((old) => this.#lateEdits.watch(old, expected, this.#isHeld), ifMissing),
    };
  }

  /** Looks a last time for late edits. */
  endLateEdits(): void {
    this.#lateEdits.close();
  }

  #mode(): number {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    return stat ? stat.mode & 0o777 : DEFAULT_MODE;
  }
}
