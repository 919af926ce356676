import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STATE_FILE } from '../../src/protocol/addresses.ts';
import type { Session, Usage, Warning } from '../../src/protocol/methods.ts';
import { RunningDaemon } from '../durability/running-daemon.ts';
import type { Count, Subject, Way } from './subject.ts';

export interface DaemonSubjectOptions {
  readonly program: string;
  readonly folder: string;
}

/** An edit is adopted within a second; this much more is granted to a machine that does ten other things. */
const ADOPTED_WITHIN_MS = 10_000;

/** A crash comes at any instant up to this, by when a daemon has dealt with whatever it was given. */
const CRASH_WITHIN_MS = 40;

/** A real daemon process, over its state file and JSON-RPC; a crash is a SIGKILL. */
export class DaemonSubject implements Subject {
  readonly #options: DaemonSubjectOptions;
  #daemon: RunningDaemon;
  #first: string | undefined;

  private constructor(options: DaemonSubjectOptions, daemon: RunningDaemon) {
    this.#options = options;
    this.#daemon = daemon;
  }

  static async open(options: DaemonSubjectOptions): Promise<DaemonSubject> {
    return new DaemonSubject(options, await RunningDaemon.start(options));
  }

  get folder(): string {
    return this.#daemon.folder;
  }

  get heldPath(): string {
    return join(this.folder, STATE_FILE);
  }

  text(): string {
    return readFileSync(this.heldPath, 'utf8');
  }

  write(text: string, way: Way): void {
    const path = way === 'in place' ? this.heldPath : `${this.heldPath}.tmp`;
    writeFileSync(path, text);
    if (way === 'by rename') renameSync(path, this.heldPath);
  }

  async record(count: Count & { readonly sync_type: string }): Promise<{ isBehind: boolean }> {
    const { state_file } = await this.#call('usage.record', count);
    this.#first ??= count.id;
    return { isBehind: state_file === 'behind' };
  }

  async import(counts: readonly Count[]): Promise<void> {
    await this.#call('usage.import', { sessions: counts });
  }

  async undo(id: string): Promise<void> {
    await this.#call('usage.undo', { id });
  }

  async setTotal(total: number): Promise<void> {
    await this.#call('usage.set_total', { total });
  }

  /** A reading that is known already changes nothing; like any other it is looked at when all before it is taken over. */
  async adopt(): Promise<void> {
    if (this.#first === undefined) return;
    await this.#call('usage.record', { tokens: 1, sync_type: 'auto', id: this.#first });
  }

  async settle(wrong: () => Promise<string[]>, isChange: boolean): Promise<string[]> {
    // A save that changes nothing would not show that the daemon has looked.
    if (!isChange) await this.adopt();
    const deadlineMs = performance.now() + ADOPTED_WITHIN_MS;
    for (;;) {
      const found = await this.#tried(wrong);
      if (found.length === 0 || performance.now() > deadlineMs) return found;
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
  }

  async usage(): Promise<Usage> {
    return this.#call('usage.get') as Promise<Usage>;
  }

  warnings(): Promise<readonly Warning[]> {
    return this.#daemon.warnings();
  }

  async history(): Promise<Session[]> {
    const sessions: Session[] = [];
    for (let before: string | undefined; ; ) {
      const page = await this.#call('usage.history', { limit: 1_000, ...(before !== undefined && { before }) });
      sessions.push(...page.sessions);
      if (page.next === undefined) return sessions;
      before = page.next;
    }
  }

  async restart(meanwhile: () => void): Promise<void> {
    this.#daemon.process.kill('SIGTERM');
    await this.#daemon.ended;
    meanwhile();
    await this.#start();
  }

  async crash(work: () => Promise<unknown>, random: () => number): Promise<void> {
    const done = work().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, random() ** 2 * CRASH_WITHIN_MS));
    await this.#daemon.kill();
    await done;
    await this.#start();
  }

  nowMs(): number {
    return Date.now();
  }

  pass(): void {
    // The daemon's clock is the system's.
  }

  async end(): Promise<void> {
    await this.#daemon.kill();
  }

  async #start(): Promise<void> {
    this.#daemon = await RunningDaemon.start(this.#options);
  }

  // biome-ignore lint/suspicious/noExplicitAny: each caller knows what it asked for
  async #call(method: string, params: unknown = {}): Promise<any> {
    const { result, error } = await this.#daemon.rpc(method, params);
    if (error) throw new Error(`${method} was refused: ${JSON.stringify(error)}`);
    return result;
  }

  /** A file that somebody is writing is none for a moment. */
  async #tried(wrong: () => Promise<string[]>): Promise<string[]> {
    try {
      return await wrong();
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return [String(error)];
      throw error;
    }
  }
}
