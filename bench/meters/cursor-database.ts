import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { loadSqlite } from '../../src/daemon/disk/quiet-sqlite.ts';
import { Dice, TOKEN_CANARY } from './dice.ts';
import { type Gauge, Truth } from './truth.ts';

/** Where Cursor keeps its database, below the user's home on Linux. */
export const CURSOR_DATABASE = '.config/Cursor/User/globalStorage/state.vscdb';

/** What a commit has written of a conversation; no gauge where the row tells none. */
export interface CursorWrite {
  readonly conversation: string;
  readonly gauge?: Gauge;
}

const MODELS = ['claude-4.5-sonnet', 'gpt-5.2', 'default', undefined];
const TABLES = ['ItemTable', 'cursorDiskKV'].map((name) => `${name} (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)`);

/** A `state.vscdb` in WAL mode, as a Cursor that runs holds it open, and what its rows say. */
export class CursorDatabase {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #dice: Dice;
  /** All rows in the order in which they were written last, so of their rowids. */
  readonly #rows = new Map<string, CursorWrite | undefined>();

  constructor(path: string, seed: number) {
    this.path = path;
    this.#dice = new Dice(seed);
    mkdirSync(dirname(path), { recursive: true });
    this.#database = new (loadSqlite().DatabaseSync)(path);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    for (const table of TABLES) this.#database.exec(`CREATE TABLE IF NOT EXISTS ${table}`);
    this.#database.prepare('INSERT INTO ItemTable VALUES (?, ?)').run('cursorAuth/accessToken', TOKEN_CANARY);
    this.#put = this.#database.prepare('INSERT INTO cursorDiskKV VALUES (?, ?)');
  }

  /** Writes the state of one conversation and some of its messages in one commit. */
  write(conversation: string, atMs: number, bubbles = 1, speech = 100): CursorWrite {
    return this.commit(() => this.put(conversation, atMs, bubbles, speech));
  }

  /** The same within a commit of the caller's. */
  put(conversation: string, atMs: number, bubbles = 1, speech = 100): CursorWrite {
    const dice = this.#dice;
    for (let count = 0; count < bubbles; count += 1) {
      const text = JSON.stringify({
        type: 1,
        text: dice.speech(speech),
        tokenCount: { inputTokens: dice.int(1, 999) },
      });
      this.#row(`bubbleId:${conversation}:${dice.uuid()}`, text);
    }
    const state = this.#state(atMs);
    const value = JSON.stringify({
      composerId: conversation,
      lastUpdatedAt: atMs,
      text: dice.speech(30),
      ...state.value,
    });
    const { gauge } = state;
    const write = { conversation, ...(gauge && !conversation.includes('\n') && { gauge }) };
    this.#row(`composerData:${conversation}`, dice.hits(0.1) ? Buffer.from(value) : value, write);
    return write;
  }

  /** A row that is no conversation's state, or a state that cannot be read. */
  putOdd(): void {
    const dice = this.#dice;
    const odd: (readonly [string, string | Buffer | null])[] = [
      [`composerData:${dice.uuid()}`, null],
      [`composerData:${dice.uuid()}`, '{"contextTokensUsed":700'],
      [`composerData:${dice.uuid()}`, Buffer.from([0xff, 0x00, 0x7b])],
      [`composerData:${dice.uuid()}`, '[{"contextTokensUsed":700}]'],
      [`composerData:${dice.uuid()}`, '{"conversation":[]}'],
      [`composerData:${dice.uuid()}`, '{"contextTokensUsed":"many","promptTokenBreakdown":null}'],
      [`composerData`, '{"contextTokensUsed":700}'],
      [`composerDatum:${dice.uuid()}`, '{"contextTokensUsed":700}'],
      [`checkpointId:${dice.uuid()}`, '{"contextTokensUsed":700}'],
    ];
    this.#row(...dice.pick(odd));
  }

  /** The row of a conversation is gone. Where it was the newest, SQLite gives its rowid to the row that comes next. */
  remove(conversation: string): void {
    this.#database.prepare('DELETE FROM cursorDiskKV WHERE key = ?').run(`composerData:${conversation}`);
    this.#rows.delete(`composerData:${conversation}`);
  }

  commit<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    const done = work();
    this.#database.exec('COMMIT');
    return done;
  }

  /** What the newest `rows` rows say of contexts, by rowid. */
  truth(rows = Number.POSITIVE_INFINITY): Truth {
    const truth = new Truth();
    const all = [...this.#rows.values()];
    for (const row of all.slice(Math.max(0, all.length - rows))) {
      if (row?.gauge) truth.gauge('cursor.context', row.conversation, row.gauge);
    }
    return truth;
  }

  /** Empties the log into the database as far as readers let it: true where nothing was in the way. */
  checkpoint(mode: 'PASSIVE' | 'TRUNCATE'): boolean {
    const row = this.#database.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
    return row?.busy === 0 && row.log === row.checkpointed;
  }

  /** As when Cursor ends: without its log. */
  close(): void {
    this.#database.close();
  }

  #row(key: string, value: string | Buffer | null, write?: CursorWrite): void {
    this.#put.run(key, value);
    this.#rows.delete(key);
    this.#rows.set(key, write);
  }

  /** One of the ways in which versions tell a context. */
  #state(atMs: number): { readonly value: Record<string, unknown>; readonly gauge?: Gauge } {
    const dice = this.#dice;
    const used = dice.int(1, 190_000);
    const limit = dice.pick([200_000, 272_000, undefined]);
    const modelName = dice.pick(MODELS);
    const model = modelName === 'default' ? undefined : modelName;
    const told = dice.hits(0.05) ? String(used) : used;
    const value = {
      ...(limit !== undefined && { contextTokenLimit: limit }),
      ...(modelName !== undefined && { modelConfig: { modelName } }),
    };
    const ways: (() => Record<string, unknown>)[] = [
      () => ({ contextTokensUsed: told }),
      () => ({ contextTokensUsed: dice.int(1, 9), promptTokenBreakdown: { totalUsedTokens: told } }),
      () => ({ contextTokensUsed: told, promptTokenBreakdown: { totalUsedTokens: 0 } }),
      () => ({ contextTokensUsed: told, promptTokenBreakdown: {} }),
      () => ({ promptTokenBreakdown: { totalUsedTokens: told } }),
    ];
    return { value: { ...value, ...dice.pick(ways)() }, gauge: { used, limit, model, atMs } };
  }
}

export interface CursorOptions {
  readonly conversations?: number;
  /** Rows in all, most of them messages. */
  readonly rows?: number;
  /** Characters of each message, more or less. */
  readonly speech?: number;
  readonly nowMs?: number;
}

/** The database of a Cursor below `root`, still open, as somebody has filled it. */
export function makeCursorHome(root: string, seed: number, options: CursorOptions = {}): CursorDatabase {
  const { conversations = 40, rows = 600, speech = 100, nowMs = Date.UTC(2026, 10, 20) } = options;
  const dice = new Dice(seed);
  const database = new CursorDatabase(join(root, CURSOR_DATABASE), seed + 1);
  const names = Array.from({ length: conversations }, () => conversationName(dice));
  const bubbles = Math.max(1, Math.floor(rows / conversations / 2));
  // Each is written about twice; what was written last by rowid need not be the last by name.
  for (let count = 0; count < conversations * 2; count += 1) {
    database.commit(() => {
      const name = count < conversations ? names[count]! : dice.pick(names);
      database.put(name, nowMs - (conversations * 2 - count) * 1000, dice.int(0, 2 * bubbles), speech);
      if (dice.hits(0.1)) database.putOdd();
    });
  }
  return database;
}

/** Ids with a newline are sub-conversations of tools. */
function conversationName(dice: Dice): string {
  if (dice.hits(0.05)) return `${dice.uuid()}\ntool`;
  return dice.hits(0.03) ? `__proto__${dice.hex(4)}` : dice.uuid();
}
