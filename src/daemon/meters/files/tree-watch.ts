import { dirname, join, relative, sep } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LOOK_MS } from '../../disk/stat-poll.ts';
import { depthOf, type FoundFolder, foldersBelow, identityOf, isNeverEntered, readFolder } from './file-list.ts';
import { type FileLook, isSameFile, isStillSo, lookOf, reachable } from './file-look.ts';
import { FolderWatches } from './folder-watches.ts';
import { type Hint, HintsOfTurn, type WatchedRoot } from './hints-of-turn.ts';
import { NewestFiles } from './newest-files.ts';

export interface TreeWatchOptions<Root extends WatchedRoot> {
  readonly roots: readonly Root[];
  readonly platform: string;
  /** Gets all hints of one turn of the loop. Each root that is there, or comes to be there, is the first hint of its own. */
  readonly onHints: (hints: readonly Hint<Root>[]) => void;
  /** A folder cannot be read or watched; looking goes on. */
  readonly onFailure: (error: { readonly path: string; readonly code: string }) => void;
}

interface Folder<Root> {
  readonly root: Root;
  readonly below: string;
  look: FileLook;
  signature: number;
}

/** Stats that every third look spends on the folders whose turn it is: 3,000 files take two minutes, and 0.02 % of a core. */
const ROUND_STATS = 30;
const LOOKS_PER_ROUND_STEP = 3;
/** A watch may be deaf, as on a network: what is watched is gone through in every such round. */
const WATCHED_ROUNDS = 20;

/** How long the first walk keeps others waiting at a time: less than a record takes. */
const TURN_MS = 4;

/** Folders of the newest files, whose own look tells of new names in them. */
const HOT_FOLDERS = 6;

/**
 * Hints at changes below the roots: within milliseconds where the system tells events, within a second for the newest files and
 * their folders where it does not, and in rounds for all the rest. Never a reason to believe anything: whoever is hinted at looks.
 */
export class TreeWatch<Root extends WatchedRoot> {
  readonly #options: TreeWatchOptions<Root>;
  readonly #folders = new Map<string, Folder<Root>>();
  /** No folder is taken in twice, by whatever links it is reached. */
  readonly #identities = new Set<string>();
  readonly #newest = new NewestFiles<Root>();
  readonly #watches: FolderWatches;
  readonly #hints: HintsOfTurn<Root>;
  readonly #refused = new Set<string>();
  #round: Iterator<string> = [].values();
  #looks = 0;
  #rounds = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: TreeWatchOptions<Root>) {
    this.#options = options;
    this.#hints = new HintsOfTurn(options.onHints);
    const isRecursive = options.platform === 'win32' || options.platform === 'darwin';
    this.#watches = new FolderWatches({
      isRecursive,
      onEvent: (path) => this.#stirred(path),
      onFailure: options.onFailure,
    });
  }

  /** Once it resolves changes are hinted at; a large tree is gone through in turns with whatever else there is to do. */
  async start(): Promise<void> {
    for (const root of this.#options.roots) {
      let endMs = performance.now() + TURN_MS;
      for (const _ of this.#entering(root)) {
        if (performance.now() < endMs) continue;
        await nextTurn();
        if (this.#isClosed) return;
        endMs = performance.now() + TURN_MS;
      }
    }
    this.#timer = setInterval(() => this.look(), LOOK_MS).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#watches.close();
    this.#hints.clear();
  }

  /** What the timer does: finds by stat what no event has told. */
  look(): void {
    for (const root of this.#options.roots) if (!this.#folders.has(root.path)) this.#enter(root);
    for (const { root, path } of this.#newest.changed()) {
      this.#watch(root, dirname(path));
      this.#hints.add({ root, path, isFolder: false });
    }
    const hot = new Set([...this.#options.roots.map(({ path }) => path), ...this.#newest.folders(HOT_FOLDERS)]);
    for (const path of hot) this.#check(path, false);
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_ROUND_STEP === 0) this.#goRound();
  }

  #goRound(): void {
    for (let spent = 0; spent < ROUND_STATS; ) {
      const next = this.#round.next();
      if (next.done) {
        this.#rounds += 1;
        this.#round = this.#unheard(this.#rounds % WATCHED_ROUNDS === 0).values();
        break;
      }
      spent += 1 + this.#check(next.value, true);
    }
  }

  /** The folders of which no event tells; all of them, where the watches are not to be relied on. */
  #unheard(areAll: boolean): string[] {
    return [...this.#folders].flatMap(([path, { root }]) =>
      areAll || root.isWsl || !this.#watches.has(path, root.path) ? [path] : [],
    );
  }

  #enter(root: Root): void {
    for (const _ of this.#entering(root));
  }

  *#entering(root: Root): Generator<undefined> {
    yield* this.#scanning(root, '');
    if (this.#folders.has(root.path)) this.#hints.add({ root, path: root.path, isFolder: true });
  }

  #scan(root: Root, below: string): void {
    for (const _ of this.#scanning(root, below));
  }

  /** Takes in a folder and what is below it, and watches those where something is written. */
  *#scanning(root: Root, below: string): Generator<undefined> {
    for (const found of foldersBelow(root, below, this.#identities)) {
      if ('code' in found) this.#refuse(found);
      else this.#take(root, found);
      yield;
    }
    if (this.#folders.has(root.path)) this.#watch(root, root.path);
    this.#watchHottest();
  }

  #take(root: Root, { path, below, look, signature, files }: FoundFolder): void {
    this.#refused.delete(path);
    this.#folders.set(path, { root, below, look, signature });
    for (const file of files) this.#newest.offer(root, file);
  }

  /** Gives the few watches to the folders where something is written. */
  #watchHottest(): void {
    for (const path of this.#newest.folders(Number.POSITIVE_INFINITY)) {
      const folder = this.#folders.get(path);
      if (folder) this.#watch(folder.root, path);
    }
    for (const [path, { root }] of this.#folders) {
      if (this.#watches.isFull) return;
      this.#watch(root, path);
    }
  }

  #watch(root: Root, path: string): void {
    // A name that came between the reading of a folder and its watch has moved the folder's own time.
    if (!root.isWsl && this.#watches.add(path, root.path)) this.#check(path, false);
  }

  /** Compares a folder with what is known of it, all of its files too if asked; tells how many files it holds. */
  #check(path: string, isThorough: boolean): number {
    const folder = this.#folders.get(path);
    if (!folder) return 0;
    const { root, below } = folder;
    if (!isThorough) {
      const stat = reachable(path);
      if (stat?.isDirectory() && isStillSo(folder.look, stat)) return 0;
    }
    const found = readFolder(root, below);
    if (!found || 'code' in found || !isSameFile(folder.look, found.look)) {
      this.#forget(path);
      this.#scan(root, below);
      this.#hints.add({ root, path, isFolder: true });
      return 0;
    }
    const isChanged = found.signature !== folder.signature;
    this.#take(root, found);
    for (const name of found.folders) this.#discover(root, join(path, name));
    if (isChanged) this.#hints.add({ root, path, isFolder: true });
    return found.files.length;
  }

  /** The system tells that something happened at a path, or in a folder. */
  #stirred(path: string): void {
    const root = this.#options.roots.filter((one) => isWithin(one.path, path));
    for (const one of root) this.#stirredBelow(one, path);
  }

  #stirredBelow(root: Root, path: string): void {
    if (this.#folders.has(path)) {
      this.#check(path, false);
      return;
    }
    const below = relative(root.path, path).split(sep).join('/');
    const stat = reachable(path);
    if (stat?.isDirectory()) {
      this.#discover(root, path);
      return;
    }
    if (!root.files.test(below)) return;
    // A recursive watch tells of a file before it tells of its new folder.
    if (!this.#folders.has(dirname(path))) this.#discover(root, dirname(path));
    if (stat?.isFile()) this.#newest.offer(root, { path, look: lookOf(stat) });
    this.#watches.touch(dirname(path));
    this.#hints.add({ root, path, isFolder: false });
  }

  /** Takes in a folder that is not known yet, from the highest such above it on. */
  #discover(root: Root, path: string): void {
    if (this.#folders.has(path) || !isWithin(root.path, path)) return;
    const above = dirname(path);
    if (path !== root.path && !this.#folders.has(above)) {
      // What is above brings this one with it.
      this.#discover(root, above);
      return;
    }
    const below = relative(root.path, path).split(sep).join('/');
    if (depthOf(below) > root.depth || isNeverEntered(path)) return;
    this.#scan(root, below);
    if (this.#folders.has(path)) this.#hints.add({ root, path, isFolder: true });
  }

  #forget(path: string): void {
    for (const known of [...this.#folders.keys()]) {
      if (!isWithin(path, known)) continue;
      this.#identities.delete(identityOf(this.#folders.get(known)!.look));
      this.#folders.delete(known);
      this.#watches.remove(known);
    }
  }

  #refuse(failure: { readonly path: string; readonly code: string }): void {
    if (this.#refused.has(failure.path)) return;
    this.#refused.add(failure.path);
    this.#options.onFailure(failure);
  }
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
