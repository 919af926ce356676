import { join } from 'node:path';
import type { Session } from '../../protocol/methods.ts';
import type { EditChange, LedgerChange, RecordedReading } from '../rules/change.ts';
import type { Warnings } from '../warnings.ts';
import { backfillOf } from './backfill.ts';
import { applyChange, plainSessions } from './document.ts';
import { type FileContent, faultOf, hashOf, isPlainUtf8, parseContent } from './file-content.ts';
import { printJsonLine } from './json-print.ts';
import { equalJson, type JsonObject, sameJson } from './json-tree.ts';
import { type Checkpoint, Ledger } from './ledger.ts';
import { isNoChange, mergeEdit, type View, viewAfter } from './merge.ts';
import { firstView, mendedView, Replay } from './replay.ts';
import { staleBaseOf } from './stale-base.ts';
import { type PreparedView, StateFile, textOf } from './state-file.ts';
import { codeOf, isDiskError, storageFailed } from './storage-failure.ts';
import { joined, keptAs, lastRefusal, noSegment, type Problem, STATE_FILE_WARNINGS } from './store-warnings.ts';
import type { Views } from './views.ts';

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

const RETRY_VIEW_MS = 500;

/** What somebody wrote into the file while it was being replaced, and the newest view that they can have read. */
interface LateEdit {
  readonly content: FileContent;
  readonly readable: View;
}

/** The ledger and the state file, kept in step: the ledger is the truth, the state file a view that people may edit. */
export class Store {
  readonly ledger: Ledger;
  readonly #file: StateFile;
  readonly #views: Views;
  readonly #warnings: Warnings;
  #onUnsettled: () => void;
  readonly #lateEdits: LateEdit[];
  /** The edit that `takeEdit` handed out and `commit` will save: the file as it stands, or the first of the late ones. */
  #taken: { readonly content: FileContent; readonly document: JsonObject } | 'late' | undefined;
  /** The last edit as its author sees it, and the view that it started from. */
  #branch: { readonly seen: View; readonly from: View } | undefined;
  /** The hash of what lies on disk, as far as we know. */
  #onDisk: string | undefined;
  /** The hash of a content that says the same as the latest view in another form. */
  #accepted: string | undefined;
  /** True when the latest view has stood on disk, so that an older one there was put back by somebody. */
  #isPublished = false;
  /** Why the file could not be read: nothing is written over what nobody has seen. */
  #unreadable: unknown;
  #retry: NodeJS.Timeout | undefined;
  #sessions: { readonly document: JsonObject; readonly list: Session[] } | undefined;

  private constructor(ledger: Ledger, file: StateFile, views: Views, lateEdits: LateEdit[], options: StoreOptions) {
    this.ledger = ledger;
    this.#file = file;
    this.#views = views;
    this.#lateEdits = lateEdits;
    this.#warnings = options.warnings;
    this.#onUnsettled = options.onUnsettled;
  }

  /** Reads back what is on disk; a state file that differs is taken by the first `takeEdit`. Throws `storage_failed`. */
  static async open(options: StoreOptions): Promise<Store> {
    try {
      return await Store.#open(options);
    } catch (error) {
      throw isDiskError(error) ? storageFailed(error) : error;
    }
  }

  static async #open(options: StoreOptions): Promise<Store> {
    const { warnings, onReplay, onUnsettled, now = Date.now } = options;
    const lateEdits: LateEdit[] = [];
    const file = new StateFile(options.stateFile, (content, readable) => {
      lateEdits.push({ content, readable });
      onUnsettled();
    });
    const content = file.read();
    const replay = new Replay();
    const ledger = await Ledger.open(join(options.folder, 'ledger'), {
      ...(options.maxSegmentBytes !== undefined && { maxSegmentBytes: options.maxSegmentBytes }),
      onWarning: ({ code, zh, en }) => warnings.raise(code, { zh, en }),
      now,
      onReplay: (line) => replay.add(line),
    });
    const views = replay.views(firstView(content, now()));
    if (ledger.hasLoss && !ledger.isEmpty) {
      views.distrust(mendedView(views.latest, content, (id) => ledger.index.ordinalOf(id) !== undefined));
    }
    // After damage too: the next start must not depend on what was lost.
    if (ledger.needsMending) await ledger.mend(checkpointOf(views.latest));
    replay.changes.forEach(onReplay);
    return new Store(ledger, file, views, lateEdits, options);
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

  /** The last reading that has not been undone; throws `storage_failed` when it cannot be read. */
  lastReading(): RecordedReading | undefined {
    const ordinal = this.ledger.index.sessions.lastReading();
    if (ordinal === undefined) return undefined;
    const session = this.ledger.index.readOrThrow(ordinal);
    return session.kind === 'reading' ? session.reading : undefined;
  }

  /** True when an edit took the session out of the state file. */
  isRemoved(id: string): boolean {
    return this.ledger.index.standingOf(id) === 'removed';
  }

  /** The session, as JSON text, that comes into the state file when the one with this id leaves it. */
  backfill(leaving: string): string | undefined {
    return backfillOf(this.view.document, leaving, this.ledger.index);
  }

  /**
   * Commits changes as one batch: durable in the ledger, then in place in the state file; `onCommitted` is called in the
   * same instant in which `view` shows them. Throws `storage_failed`: nothing was recorded.
   */
  async commit(changes: readonly LedgerChange[], onCommitted: () => void): Promise<void> {
    const taken = this.#taken;
    this.#taken = undefined;
    const document = changes.reduce(applyChange, this.view.document);
    const asIs = typeof taken === 'object' && isPlainUtf8(taken.content) && sameJson(document, taken.document);
    const text = asIs ? undefined : textOf(document);
    const hash = asIs ? taken.content.hash : hashOf(text!);
    // Both files are made durable at the same time; the state file takes its place only after the ledger.
    const [appended, prepared] = await Promise.allSettled([
      this.ledger.append(changes, hash, () => checkpointOf(this.view)),
      text === undefined ? this.#file.asItStands() : this.#file.prepare(text, this.#onDisk, this.view),
    ]);
    if (appended.status === 'rejected') throw this.#refused(appended.reason);
    this.#warnings.clear('storage_failed');
    if (taken === 'late') this.#lateEdits.shift();
    this.#isPublished = asIs;
    if (asIs) this.#onDisk = hash;
    await this.#publish(prepared, hash);
    this.#accepted = undefined;
    this.#views.push(viewAfter(document, changes, hash));
    if (taken && !asIs) this.#views.addBranch(this.#branch!.seen, this.#branch!.from);
    onCommitted();
    if (this.ledger.isSegmentFull) await this.#startSegment();
  }

  /** What others changed in the state file since, as a change to commit; an invalid file is set aside, a missing one made anew. */
  async takeEdit(nowMs: number): Promise<EditChange | undefined> {
    this.#taken = undefined;
    return this.#takeLateEdit(nowMs) ?? (await this.#takeFile(nowMs));
  }

  #takeLateEdit(nowMs: number): EditChange | undefined {
    for (; this.#lateEdits.length > 0; this.#lateEdits.shift()) {
      const { content, readable } = this.#lateEdits[0]!;
      const document = parseContent(content);
      const edit = document && this.#merge(content, document, nowMs, readable);
      if (edit) {
        this.#taken = 'late';
        return edit;
      }
      if (!document) this.#setAside(content, nowMs, 'state_file_invalid', faultOf(content));
    }
    return undefined;
  }

  async #takeFile(nowMs: number): Promise<EditChange | undefined> {
    let content: FileContent | undefined;
    try {
      content = await this.#file.readSettled((hash) => this.#views.isOwn(hash));
      this.#unreadable = undefined;
      this.#warnings.clear('state_file_unreadable');
    } catch (error) {
      this.#unreadable = error;
      this.#raise('state_file_unreadable', codeOf(error));
      return undefined;
    }
    this.#onDisk = content?.hash;
    if (content && (content.hash === this.view.hash || content.hash === this.#accepted)) {
      this.#setPublished();
      return undefined;
    }
    // A view of ours that is not the latest means that writing the latest failed, or was cut off.
    if (content && (this.#isPublished || !this.#views.isOwn(content.hash))) {
      const document = parseContent(content);
      const edit = document && this.#merge(content, document, nowMs);
      if (edit) {
        this.#taken = { content, document };
        return edit;
      }
      if (!document) this.#setAside(content, nowMs, 'state_file_invalid', faultOf(content));
      else if (isPlainUtf8(content) && equalJson(document, this.view.document)) {
        this.#accepted = content.hash;
        this.#setPublished();
        return undefined;
      }
    }
    const [prepared] = await Promise.allSettled([
      this.#file.prepare(textOf(this.view.document), this.#onDisk, this.view),
    ]);
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

  /** Looks a last time at what was replaced; what somebody wrote into it comes with the next `takeEdit`, and is announced no more. */
  endLateEdits(): void {
    this.#onUnsettled = () => undefined;
    this.#file.endLateEdits();
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#file.endLateEdits();
    this.ledger.close();
  }

  #merge(content: FileContent, theirs: JsonObject, nowMs: number, readable?: View): EditChange | undefined {
    const start = staleBaseOf(theirs, this.#views, this.ledger.index) ?? this.#views.baseOf(theirs, readable);
    const standing = (id: string) => this.ledger.index.standingOf(id);
    const { change, problems, seen } = mergeEdit({ ...start, theirs, ours: this.view, standing }, nowMs);
    if (problems.length === 0) this.#warnings.clear('state_file_edit');
    else this.#setAside(content, nowMs, 'state_file_edit', joined(problems));
    this.#branch = { seen, from: start.from };
    return isNoChange(change, this.view.snapshot) ? undefined : change;
  }

  /**
   * Keeps a copy of what is going to be replaced, and says so until the copy is gone; throws `storage_failed` when there is
   * no room for it, because then nothing may take the file's place.
   */
  #setAside(content: FileContent, nowMs: number, code: string, problem: Problem): void {
    let name: string;
    try {
      name = this.#file.setAside(content, nowMs, problem.lost);
    } catch (error) {
      throw this.#refused(storageFailed(error));
    }
    this.#warnings.raise(code, keptAs(name, problem));
    this.#warnings.endWhen(code, () => !this.#file.keeps(name));
  }

  /** Whoever asks for the status learns that readings are refused, until one is recorded. */
  #refused(reason: unknown): unknown {
    this.#warnings.raise('storage_failed', lastRefusal(storageFailed(reason).text));
    return reason;
  }

  /** A state file that cannot be written fails no receipt: the ledger has it, and the file follows. */
  async #publish(prepared: PromiseSettledResult<PreparedView>, hash: string): Promise<void> {
    try {
      if (this.#unreadable) throw this.#unreadable;
      if (prepared.status === 'rejected') throw prepared.reason;
      await prepared.value.publish();
      this.#onDisk = hash;
      this.#setPublished();
    } catch (error) {
      this.#raise('state_file_behind', codeOf(error));
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#onUnsettled(), RETRY_VIEW_MS).unref();
    }
  }

  #setPublished(): void {
    this.#isPublished = true;
    this.#warnings.clear('state_file_behind');
  }

  #raise(code: keyof typeof STATE_FILE_WARNINGS, detail: string): void {
    this.#warnings.raise(code, STATE_FILE_WARNINGS[code](detail));
  }

  /** A segment that cannot be ended goes on growing until it can. */
  async #startSegment(): Promise<void> {
    try {
      await this.ledger.startSegment(checkpointOf(this.view));
      this.#warnings.clear('ledger_segment');
    } catch (error) {
      this.#warnings.raise('ledger_segment', noSegment(storageFailed(error).text));
    }
  }
}

function checkpointOf({ snapshot, document, hash }: View): Checkpoint {
  return { snapshot, document: printJsonLine(document), view: hash };
}
