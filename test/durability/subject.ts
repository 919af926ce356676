import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { storageFailed } from '../../src/daemon/disk/storage-failure.ts';
import { Monitor } from '../../src/daemon/monitor.ts';
import { importOperation, recordOperation, totalOperation, undoOperation } from '../../src/daemon/operations.ts';
import { writeDaemonFile } from '../../src/daemon/process/daemon-file.ts';
import { openDataFolder } from '../../src/daemon/process/data-folder.ts';
import { Warnings } from '../../src/daemon/process/warnings.ts';
import { createQueries, type Queries } from '../../src/daemon/queries/queries.ts';
import type { Reading } from '../../src/daemon/rules/record.ts';
import { DropFolder } from '../../src/daemon/sources/drop-folder/drop-folder.ts';
import { lockFolder } from '../../src/daemon/store/instance-lock.ts';
import { printJsonLine } from '../../src/daemon/store/json/json-print.ts';
import { type JsonObject, withoutMember } from '../../src/daemon/store/json/json-tree.ts';
import { withMark } from '../../src/daemon/store/state-file/document.ts';
import { parseContent } from '../../src/daemon/store/state-file/file-content.ts';
import { Store } from '../../src/daemon/store/store.ts';
import { Subscribers } from '../../src/daemon/subscribers.ts';
import type { Receipt, Result, Session, Usage } from '../../src/protocol/methods.ts';

export interface SubjectOptions {
  readonly maxSegmentBytes?: number;
  /** Called after each commit, when `state` shows it. */
  readonly onCommitted?: (subject: Subject) => void;
}

/** One clock for every run, so that the same commits make the same bytes. */
const NOW_MS = Date.UTC(2026, 0, 15, 12);

/** A daemon without its network: folder, lock, ledger, state file and monitor, opened and closed in the daemon's order. */
export class Subject {
  readonly store: Store;
  readonly monitor: Monitor;
  readonly warnings: Warnings;
  readonly queries: Queries;
  readonly #daemonFile: string;
  readonly #asked = new Set<Promise<unknown>>();
  readonly #dropFolder: string;
  readonly #release: () => void;

  private constructor(
    store: Store,
    monitor: Monitor,
    warnings: Warnings,
    { daemonFile, dropFolder, release }: { daemonFile: string; dropFolder: string; release: () => void },
  ) {
    this.store = store;
    this.monitor = monitor;
    this.warnings = warnings;
    this.queries = createQueries(store.history, monitor, {
      now: () => NOW_MS,
      onFault: (error) => store.history.noteFault(error),
    });
    this.#daemonFile = daemonFile;
    this.#dropFolder = dropFolder;
    this.#release = release;
  }

  static async open(path: string, { maxSegmentBytes, onCommitted }: SubjectOptions = {}): Promise<Subject> {
    const folder = openDataFolder(path);
    const lock = takeFolder(folder.path);
    if (!lock) throw new Error('another process owns the data folder');
    try {
      const warnings = new Warnings();
      const now = () => NOW_MS;
      const store = await Store.open({
        folder: folder.path,
        stateFile: folder.stateFile,
        warnings,
        onReplay: () => undefined,
        ...(maxSegmentBytes !== undefined && { maxSegmentBytes }),
        now,
      });
      const subscribers = new Subscribers((error) => {
        throw error;
      });
      const monitor = new Monitor({ store, subscribers, now });
      store.onUnsettled = () => void monitor.adoptEdits().catch(() => undefined);
      const subject = new Subject(store, monitor, warnings, {
        daemonFile: folder.daemonFile,
        dropFolder: folder.dropFolder,
        release: () => lock.release(),
      });
      monitor.subscribe({ tell: () => onCommitted?.(subject) });
      await monitor.adoptEdits();
      await writeDaemonFile(folder.daemonFile, { pid: 1, url: '', protocol: 2, version: '' });
      return subject;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  record(id: string, tokens: number, more: Partial<Reading> = {}): Promise<Receipt> {
    return this.monitor.submit(recordOperation(readingOf(id, tokens, more), 'rpc'));
  }

  import(counts: readonly (readonly [id: string, tokens: number])[]): Promise<Result<'usage.import'>> {
    const items = counts.map(([id, tokens]) => ({ reading: readingOf(id, tokens, { sync_type: 'import' }) }));
    return this.monitor.submit(importOperation(items, 'rpc'));
  }

  undo(id: string): Promise<Receipt> {
    return this.monitor.submit(undoOperation(id, 'rpc'));
  }

  setTotal(total: number): Promise<Usage> {
    return this.monitor.submit(totalOperation(total, 'rpc'));
  }

  adopt(): Promise<void> {
    return this.monitor.adoptEdits();
  }

  /** Takes what lies in the drop folder; resolves when nothing lies there any more. */
  async takeDrops(): Promise<void> {
    mkdirSync(this.#dropFolder, { recursive: true });
    const drop = new DropFolder({
      command: 'token-sync',
      path: this.#dropFolder,
      monitor: this.monitor,
      warnings: this.warnings,
      syncClipboard: () => Promise.resolve(),
      onFailure: (error) => {
        throw error;
      },
    });
    while (readdirSync(this.#dropFolder).some(isToBeTaken)) await new Promise((resolve) => setTimeout(resolve, 5));
    await drop.close();
  }

  get revision(): number {
    return this.monitor.snapshot.revision;
  }

  /** Everything that is promised to stand after a crash, as one text that equals another one's when both stand for the same. */
  async state(): Promise<string> {
    const { revision, used, total, sessions_count } = this.monitor.snapshot;
    const history = (await this.history()).map((session) => JSON.stringify(session));
    return JSON.stringify({ revision, used, total, sessions_count, history, document: this.shownDocument() }, null, 1);
  }

  /** The state file's content as it was committed, without the time that every commit changes. */
  shownDocument(): string {
    return printJsonLine(withoutMember(this.store.view.document, 'last_updated'));
  }

  /** The faults of the state file as others read it: none, if it is the last commit and carries its mark. */
  faultOnDisk(): string | undefined {
    const { document, mark } = this.store.view;
    const found = documentIn(this.store.path);
    return found && printJsonLine(found) === printJsonLine(withMark(document, mark))
      ? undefined
      : 'the state file shows something else';
  }

  async history(): Promise<Session[]> {
    const asked = this.queries.history({ limit: 1_000 });
    this.#asked.add(asked);
    try {
      return (await asked).sessions;
    } finally {
      this.#asked.delete(asked);
    }
  }

  /** The end of a daemon that is asked to stop. */
  async stop(): Promise<void> {
    await this.monitor.close();
    // What has just been committed is still to be told.
    await Promise.all(this.#asked);
    await this.queries.close();
    await this.store.close();
    rmSync(this.#daemonFile, { force: true });
    this.#release();
  }
}

function takeFolder(path: string): ReturnType<typeof lockFolder> {
  try {
    return lockFolder(path);
  } catch (error) {
    throw storageFailed(error);
  }
}

/** A rejected file is dealt with, and one that another program has yet to rename is none of ours. */
function isToBeTaken(name: string): boolean {
  return name !== 'rejected' && (!name.startsWith('.') || name.startsWith('.taking.'));
}

/** The document in a state file; `undefined` when it does not parse or is not there. */
export function documentIn(path: string): JsonObject | undefined {
  try {
    return parseContent({ bytes: readFileSync(path), hash: '' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readingOf(id: string, tokens: number, more: Partial<Reading>): Reading {
  return { id, tokens, unit: 1, sync_type: 'auto', event: `事件 ${id}`, conversation_id: '', ...more };
}
