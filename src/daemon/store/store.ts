import type { Session } from '../../protocol/methods.ts';
import { isDiskError, storageFailed } from '../disk/storage-failure.ts';
import { othersTurn } from '../process/turns.ts';
import type { Warnings } from '../process/warnings.ts';
import type { LedgerChange } from '../rules/change.ts';
import { backfillOf } from './backfill.ts';
import { EditFinder } from './edits/edit-finder.ts';
import { EditIntake, type EditOrigin, type TakenEdit } from './edits/edit-intake.ts';
import type { EditViews } from './edits/edit-views.ts';
import { type Restored, restoredFrom } from './edits/restored.ts';
import { SetAside } from './edits/set-aside.ts';
import type { HistoryIndex } from './index/history-index.ts';
import type { JsonObject } from './json/json-tree.ts';
import { checkpointOf } from './ledger/checkpoint.ts';
import type { Ledger } from './ledger/ledger.ts';
import { lastRefusal, noSegment } from './ledger/ledger-warnings.ts';
import type { PreparedLine } from './ledger/line-listener.ts';
import { Marks, markInBatch } from './ledger/marks.ts';
import { type OpeningOptions, openParts } from './opening.ts';
import { applyChange, plainSessions } from './state-file/document.ts';
import { type FileContent, hashOf } from './state-file/file-content.ts';
import { PublishedView } from './state-file/published-view.ts';
import { type StateFile, textOf } from './state-file/state-file.ts';
import { textOfView, type View, viewAfter } from './state-file/view.ts';

export interface StoreOptions extends OpeningOptions {
  /** Called for every change that a start reads back, with its mark. */
  readonly onReplay: (change: LedgerChange, mark: string) => void;
}

/** Much of a segment makes the next start slow: an eighth takes some hundredths of a second. */
const FULL_ENOUGH_AT_A_STOP = 1 / 8;

/** The ledger and the state file, kept in step: the ledger is the truth, the state file a view that people may edit. */
export class Store {
  readonly ledger: Ledger;
  readonly history: HistoryIndex;
  /** Called when `takeEdit` should be called soon: somebody edited in the very moment of a commit, or the file is behind. */
  onUnsettled: () => void = () => undefined;
  readonly #file: StateFile;
  readonly #views: EditViews;
  readonly #marks = new Marks();
  readonly #warnings: Warnings;
  readonly #edits: EditIntake;
  readonly #published: PublishedView;
  #awaited: Promise<void> | undefined;
  #sessions: { readonly document: JsonObject; readonly list: Session[] } | undefined;

  private constructor(
    { ledger, history }: { readonly ledger: Ledger; readonly history: HistoryIndex },
    file: StateFile,
    { views, crashLeft }: { readonly views: EditViews; readonly crashLeft: readonly string[] },
    warnings: Warnings,
  ) {
    this.ledger = ledger;
    this.history = history;
    this.#warnings = warnings;
    this.#file = file;
    this.#views = views;
    const { latest } = views;
    this.#published = new PublishedView(file, { latest, crashLeft }, warnings, () => this.onUnsettled());
    const late = new Set<FileContent>();
    file.onLateEdit = (content) => {
      late.add(content);
      this.onUnsettled();
    };
    const setAside = new SetAside(file.copies, warnings);
    const finder = new EditFinder(views, { ledger, history }, warnings, setAside);
    this.#edits = new EditIntake(
      { published: this.#published, late },
      views,
      { finder, unready: () => this.#isUnready },
      setAside,
    );
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
    const { file, ledger, history, views, replay } = await openParts(options);
    const store = new Store({ ledger, history }, file, { views, crashLeft: replay.crashLeft }, options.warnings);
    // A subscriber that was told that state and nothing more comes back with its mark.
    const { snapshot, mark: startMark } = replay.start ?? store.view;
    store.#marks.add(snapshot.revision, startMark);
    for (const { change, mark } of replay.changes) {
      store.#marks.add(change.revision, mark);
      options.onReplay(change, mark);
    }
    return store;
  }

  /** The last committed state. */
  get view(): View {
    return this.#views.latest;
  }

  /** The mark of the last committed state, as the state file carries it. */
  get mark(): string {
    return this.view.mark;
  }

  /** The revision that this ledger gave a mark; `undefined` for a mark of another past, or one of long ago. */
  revisionOf(mark: string): number | undefined {
    return mark === this.mark ? this.view.snapshot.revision : this.#marks.revisionOf(mark);
  }

  /** True while the state file does not show the last committed state, because it cannot be written or somebody is writing it. */
  get isBehind(): boolean {
    return !this.#published.isInPlace;
  }

  /** The sessions as they stand in the state file, newest first. */
  sessions(): Session[] {
    const { document } = this.view;
    if (this.#sessions?.document !== document) this.#sessions = { document, list: plainSessions(document) };
    return this.#sessions.list;
  }

  /** True when an edit took the session out of the state file. */
  isRemoved(id: string): boolean {
    return this.history.recorded.standingOf(id) === 'removed';
  }

  /** The session, as JSON text, that comes into the state file when the one with this id leaves it. */
  backfill(leaving: string): string | undefined {
    return backfillOf(this.view.document, leaving, this.history.recorded);
  }

  /**
   * Commits changes as one batch, or one edit with its origin as `takeEdit` gave them: durable in the ledger, then in
   * place in the state file; `onCommitted` is called in the same instant in which `view` shows them. Throws
   * `storage_failed`: nothing was recorded, and an edit is taken again by the next `takeEdit`.
   */
  async commit(changes: readonly LedgerChange[], onCommitted: () => void, origin?: EditOrigin): Promise<void> {
    // An edit may bring sessions by the thousand; the order of commits stands, because nothing else commits meanwhile.
    if (origin) await othersTurn();
    const document = changes.reduce(applyChange, this.view.document);
    if (origin) await othersTurn();
    const hash = hashOf(textOf(document));
    const line = await this.#prepareLine(changes, hash);
    const text = textOf(document, line.mark);
    // Both files are made durable at the same time; the state file takes its place only after the ledger.
    const [appended, prepared] = await Promise.allSettled([line.append(), this.#published.prepare(text)]);
    if (appended.status === 'rejected') throw this.#refused(appended.reason);
    this.#warnings.clear('storage_failed');
    await this.#published.publish(text, prepared);
    this.#views.push(viewAfter(document, changes, { mark: line.mark, hash }));
    for (const { revision } of changes) this.#marks.add(revision, markInBatch(revision, line.mark));
    if (origin) this.#edits.settle(origin);
    onCommitted();
    if (this.ledger.fullness >= 1) await this.#startSegment();
  }

  async #prepareLine(changes: readonly LedgerChange[], hash: string): Promise<PreparedLine> {
    try {
      return await this.ledger.prepare(changes, hash, () => checkpointOf(this.view));
    } catch (error) {
      throw this.#refused(error);
    }
  }

  /** The next edit of the state file, to be committed next; an invalid file is set aside, a missing one made anew. */
  takeEdit(now: () => number): Promise<TakenEdit | undefined> {
    return this.#edits.take(now);
  }

  get #isUnready(): boolean {
    this.lookAgain();
    return this.history.working !== undefined;
  }

  /** Has edits looked for again when the history is there, which is made anew. */
  lookAgain(): void {
    const { working } = this.history;
    if (!working || this.#awaited === working) return;
    this.#awaited = working;
    void working.then(() => this.onUnsettled());
  }

  /** The state file's content as it was last committed. */
  text(): string {
    return textOfView(this.view);
  }

  /** The part of a copy of the state file that comes back; throws `value_refused` for a text that is no such copy. */
  restoredFrom(copy: string, nowMs: number): Restored {
    return restoredFrom(copy, this.view, nowMs);
  }

  /** Where the state file really lies. */
  get path(): string {
    return this.#file.path;
  }

  /** A value that changes with every write of others, cheap to ask for; a hint that never decides. */
  fingerprint(): string {
    return this.#file.fingerprint();
  }

  /** Checks replaced files a last time; late writes are returned by the next `takeEdit`, without a call of `onUnsettled`. */
  endLateEdits(): void {
    this.#published.close();
    this.#file.endLateEdits();
  }

  async close(): Promise<void> {
    this.#published.close();
    this.#file.endLateEdits();
    // The last line tells which edit a file that is behind still shows.
    const isLongToRead = this.ledger.fullness >= FULL_ENOUGH_AT_A_STOP;
    if (isLongToRead && this.#published.isInPlace) await this.#startSegment();
    await this.history.close();
    this.ledger.close();
  }

  /** Shows in the status that readings are refused, until one is recorded. */
  #refused(reason: unknown): unknown {
    this.#warnings.raise('storage_failed', lastRefusal(storageFailed(reason).text));
    return reason;
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
