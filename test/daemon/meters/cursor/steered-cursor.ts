import { once } from 'node:events';
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type CursorLook, type CursorState, lookAtCursor } from '../../../../src/daemon/meters/cursor/cursor-reader.ts';
import { CURSOR_DATABASE } from '../../../../src/daemon/meters/cursor/cursor-signal.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { type ChildProcess, fork } from '../../../support/programs.ts';

/** Statements one after the other, or one with values, whose rows are answered. */
export interface SteeredOrder {
  readonly sql: string;
  readonly values?: readonly (string | number | null)[];
}

export const TABLES = `create table ItemTable (key text unique on conflict replace, value blob);
  create table cursorDiskKV (key text unique on conflict replace, value blob)`;

/** A process that does to Cursor's database what a test says: SQLite's locks are of a process, so that none of them can be the test's own. */
export class SteeredCursor {
  readonly path: string;
  readonly #child: ChildProcess;

  private constructor(path: string) {
    this.path = path;
    this.#child = fork(join(import.meta.dirname, 'steered-writer.ts'), [path], { execArgv: ['--no-warnings'] });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** With Cursor's tables, in a folder of its own. */
  static async start(journal: 'wal' | 'delete' | 'persist' = 'wal', path = join(temporaryFolder(), CURSOR_DATABASE)) {
    mkdirSync(dirname(path), { recursive: true });
    const cursor = new SteeredCursor(path);
    await cursor.run(`pragma journal_mode = ${journal}; ${TABLES}`);
    return cursor;
  }

  /** Opens what is there. */
  static async open(path: string) {
    const cursor = new SteeredCursor(path);
    await cursor.run('select 1');
    return cursor;
  }

  async run(sql: string, ...values: readonly (string | number | null)[]): Promise<Record<string, unknown>[]> {
    this.#child.send(values.length > 0 ? { sql, values } : { sql });
    const [answer] = (await once(this.#child, 'message')) as [{ rows: Record<string, unknown>[]; error?: string }];
    if (answer.error) throw new Error(answer.error);
    return answer.rows;
  }

  /** A conversation at so many tokens, as Cursor writes it. */
  async say(conversation: string, used: number, lastUpdatedAt?: number): Promise<void> {
    const value = JSON.stringify({ contextTokensUsed: used, ...(lastUpdatedAt && { lastUpdatedAt }) });
    await this.run('insert into cursorDiskKV values (?, ?)', `composerData:${conversation}`, value);
  }

  async note(key: string, value: string | null = 'x'): Promise<void> {
    await this.run('insert into cursorDiskKV values (?, ?)', key, value);
  }

  async forget(...conversations: readonly string[]): Promise<void> {
    for (const name of conversations) await this.run('delete from cursorDiskKV where key = ?', `composerData:${name}`);
  }

  /** As when Cursor ends. */
  async end(): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** Looks one after the other, each with what the one before it left, kept as JSON. */
export class Looker {
  readonly #path: string;
  readonly #isWsl: boolean;
  #state: string | undefined;
  #nowMs = Date.now();
  last: CursorLook | undefined;

  constructor(path: string, isWsl = false) {
    this.#path = path;
    this.#isWsl = isWsl;
  }

  /** What the last look left. */
  get state(): string | undefined {
    return this.#state;
  }

  /** Answers what was told, as `conversation used`, oldest first. */
  look(afterMs = 1): string[] {
    this.#nowMs = Math.max(Date.now(), this.#nowMs) + afterMs;
    const known = this.#state === undefined ? undefined : (JSON.parse(this.#state) as CursorState);
    this.last = lookAtCursor({ path: this.#path, isWsl: this.#isWsl }, known, this.#nowMs);
    this.#state = this.last.state && JSON.stringify(this.last.state);
    return this.last.observations.map(({ conversation, used }) => `${conversation} ${used}`);
  }
}

/** Every file of a folder, with all that a write would move; the time of the last change is left out, because SQLite gives side files their owner anew when root opens them. */
export function listing(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const { ino, size, mtimeNs, mode, uid } = statSync(join(folder, name), { bigint: true });
      return `${name} ${ino} ${size} ${mtimeNs} ${mode} ${uid}`;
    });
}
