import { closeSync, constants, existsSync, fsyncSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TokenSyncError } from '../../protocol/errors.ts';
import { toLocalTime } from '../../protocol/timestamp.ts';
import { prepareReplacement, syncFile, syncFolder, syncFolderNow, writeAll } from './atomic-replace.ts';
import { type FileContent, hashOf, parseContent } from './file-content.ts';
import { printJson } from './json-print.ts';
import type { JsonObject } from './json-tree.ts';
import { LateEdits } from './late-edits.ts';
import type { View } from './merge.ts';

/** A state file's new content, durable but not yet in place. */
export interface PreparedView {
  /** Puts it in place. */
  publish(): Promise<void>;
}

/** A program that writes the file in place is given this long to finish before what it wrote counts as invalid. */
const HALF_WRITTEN_MS = 150;
const HALF_WRITTEN_CHECK_MS = 5;

const DEFAULT_MODE = 0o600;

/** The text of a document as it lies in the file. */
export function textOf(document: JsonObject): string {
  return `${printJson(document)}\n`;
}

/** `architect_monitor.json`: written by us, read and edited by others at any time. */
export class StateFile {
  readonly path: string;

  readonly #lateEdits: LateEdits<View>;
  /** What was set aside last, and the name of its copy. */
  #setAsideLast: { readonly lost: string; readonly name: string } | undefined;

  /**
   * Follows a symbolic link to where the file really lies, so that replacing it keeps the link. Throws when it is no file.
   * `onLateEdit` gets what somebody wrote into a file that was being replaced in the very moment,
   * and the view that was the newest before that moment.
   */
  constructor(path: string, onLateEdit: (content: FileContent, readable: View) => void) {
    this.#lateEdits = new LateEdits(onLateEdit, (content) => parseContent(content) !== undefined);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found && !found.isFile()) throw notAFile(basename(path));
    this.path = found ? realpathSync(path) : path;
  }

  /** The content now, or `undefined` when there is no file. */
  read(): FileContent | undefined {
    try {
      return contentOf(readFileSync(this.path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The content once nobody is in the middle of writing it, or after a bounded wait as it is. */
  async readSettled(isOwn: (hash: string) => boolean): Promise<FileContent | undefined> {
    for (let waitedMs = 0; ; waitedMs += HALF_WRITTEN_CHECK_MS) {
      const content = this.read();
      if (!content || isOwn(content.hash) || waitedMs >= HALF_WRITTEN_MS || parseContent(content)) return content;
      await new Promise((resolve) => setTimeout(resolve, HALF_WRITTEN_CHECK_MS));
    }
  }

  /** What changes with every write of others, cheaply; a hint that never decides. */
  fingerprint(): string {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}` : '';
  }

  /** Makes `text` durable beside the file; `expected` is the hash of the content that it replaces, `readable` the newest view that others can have read. */
  async prepare(text: string, expected: string | undefined, readable: View): Promise<PreparedView> {
    const replacement = await prepareReplacement(this.path, text, this.#mode());
    return {
      publish: () => replacement.publish((old) => this.#lateEdits.watch(old, expected, readable)),
    };
  }

  /** The file as somebody left it: to publish it is to make it survive a power cut, which whoever wrote it may not have done. */
  asItStands(): PreparedView {
    return {
      publish: async () => {
        await syncFile(this.path);
        await syncFolder(dirname(this.path));
      },
    };
  }

  /**
   * Keeps somebody's content under a name that tells when and why, and returns the name; the same one for as long as the
   * copy is there and what is `lost` without it is the same.
   */
  setAside(content: FileContent, nowMs: number, lost: string): string {
    const last = this.#setAsideLast;
    if (last?.lost === lost && this.keeps(last.name)) return last.name;
    const name = this.#copy(content, nowMs);
    this.#setAsideLast = { lost, name };
    return name;
  }

  #copy({ bytes }: FileContent, nowMs: number): string {
    const stem = basename(this.path, '.json');
    const when = toLocalTime(nowMs).replace(/[-:]/g, '').replace('T', '-');
    for (let attempt = 1; ; attempt++) {
      const name = `${stem}.invalid-${when}${attempt === 1 ? '' : `-${attempt}`}.json`;
      try {
        const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
        const fd = openSync(join(dirname(this.path), name), flags, DEFAULT_MODE);
        try {
          writeAll(fd, bytes);
          fsyncSync(fd);
        } finally {
          closeSync(fd);
        }
        // What it is a copy of is replaced next.
        syncFolderNow(dirname(this.path));
        return name;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /** Whether what was set aside under a name is still there. */
  keeps(name: string): boolean {
    return existsSync(join(dirname(this.path), name));
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

function contentOf(bytes: Buffer): FileContent {
  return { bytes, hash: hashOf(bytes) };
}

function notAFile(name: string): TokenSyncError {
  return new TokenSyncError(
    'storage_failed',
    { zh: `${name} 不是文件，无法使用`, en: `${name} is not a file, so it cannot be used` },
    { hint: { zh: `请移走 ${name} 后重新启动`, en: `move ${name} away and start again` } },
  );
}
