import { relative, sep } from 'node:path';
import type { Tool } from '../../../../protocol/meters.ts';
import type { MeterSettings } from '../../../../shared/settings.ts';
import { type FoundFile, foldersBelow, type SearchedRoot } from '../../files/file-list.ts';
import { type FileLook, isUntouched, lookOf, reachable, statOf, writtenMsOf } from '../../files/file-look.ts';
import { BATCH_BYTES } from '../../files/line-tail.ts';
import { unreadableTrouble } from '../reader-text.ts';
import type { LookOrder, RootOrder } from '../reader-words.ts';
import type { SourceStandings } from '../source-standings.ts';
import type { LogReader } from './log-reader.ts';
import type { WaitingFile, WaitingFiles } from './waiting-files.ts';

/** A root with what its files are called. */
export interface ReadRoot extends SearchedRoot {
  readonly tool: Tool;
  readonly form: RootOrder['form'];
}

/** A folder in which no more files have changed is one that somebody writes to; more are its past. */
const MOST_LIVE = 16;

/** The logs that somebody may be writing to are among so many, those that were written last. */
const NEWEST = 50;

const DAY_MS = 86_400_000;

export interface TouchedFilesOptions {
  readonly roots: readonly ReadRoot[];
  readonly logs: LogReader;
  readonly waiting: WaitingFiles;
  readonly standings: SourceStandings;
  readonly settings: () => MeterSettings;
  readonly now: () => number;
}

/** Finds the logs that are not as they were read, which then wait to be read. Nothing is opened for it. */
export class TouchedFiles {
  readonly #options: TouchedFilesOptions;

  constructor(options: TouchedFilesOptions) {
    this.#options = options;
  }

  /** Finds them in a root, folder by folder. */
  *in(root: ReadRoot, looks: readonly number[]): Generator<undefined, void> {
    this.#take(root, root.path, yield* this.#filesIn(root, root.path), looks, 0);
  }

  /** Looks at one place at once. */
  look({ tool, path, isFolder }: LookOrder, looks: readonly number[]): void {
    const root = rootAbove(this.#options.roots, tool, path);
    if (!root) return;
    const stat = reachable(path);
    if (stat?.isDirectory()) this.#take(root, path, allOf(this.#filesIn(root, path)), looks);
    else if (isFolder) this.#forgetGone(tool, path, new Set());
    else if (isOfRoot(root, path)) {
      const now = stat && lookOf(stat);
      if (this.#isToRead(path, now))
        this.#add({ tool, path, looks, writtenMs: now ? writtenMsOf(now) : 0, isLive: this.#isShort(path, now) });
    }
  }

  /** Looks at the logs that were written last, of which no event may have come yet. */
  lookAtNewest(): void {
    const newest = [...this.#options.logs.known]
      .map(([path, { tool, place }]) => ({ path, tool, writtenMs: writtenMsOf(place.look) }))
      .sort((one, other) => other.writtenMs - one.writtenMs)
      .slice(0, NEWEST);
    for (const { tool, path } of newest) this.look({ tool, path, isFolder: false }, []);
  }

  /** Looks again at what could not be read; what is gone is no trouble any more. */
  tryAgain(): void {
    const { standings, logs } = this.#options;
    for (const { tool, path } of standings.troubled()) {
      if (isGone(path)) standings.at(tool, path);
      else if (reachable(path)?.isDirectory()) this.look({ tool, path, isFolder: true }, []);
      else this.#add({ tool, path, looks: [], isAgain: logs.known.get(path)?.place.isAgain ?? false });
    }
  }

  /** Files in a folder of a root, a piece for each folder; what cannot be listed is told as it is found, for it may change meanwhile. */
  *#filesIn(root: ReadRoot, path: string): Generator<undefined, readonly FoundFile[]> {
    const { standings } = this.#options;
    const files: FoundFile[] = [];
    for (const found of foldersBelow(root, belowOf(root, path), new Set())) {
      if ('code' in found) standings.at(root.tool, found.path, unreadableTrouble(found.path, found.code));
      else {
        standings.at(root.tool, found.path);
        for (const file of found.files) files.push(file);
      }
      yield;
    }
    return files;
  }

  #take(
    { tool }: ReadRoot,
    path: string,
    files: readonly FoundFile[],
    looks: readonly number[],
    mostLive = MOST_LIVE,
  ): void {
    const touched = files.filter((file) => this.#isToRead(file.path, file.look));
    const areLive = touched.length <= mostLive;
    for (const { path: at, look } of touched) {
      const isLive = areLive && this.#isShort(at, look);
      this.#add({ tool, path: at, writtenMs: writtenMsOf(look), isLive, looks });
    }
    this.#forgetGone(tool, path, new Set(files.map((file) => file.path)));
  }

  #add(file: Partial<WaitingFile> & Pick<WaitingFile, 'tool' | 'path' | 'looks'>): void {
    this.#options.waiting.add({ writtenMs: 0, isLive: true, isAgain: false, ...file });
  }

  #forgetGone(tool: Tool, folder: string, found: ReadonlySet<string>): void {
    const { logs } = this.#options;
    for (const [path, log] of logs.known) {
      if (log.tool === tool && !found.has(path) && isWithin(folder, path) && isGone(path)) logs.forget(path);
    }
  }

  /** What is longer than a batch holds up what others write, and is read like the past, the newest first. */
  #isShort(path: string, look: FileLook | undefined): boolean {
    const read = this.#options.logs.known.get(path)?.place.offset ?? 0;
    return look === undefined || look.size - read <= BATCH_BYTES;
  }

  /** Of a log that is gone nothing can be read, but that is to be known. */
  #isToRead(path: string, look: FileLook | undefined): boolean {
    const known = this.#options.logs.known.get(path);
    if (known) return !look || !isUntouched(known.place.look, look);
    const { backfill_days: days } = this.#options.settings();
    return look !== undefined && (days === 'all' || writtenMsOf(look) >= this.#options.now() - days * DAY_MS);
  }
}

function allOf<T>(steps: Generator<undefined, T>): T {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** Not where we may not look. */
function isGone(path: string): boolean {
  try {
    return statOf(path) === undefined;
  } catch {
    return false;
  }
}

export function rootFrom({ tool, form, path, depth, files }: RootOrder): ReadRoot {
  return { tool, form, path, depth, files: new RegExp(files) };
}

/** The root of a tool that a file or folder lies in. */
function rootAbove(roots: readonly ReadRoot[], tool: Tool, path: string): ReadRoot | undefined {
  return roots.find((root) => root.tool === tool && isWithin(root.path, path));
}

/** True where the tool may have written the file. */
function isOfRoot(root: ReadRoot, path: string): boolean {
  return root.files.test(belowOf(root, path));
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function belowOf(root: ReadRoot, path: string): string {
  return relative(root.path, path).split(sep).join('/');
}
