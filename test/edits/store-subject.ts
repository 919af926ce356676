import { copyFileSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import type { Session, Usage, Warning } from '../../src/protocol/methods.ts';
import { OpenedStore } from '../daemon/store/opened-store.ts';
import type { Count, Subject, Way } from './subject.ts';

export interface StoreOptions {
  /** A folder of its own, where it makes one data folder after the other. */
  readonly scratch: string;
  readonly maxSegmentBytes: number;
}

/** Ledger, state file and monitor in this process, on a clock of their own; a crash is a copy of the folder in the midst of work. */
export class StoreSubject implements Subject {
  readonly #options: StoreOptions;
  #store: OpenedStore;
  #lives = 0;
  #nowMs = Date.UTC(2026, 0, 15, 12);

  private constructor(options: StoreOptions, store: OpenedStore) {
    this.#options = options;
    this.#store = store;
  }

  static async open(options: StoreOptions): Promise<StoreSubject> {
    const subject = new StoreSubject(options, undefined as unknown as OpenedStore);
    await subject.#open(join(options.scratch, 'life-0'));
    return subject;
  }

  get folder(): string {
    return this.#store.folder;
  }

  /** Files that this process holds open itself are no other program's. */
  readonly heldPath = undefined;

  text(): string {
    return this.#store.text();
  }

  write(text: string, way: Way): void {
    this.#store.write(text, way);
  }

  async record({ id, tokens, sync_type }: Count & { readonly sync_type: string }): Promise<{ isBehind: boolean }> {
    const { state_file } = await this.#store.record(tokens, { id, sync_type: sync_type as 'auto' });
    return { isBehind: state_file === 'behind' };
  }

  async import(counts: readonly Count[]): Promise<void> {
    await this.#store.import(counts);
  }

  async undo(id: string): Promise<void> {
    await this.#store.undo(id);
  }

  async setTotal(total: number): Promise<void> {
    await this.#store.setTotal(total);
  }

  adopt(): Promise<void> {
    return this.#store.adopt();
  }

  async settle(wrong: () => Promise<string[]>): Promise<string[]> {
    await this.#store.adopt();
    return wrong();
  }

  async usage(): Promise<Usage> {
    return this.#store.usage;
  }

  async warnings(): Promise<readonly Warning[]> {
    return this.#store.warnings.list();
  }

  history(): Promise<Session[]> {
    return this.#store.history();
  }

  async restart(meanwhile: () => void): Promise<void> {
    await this.#store.close();
    meanwhile();
    await this.#open(this.folder);
  }

  async crash(work: () => Promise<unknown>, random: () => number): Promise<void> {
    const dead = this.#store;
    const done = work();
    for (let ticks = Math.floor(random() ** 2 * 60); ticks > 0; ticks--) await new Promise(setImmediate);
    const folder = join(this.#options.scratch, `life-${++this.#lives}`);
    copyAsItLies(dead.folder, folder);
    await done.catch(() => undefined);
    await dead.close();
    rmSync(dead.folder, { recursive: true });
    await this.#open(folder);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  async end(): Promise<void> {
    await this.#store.close();
    rmSync(this.folder, { recursive: true });
  }

  async #open(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true });
    const { maxSegmentBytes } = this.#options;
    this.#store = await OpenedStore.open(folder, { maxSegmentBytes, now: () => this.#nowMs });
  }
}

/** Copies a folder while others write there. The state file comes first: no crash leaves one that is ahead of its ledger. */
function copyAsItLies(from: string, to: string): void {
  const names = readdirSync(from, { recursive: true, encoding: 'utf8' });
  for (const name of [STATE_FILE, ...names.filter((other) => other !== STATE_FILE)]) {
    try {
      if (statSync(join(from, name)).isDirectory()) continue;
      mkdirSync(dirname(join(to, name)), { recursive: true });
      copyFileSync(join(from, name), join(to, name));
    } catch (error) {
      // A temporary file that has become the real one meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}
