import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Monitor } from '../../../src/daemon/monitor.ts';
import { importOperation, recordOperation, totalOperation, undoOperation } from '../../../src/daemon/operations.ts';
import { Warnings } from '../../../src/daemon/process/warnings.ts';
import { createQueries, type Queries } from '../../../src/daemon/queries/queries.ts';
import type { LedgerChange } from '../../../src/daemon/rules/change.ts';
import type { BudgetNow, Reading } from '../../../src/daemon/rules/record.ts';
import type { FoundRow } from '../../../src/daemon/store/index/reading/reader.ts';
import { Store } from '../../../src/daemon/store/store.ts';
import { type Notice, Subscribers } from '../../../src/daemon/subscribers.ts';
import { HISTORY_FILE, STATE_FILE } from '../../../src/protocol/addresses.ts';
import type { Change, Receipt, Session, Usage } from '../../../src/protocol/methods.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { scratchFolder } from '../../support/scratch.ts';

export interface OpenOptions {
  readonly maxSegmentBytes?: number;
  readonly now?: () => number;
  readonly budget?: () => BudgetNow;
}

/** The changes among what subscribers are told. */
function changesOf(notices: readonly Notice[]): Change[] {
  return notices.flatMap(({ method, params }) => (method === 'usage.changed' ? [params] : []));
}

/** Opens a store as the daemon does; closed when the test is over. */
export async function openStore(folder: string, options: OpenOptions = {}): Promise<OpenedStore> {
  const opened = await OpenedStore.open(folder, options);
  onTestFinished(() => opened.close());
  return opened;
}

/** Stops a store and opens it anew, as a restart of the daemon does. */
export async function reopened(opened: OpenedStore, options: OpenOptions = {}): Promise<OpenedStore> {
  await opened.close();
  return openStore(opened.folder, options);
}

/** Ledger, state file and monitor on one folder, without a network around them. */
export class OpenedStore {
  readonly folder: string;
  readonly store: Store;
  readonly monitor: Monitor;
  readonly queries: Queries;
  readonly warnings: Warnings;
  readonly replayed: LedgerChange[];
  /** The changes that subscribers were told, in order. */
  readonly told: Change[] = [];
  #isClosed = false;
  #nextId = 1;

  private constructor(folder: string, store: Store, monitor: Monitor, warnings: Warnings, replayed: LedgerChange[]) {
    this.folder = folder;
    this.store = store;
    this.monitor = monitor;
    this.queries = createQueries(store.history, monitor, { onFault: (error) => store.history.noteFault(error) });
    this.warnings = warnings;
    this.replayed = replayed;
  }

  static async open(folder: string, options: OpenOptions = {}): Promise<OpenedStore> {
    const warnings = new Warnings();
    const replayed: LedgerChange[] = [];
    const store = await Store.open({
      folder,
      stateFile: join(folder, STATE_FILE),
      warnings,
      onReplay: (change) => replayed.push(change),
      ...options,
    });
    const subscribers = new Subscribers((error) => {
      throw error;
    });
    const { now, budget } = options;
    const monitor = new Monitor({ store, subscribers, ...(budget && { budget }), ...(now && { now }) });
    store.onUnsettled = () => void monitor.adoptEdits().catch(() => undefined);
    const opened = new OpenedStore(folder, store, monitor, warnings, replayed);
    const tell = (notices: readonly Notice[]) => opened.told.push(...changesOf(notices));
    monitor.subscribe({ tell });
    await monitor.adoptEdits();
    return opened;
  }

  get usage(): Usage {
    return this.monitor.usage();
  }

  /** Records a count to add, or whatever else is asked for. */
  record(tokens: number, more: Partial<Reading> = {}): Promise<Receipt> {
    return this.monitor.submit(recordOperation(this.#reading(tokens, more), 'rpc'));
  }

  import(counts: readonly (Partial<Reading> & { readonly tokens: number })[]) {
    const items = counts.map((more) => ({ reading: this.#reading(more.tokens, { sync_type: 'import', ...more }) }));
    return this.monitor.submit(importOperation(items, 'rpc'));
  }

  undo(id = `undo-${this.#nextId++}`): Promise<Receipt> {
    return this.monitor.submit(undoOperation(id, 'rpc'));
  }

  setTotal(total: number): Promise<Usage> {
    return this.monitor.submit(totalOperation(total, 'rpc'));
  }

  adopt(): Promise<void> {
    return this.monitor.adoptEdits();
  }

  /** Every session as the history has it, in the order of the ledger. */
  async rows(): Promise<FoundRow[]> {
    await this.store.history.settled();
    const { reader } = this.store.history;
    return Array.from({ length: reader.sessions }, (_, ordinal) => reader.session(ordinal)!);
  }

  /** Every session of the ledger, newest first. */
  async history(): Promise<Session[]> {
    const all: Session[] = [];
    for (let before: string | undefined; ; ) {
      const page = await this.queries.history({ limit: 1_000, ...(before !== undefined && { before }) });
      all.push(...page.sessions);
      if (page.next === undefined) return all;
      before = page.next;
    }
  }

  async historyIds(): Promise<(string | undefined)[]> {
    return (await this.history()).map(({ id }) => id);
  }

  /** The state file's text at this moment. */
  text(): string {
    return readFileSync(join(this.folder, STATE_FILE), 'utf8');
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tests check the shape
  state(): any {
    return JSON.parse(this.text());
  }

  /** Writes the state file in place, as most editors do, or by rename, as careful programs do. */
  write(content: string | object, way: 'in place' | 'by rename' = 'in place'): void {
    const path = join(this.folder, STATE_FILE);
    const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
    if (way === 'in place') {
      writeFileSync(path, text);
      return;
    }
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  }

  /** Changes the state file as a person does who loads, changes and saves it. */
  // biome-ignore lint/suspicious/noExplicitAny: a test changes what it likes
  edit(change: (state: any) => void, way?: 'in place' | 'by rename'): void {
    const state = this.state();
    change(state);
    this.write(state, way);
  }

  /** A folder with what lies on disk at this moment, as a crash leaves it. */
  crashed(state = this.text()): string {
    const folder = temporaryFolder();
    cpSync(join(this.folder, 'ledger'), join(folder, 'ledger'), { recursive: true, preserveTimestamps: true });
    for (const name of historyFiles(this.folder)) cpSync(join(this.folder, name), join(folder, name));
    writeFileSync(join(folder, STATE_FILE), state);
    return folder;
  }

  warningCodes(): string[] {
    return this.warnings.list().map(({ code }) => code);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.monitor.close();
    await this.queries.close();
    await this.store.close();
  }

  #reading(tokens: number, more: Partial<Reading>): Reading {
    return {
      id: `r${this.#nextId++}-${Math.random().toString(36).slice(2, 8)}`,
      tokens,
      unit: 1,
      sync_type: 'auto',
      event: '',
      conversation_id: '',
      ...more,
    };
  }
}

/** The text of a state file without its mark, which is another one after each change. */
export function unmarked(text: string): string {
  const mark = String.raw`"mark": "\d+:[0-9a-f]{8}"`;
  return text.replace(new RegExp(String.raw`\s*${mark},|,\s*${mark}`), '');
}

/** The files of a folder's ledger: the segments, or everything with `all`. */
export function ledgerFiles(folder: string, which: 'segments' | 'aside' = 'segments'): string[] {
  const isSegment = (name: string) => /^\d{6}\.jsonl$/.test(name);
  return readdirSync(join(folder, 'ledger'))
    .filter((name) => !name.startsWith('.') && isSegment(name) === (which === 'segments'))
    .sort();
}

/** The database of a folder's history with what lies beside it: its log, and what was set aside. */
export function historyFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(HISTORY_FILE.replace(/db$/, '')))
    .sort();
}

export function segmentPath(folder: string, number: number): string {
  return join(folder, 'ledger', `${String(number).padStart(6, '0')}.jsonl`);
}

/** A folder with the given files and nothing else, to be opened as after a crash. */
export function folderOf(parent: string, files: Readonly<Record<string, string | Buffer>>): string {
  const folder = scratchFolder(parent);
  mkdirSync(join(folder, 'ledger'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Everything that lies in a data folder, by name. */
export function filesOf(folder: string): Record<string, Buffer> {
  const names = [STATE_FILE, ...readdirSync(join(folder, 'ledger')).map((name) => join('ledger', name))];
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
}
