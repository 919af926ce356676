import { join } from 'node:path';
import type { Session } from '../../protocol/methods.ts';
import { toLocalTime } from '../../protocol/timestamp.ts';
import { type EditChange, type LedgerChange, type RecordedReading, snapshotAfter } from '../rules/change.ts';
import { EMPTY } from '../rules/snapshot.ts';
import type { Warnings } from '../warnings.ts';
import { applyChange, MAX_SESSIONS, newDocument, plainSessions, sessionId, sessionNodes } from './document.ts';
import { type FileContent, hashOf, isPlainUtf8, parseContent } from './file-content.ts';
import { parseJson } from './json-parse.ts';
import { printJson, printJsonLine } from './json-print.ts';
import { equalJson, getMember, type JsonObject, sameJson } from './json-tree.ts';
import { type Checkpoint, Ledger } from './ledger.ts';
import { shownSession } from './ledger-index.ts';
import { isCheckpoint, type LedgerLine } from './ledger-line.ts';
import { isNoChange, mergeEdit, type View } from './merge.ts';
import { type PreparedView, StateFile } from './state-file.ts';
import { storageFailed } from './storage-failure.ts';
import { Views } from './views.ts';

export interface StoreOptions {
  /** The data folder, which exists. */
  readonly folder: string;
  readonly stateFile: string;
  readonly warnings: Warnings;
  /** Called for every change that a start reads back. */
  readonly onReplay: (change: LedgerChange) => void;
  /** Called when `takeEdit` should be called soon: somebody edited in the very moment of a commit, or the file is behind. */
  readonly onUnsettled: () => void;
  readonly maxSegmentBytes?: number;
  readonly now?: () => number;
}

/** A program that writes the file in place is given this long to finish before what it wrote counts as invalid. */
const HALF_WRITTEN_MS = 150;
const HALF_WRITTEN_CHECK_MS = 5;
const RETRY_VIEW_MS = 500;

const NO_DOCUMENT: JsonObject = { kind: 'object', entries: [] };

/** The ledger and the state file, kept in step: the ledger is the truth, the state file a view that people may edit. */
export class Store {
  readonly ledger: Ledger;
  readonly #file: StateFile;
  readonly #views: Views;
  readonly #warnings: Warnings;
  readonly #onUnsettled: () => void;
  readonly #lateEdits: FileContent[];
  /** The edit that `takeEdit` handed out and `commit` will save. */
  #taken: { readonly content: FileContent; readonly document: JsonObject } | undefined;
  /** The hash of what lies on disk, as far as we know. */
  #onDisk: string | undefined;
  /** The hash of a content that says the same as the latest view in another form. */
  #accepted: string | undefined;
  #retry: NodeJS.Timeout | undefined;
  #sessions: { readonly document: JsonObject; readonly list: Session[] } | undefined;

  private constructor(ledger: Ledger, file: StateFile, views: Views, lateEdits: FileContent[], options: StoreOptions) {
    this.ledger = ledger;
    this.#file = file;
    this.#views = views;
    this.#lateEdits = lateEdits;
    this.#warnings = options.warnings;
    this.#onUnsettled = options.onUnsettled;
  }

  /** Reads back what is on disk; a state file that differs is taken by the first `takeEdit`. Throws `storage_failed`. */
  static async open(options: StoreOptions): Promise<Store> {
    const { warnings, onReplay, onUnsettled, now = Date.now } = options;
    const lateEdits: FileContent[] = [];
    const file = new StateFile(options.stateFile, (content) => {
      lateEdits.push(content);
      onUnsettled();
    });
    const start = startView(file, now());
    let views: Views | undefined;
    const ledger = await Ledger.open(join(options.folder, 'ledger'), {
      ...(options.maxSegmentBytes !== undefined && { maxSegmentBytes: options.maxSegmentBytes }),
      onWarning: ({ code, zh, en }) => warnings.raise(code, { zh, en }),
      now,
      onReplay(line) {
        views = replayed(views, line);
        if (!isCheckpoint(line)) line.changes.forEach(onReplay);
      },
    });
    if (ledger.isEmpty) await ledger.startSegment(checkpointOf(start));
    return new Store(ledger, file, views ?? new Views(start), lateEdits, options);
  }

  /** The last committed state. */
  get view(): View {
    return this.#views.latest;
  }

  /** The sessions as they stand in the state file, newest first. */
  sessions(): Session[] {
    const { document } = this.view;
    if (this.#sessions?.document !== document) this.#sessions = { document, list: plainSessions(document) };
    return this.#sessions.list;
  }

  /** The last reading that has not been undone. */
  lastReading(): RecordedReading | undefined {
    const ordinal = this.ledger.index.sessions.lastReading();
    if (ordinal === undefined) return undefined;
    const session = this.ledger.index.read(ordinal);
    return session.kind === 'reading' ? session.reading : undefined;
  }

  /** The session, as JSON text, that comes into the state file when one leaves it. */
  backfill(): string | undefined {
    const nodes = sessionNodes(this.view.document);
    const oldest = nodes.length >= MAX_SESSIONS ? sessionId(nodes.at(-1)!) : undefined;
    const { index } = this.ledger;
    const ordinal = oldest === undefined ? undefined : index.ordinalOf(oldest);
    if (ordinal === undefined) return undefined;
    for (let rank = index.sessions.rankOf(index.sessions.atMs(ordinal), ordinal - 1) - 1; rank >= 0; rank--) {
      const older = index.sessions.byTime(rank);
      if (!index.sessions.isUndone(older)) return JSON.stringify(shownSession(index.read(older)));
    }
    return undefined;
  }

  /**
   * Commits changes as one batch: durable in the ledger, then in place in the state file; `onCommitted` is called in the
   * same instant in which `view` shows them. Throws `storage_failed`: nothing was recorded.
   */
  async commit(changes: readonly LedgerChange[], onCommitted: () => void): Promise<void> {
    const taken = this.#taken;
    this.#taken = undefined;
    const document = changes.reduce(applyChange, this.view.document);
    const standsAsIs = taken !== undefined && isPlainUtf8(taken.content) && sameJson(document, taken.document);
    const text = standsAsIs ? undefined : textOf(document);
    const hash = text === undefined ? taken!.content.hash : hashOf(text);
    // Both files are made durable at the same time; the state file takes its place only after the ledger.
    const [appended, prepared] = await Promise.allSettled([
      this.ledger.append(changes, hash, () => checkpointOf(this.view)),
      text === undefined ? undefined : this.#file.prepare(text, this.#onDisk),
    ]);
    if (appended.status === 'rejected') throw appended.reason;
    if (text === undefined) this.#onDisk = hash;
    else await this.#publish(prepared as PromiseSettledResult<PreparedView>, hash);
    this.#accepted = undefined;
    this.#views.push({
      hash,
      document,
      snapshot: snapshotAfter(changes.at(-1)!),
      isAbsolute: changes.some(isAbsolute),
    });
    onCommitted();
    if (this.ledger.isSegmentFull) await this.#startSegment();
  }

  /** What others changed in the state file since, as a change to commit; an invalid file is set aside, a missing one made anew. */
  async takeEdit(nowMs: number): Promise<EditChange | undefined> {
    for (let late = this.#lateEdits.shift(); late; late = this.#lateEdits.shift()) {
      const edit = this.#merge(parseContent(late)!, nowMs);
      if (edit) return edit;
    }
    let content: FileContent | undefined;
    try {
      content = await this.#wholeContent();
      this.#warnings.clear('state_file_unreadable');
    } catch (error) {
      this.#raiseUnreadable(error);
      return undefined;
    }
    this.#onDisk = content?.hash;
    if (content && (content.hash === this.view.hash || content.hash === this.#accepted)) return undefined;
    // A view of ours that is not the latest means that writing the latest failed, or was cut off.
    if (content && !this.#views.isOwn(content.hash)) {
      const document = parseContent(content);
      const edit = document && this.#merge(document, nowMs);
      if (edit) {
        this.#taken = { content, document };
        return edit;
      }
      if (!document) this.#setAside(content, nowMs);
      else if (isPlainUtf8(content) && equalJson(document, this.view.document)) {
        this.#accepted = content.hash;
        return undefined;
      }
    }
    const [prepared] = await Promise.allSettled([this.#file.prepare(textOf(this.view.document), this.#onDisk)]);
    await this.#publish(prepared, this.view.hash);
    return undefined;
  }

  /** The state file's content as it was last committed. */
  text(): string {
    return textOf(this.view.document);
  }

  /** Where the state file really lies. */
  get path(): string {
    return this.#file.path;
  }

  /** What changes with every write of others, cheaply; a hint that never decides. */
  fingerprint(): string {
    return this.#file.fingerprint();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#file.close();
    this.ledger.close();
  }

  /** The file once nobody is in the middle of writing it, or after a bounded wait as it is. */
  async #wholeContent(): Promise<FileContent | undefined> {
    for (let waitedMs = 0; ; waitedMs += HALF_WRITTEN_CHECK_MS) {
      const content = this.#file.read();
      if (!content || this.#views.isOwn(content.hash) || waitedMs >= HALF_WRITTEN_MS || parseContent(content)) {
        return content;
      }
      await new Promise((resolve) => setTimeout(resolve, HALF_WRITTEN_CHECK_MS));
    }
  }

  #merge(theirs: JsonObject, nowMs: number): EditChange | undefined {
    const isKnownId = (id: string) => this.ledger.index.ordinalOf(id) !== undefined;
    const { base, setSinceBase } = this.#views.baseOf(theirs);
    const { change, problems } = mergeEdit({ base, theirs, ours: this.view, setSinceBase, isKnownId }, nowMs);
    if (problems.length === 0) this.#warnings.clear('state_file_edit');
    else {
      const zh = problems.map((problem) => problem.zh).join('；');
      this.#warnings.raise('state_file_edit', { zh, en: problems.map((problem) => problem.en).join('; ') });
    }
    return isNoChange(change, this.view.snapshot) ? undefined : change;
  }

  #raiseUnreadable(error: unknown): void {
    const { code = '' } = error as NodeJS.ErrnoException;
    this.#warnings.raise('state_file_unreadable', {
      zh: `状态文件无法读取 (${code})；记录照常进行，外部修改暂时不会被采纳`,
      en: `the state file cannot be read (${code}); recording goes on, and edits are not taken over meanwhile`,
    });
  }

  /** Throws `storage_failed` when there is no room for a copy, because then nothing may take the file's place. */
  #setAside(content: FileContent, nowMs: number): void {
    let name: string;
    try {
      name = this.#file.setAside(content, nowMs);
    } catch (error) {
      throw storageFailed(error);
    }
    this.#warnings.raise('state_file_invalid', {
      zh: `状态文件不是有效的 JSON；原内容已保存为 ${name}`,
      en: `the state file was not valid JSON; what it held is kept in ${name}`,
    });
  }

  /** A state file that cannot be written fails no receipt: the ledger has it, and the file follows. */
  async #publish(prepared: PromiseSettledResult<PreparedView>, hash: string): Promise<void> {
    try {
      if (prepared.status === 'rejected') throw prepared.reason;
      await prepared.value.publish();
      this.#onDisk = hash;
      this.#warnings.clear('state_file_behind');
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      this.#warnings.raise('state_file_behind', {
        zh: `状态文件暂时无法写入 (${code})；数据已在账本中，会自动重试`,
        en: `the state file cannot be written at the moment (${code}); the values are in the ledger, and it is tried again`,
      });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(this.#onUnsettled, RETRY_VIEW_MS).unref();
    }
  }

  /** A segment that cannot be ended goes on growing until it can. */
  async #startSegment(): Promise<void> {
    try {
      await this.ledger.startSegment(checkpointOf(this.view));
      this.#warnings.clear('ledger_segment');
    } catch (error) {
      const { text } = storageFailed(error);
      this.#warnings.raise('ledger_segment', {
        zh: `账本无法分段：${text.zh}`,
        en: `the ledger cannot start a segment: ${text.en}`,
      });
    }
  }
}

/** The state before anything was recorded: that of a new file, or of one that another program made and that is yet to be adopted. */
function startView(file: StateFile, nowMs: number): View {
  const content = file.read();
  const adopted = content && parseContent(content);
  if (adopted) {
    // A file with figures of its own but without a budget has none (SPEC §3).
    const total = getMember(adopted, 'token_usage') === undefined ? EMPTY.total : 0;
    return { hash: '', document: NO_DOCUMENT, snapshot: { ...EMPTY, total }, isAbsolute: true };
  }
  const snapshot = { ...EMPTY, last_updated: toLocalTime(nowMs) };
  const document = newDocument(snapshot.total, snapshot.last_updated);
  return { hash: hashOf(textOf(document)), document, snapshot, isAbsolute: true };
}

function replayed(views: Views | undefined, line: LedgerLine): Views {
  if (isCheckpoint(line)) {
    const document = parseJson(line.document) as JsonObject;
    return new Views({ hash: line.view, document, snapshot: line.checkpoint, isAbsolute: true });
  }
  // Without its checkpoint a damaged segment still tells every figure; the state file gives back the rest as an edit.
  const known = views ?? new Views({ hash: '', document: NO_DOCUMENT, snapshot: EMPTY, isAbsolute: true });
  known.push({
    hash: line.view,
    document: line.changes.reduce(applyChange, known.latest.document),
    snapshot: snapshotAfter(line.changes.at(-1)!),
    isAbsolute: line.changes.some(isAbsolute),
  });
  return known;
}

function checkpointOf({ snapshot, document, hash }: View): Checkpoint {
  return { snapshot, document: printJsonLine(document), view: hash };
}

/** True when a change set `used` to a total instead of adding to it. */
function isAbsolute(change: LedgerChange): boolean {
  if (change.kind === 'reading') return ['manual', 'correction'].includes(change.reading.sync_type);
  return change.kind === 'undo';
}

function textOf(document: JsonObject): string {
  return `${printJson(document)}\n`;
}
