import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Bilingual } from '../../protocol/language.ts';
import { readRegular } from '../../shared/node/regular-file.ts';
import { replaceFile } from '../disk/atomic-replace.ts';
import { codeOf } from '../disk/storage-failure.ts';
import { JsonSyntaxError } from '../store/json/json-parse.ts';

/** What stays as it was where a change is refused, as a half sentence: `the period was not changed`. */
export interface Unchanged extends Bilingual {
  /** The param that asked for it. */
  readonly field?: string;
}

/** Makes the text of `config.json` anew; throws a `TokenSyncError` to refuse, and `JsonSyntaxError` for a text that is no JSON object. */
export type Edit = (text: string) => string;

/**
 * `config.json`, which need not be there yet: it is replaced as a whole, one change after the other, so that at any instant
 * it holds the old settings or the new ones. Its mode stays, and where it is a link, the file that it leads to is replaced.
 */
export class ConfigFile {
  readonly #path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Its text; throws as Node does where it is missing or cannot be read. */
  text(): string {
    return readRegular(this.#path).toString('utf8');
  }

  /**
   * Resolves when what `edit` makes of the text is durable; rejects as `storage_failed` when that cannot be written. Throws the
   * same at once, before anything is written, where that is seen beforehand, and whatever `edit` throws, which is called
   * once more when its turn comes.
   */
  change(edit: Edit, unchanged: Unchanged): Promise<void> {
    this.#requireWritable(edit, unchanged);
    const written = this.#writing.then(() => this.#write(edit, unchanged));
    this.#writing = written.catch(() => undefined);
    return written;
  }

  #requireWritable(edit: Edit, unchanged: Unchanged): void {
    const { path, mode } = this.#edited(edit, unchanged);
    try {
      if ((mode & 0o200) === 0) throw Object.assign(new Error('config.json is read-only'), { code: 'EACCES' });
      accessSync(dirname(path), constants.W_OK);
    } catch (error) {
      throw unwritable(error, unchanged);
    }
  }

  async #write(edit: Edit, unchanged: Unchanged): Promise<void> {
    const { path, text, edited, mode } = this.#edited(edit, unchanged);
    try {
      if (edited !== text) await replaceFile(path, edited, mode);
    } catch (error) {
      throw unwritable(error, unchanged);
    }
  }

  #edited(edit: Edit, unchanged: Unchanged): FileContent & { readonly edited: string } {
    const content = readContent(this.#path, unchanged);
    try {
      return { ...content, edited: edit(content.text) };
    } catch (error) {
      throw error instanceof JsonSyntaxError ? broken(unchanged) : error;
    }
  }
}

interface FileContent {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** Where it is a link, of the file that it leads to. */
function readContent(path: string, unchanged: Unchanged): FileContent {
  try {
    const target = realpathSync(path);
    return { path: target, text: readRegular(target).toString('utf8'), mode: statSync(target).mode & 0o777 };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unwritable(error, unchanged);
    // A link may lead to a disk that is not there now: a file in its place would hide what is written on it.
    if (lstatSync(path, { throwIfNoEntry: false })) throw dangling(unchanged);
    return { path, text: '{}', mode: 0o600 };
  }
}

/** What is recorded lies elsewhere, and may be on another disk. */
function unwritable(cause: unknown, unchanged: Unchanged): TokenSyncError {
  const isFull = ['ENOSPC', 'EDQUOT'].includes(codeOf(cause));
  const hint = isFull
    ? { zh: '磁盘已满，请腾出空间后重试', en: 'the disk is full: free some space and try again' }
    : { zh: '请检查该文件及其文件夹的权限', en: 'check the permissions of the file and of its folder' };
  return failed({ zh: '无法写入', en: 'cannot be written' }, hint, unchanged, cause);
}

function dangling(unchanged: Unchanged): TokenSyncError {
  return failed(
    { zh: '是一个链接，它指向的文件不存在', en: 'is a link to a file that is not there' },
    { zh: '请恢复那个文件，或删除这个链接', en: 'bring that file back, or delete the link' },
    unchanged,
  );
}

function broken(unchanged: Unchanged): TokenSyncError {
  return failed(
    { zh: '不是有效的 JSON', en: 'is not valid JSON' },
    { zh: '请改正它，再试一次', en: 'mend it and try again' },
    unchanged,
  );
}

function failed(what: Bilingual, hint: Bilingual, unchanged: Unchanged, cause?: unknown): TokenSyncError {
  const { field, zh, en } = unchanged;
  return new TokenSyncError(
    'storage_failed',
    { zh: `config.json ${what.zh}，${zh}`, en: `config.json ${what.en}; ${en}` },
    { hint, ...(field !== undefined && { field }), ...(cause !== undefined && { cause }) },
  );
}
