import { lstatSync } from 'node:fs';
import { LOOK_MS, pollStat, TICK_MS } from '../../disk/stat-poll.ts';
import type { Monitor } from '../../monitor.ts';
import type { Warnings } from '../../process/warnings.ts';
import { Arrivals, type SeenFile } from './arrivals.ts';
import { claimFile, claimOf } from './drop-claim.ts';
import { DropIntake } from './drop-intake.ts';
import { DropReader } from './drop-reader.ts';
import { DropWatch } from './drop-watch.ts';
import { type DroppedName, isUnfinished, listDropped } from './dropped-names.ts';

export interface DropFolderOptions {
  readonly path: string;
  readonly monitor: Pick<Monitor, 'submit'>;
  readonly warnings: Warnings;
  /** Records what the clipboard holds; `id` is that of the reading. */
  readonly syncClipboard: (id: string) => Promise<unknown>;
  /** How the command line is called. */
  readonly command: string;
  readonly onFailure: (error: unknown) => void;
}

/** A file of this name asks for the clipboard to be read, whatever it holds. */
const TRIGGER = 'clipboard';

/** The trigger under the name of an editor that adds an ending, or of a file system that knows no case; only while it is empty, because a figure in it is a value. */
const EMPTY_TRIGGER = /^clipboard(?:\.txt)?$/i;

/**
 * Events may be lost for good, and not every change of the folder's files is one of the folder, so that it is looked at
 * this often without any; on Windows, where a folder's times tell little, often enough to do without them.
 */
const SCAN_MS = process.platform === 'win32' ? 500 : 60_000;

/** A file that is in use is tried again after this, at the earliest. */
const IN_USE_MS = 20;

/** Takes every file that is put into the drop folder: events say when to look, and only a scan decides. */
export class DropFolder {
  readonly #path: string;
  readonly #watch: DropWatch;
  readonly #arrivals: Arrivals;
  readonly #intake: DropIntake;
  readonly #onFailure: DropFolderOptions['onFailure'];
  readonly #endPoll: () => void;
  readonly #scans: NodeJS.Timeout;
  /** Runs out a tick after the folder was last seen to change. */
  readonly #afterTick: NodeJS.Timeout;
  #wake: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #folder: string | undefined;
  #isFirst = true;
  #turn: Promise<void> | undefined;
  #isStirred = false;
  #isClosed = false;

  constructor({ path, monitor, warnings, syncClipboard, command, onFailure }: DropFolderOptions) {
    this.#path = path;
    this.#onFailure = onFailure;
    const reader = new DropReader();
    this.#arrivals = new Arrivals({
      isSignal: (name) => name === TRIGGER,
      isFinished: (file) => reader.isFinished(file.path),
    });
    this.#intake = new DropIntake({
      folder: path,
      reader,
      monitor,
      warnings,
      onSignal: syncClipboard,
      isSignal: (name, isEmpty) => name === TRIGGER || (EMPTY_TRIGGER.test(name) && isEmpty()),
      command,
      onFailure,
    });
    this.#watch = new DropWatch({
      path,
      warnings,
      onHint: (name, kind) => {
        if (name === '' || isUnfinished(name)) return;
        // Elsewhere one event stands for several, and none tells a rename from a write.
        if (process.platform === 'linux') this.#arrivals.hint(name, kind, performance.now());
        this.#stir();
      },
      onFailure,
    });
    this.#scans = setInterval(() => this.#stir(), SCAN_MS).unref();
    this.#afterTick = setTimeout(() => this.#stir(), TICK_MS).unref();
    // At once: whoever hears that the daemon is there may drop a file.
    this.#watch.check();
    this.#endPoll = pollStat(path, () => {
      this.#afterTick.refresh();
      this.#stir();
    });
    this.#stir();
  }

  /** Resolves when files that are dropped from then on are taken in the order of their appearing. */
  get ready(): Promise<unknown> {
    return this.#watch.ready;
  }

  /** Ends the watch; what is being recorded is finished, the rest waits for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endPoll();
    clearInterval(this.#scans);
    clearTimeout(this.#afterTick);
    this.#cancelWake();
    await this.#watch.close();
    await this.#turn;
  }

  /** Has the folder looked at when what the system has to tell at the moment is heard. */
  #stir(): void {
    if (this.#isClosed) return;
    this.#isStirred = true;
    if (this.#turn) return;
    this.#cancelWake();
    this.#wake = setImmediate(() => {
      this.#turn ??= this.#run().finally(() => {
        this.#turn = undefined;
        if (this.#isStirred) this.#stir();
      });
    });
  }

  async #run(): Promise<void> {
    this.#isStirred = false;
    // The obstacle may go without a sign.
    let waitMs = LOOK_MS;
    try {
      waitMs = await this.#look();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code) this.#watch.complain(error);
      else this.#onFailure(error);
    }
    if (waitMs === Infinity || this.#isClosed) return;
    this.#wake = setTimeout(() => this.#stir(), Math.min(waitMs, LOOK_MS));
  }

  /** Takes what there is to take; tells in how many milliseconds there may be more without a sign, `Infinity` for none. */
  async #look(): Promise<number> {
    const folder = this.#watch.check();
    if (folder === undefined) return LOOK_MS;
    // The events of what is older than this have been heard, and those of what comes while files are looked at will be.
    const scan = this.#arrivals.beginScan(performance.now(), Date.now());
    const names = listDropped(this.#path);
    if (folder !== this.#folder) {
      this.#folder = folder;
      this.#recover(names);
    }
    const files: SeenFile[] = [];
    let isAllClaimed = true;
    for (const [at, dropped] of names.entries()) {
      if (at % 500 === 499) await new Promise(setImmediate);
      if (isUnfinished(dropped.name)) continue;
      const stat = lstatSync(dropped.path, { bigint: true, throwIfNoEntry: false });
      if (!stat || stat.isDirectory()) continue;
      const file = { ...dropped, inode: stat.ino, size: stat.size, writtenNs: stat.mtimeNs };
      if (stat.isFile()) files.push(file);
      else isAllClaimed = this.#claim(file, true) && isAllClaimed;
    }
    this.#arrivals.observe(files, scan);
    for (const file of this.#arrivals.takeWhole(scan.nowMs)) {
      isAllClaimed = this.#claim(file, !file.isFinished) && isAllClaimed;
    }
    this.#isFirst = false;
    await this.#intake.work();
    const next = Math.min(this.#arrivals.nextMs() ?? Infinity, this.#intake.nextMs() ?? Infinity);
    return Math.max(next - performance.now(), isAllClaimed ? 0 : IN_USE_MS);
  }

  #claim(file: SeenFile, isDoubtful: boolean): boolean {
    const claim = claimFile(this.#path, file);
    if (claim) this.#intake.add(claim, { isDoubtful, hasWaited: this.#isFirst });
    return claim !== undefined;
  }

  /** Takes up what a daemon had claimed that did not live to record or remove it. */
  #recover(names: readonly DroppedName[]): void {
    const claims = names.flatMap(({ name }) => {
      const claim = claimOf(this.#path, name);
      const stat = claim && lstatSync(claim.path, { bigint: true, throwIfNoEntry: false });
      return claim && stat ? { claim, stat } : [];
    });
    // In the order in which they were written, as `Arrivals` takes them.
    claims.sort((one, other) => Number(one.stat.mtimeNs - other.stat.mtimeNs) || Number(one.stat.ino - other.stat.ino));
    for (const { claim } of claims) this.#intake.add(claim, { isDoubtful: true, hasWaited: this.#isFirst });
  }

  #cancelWake(): void {
    clearImmediate(this.#wake as NodeJS.Immediate);
    clearTimeout(this.#wake as NodeJS.Timeout);
    this.#wake = undefined;
  }
}
