import type { Tool } from '../../../protocol/meters.ts';
import type { MeterSettings } from '../../../shared/settings.ts';
import { type Inbox, Over } from './inbox.ts';
import { CodexKin } from './logs/codex-kin.ts';
import { isLogTool, type LogTool } from './logs/log-folds.ts';
import { LogReader } from './logs/log-reader.ts';
import { type ReadRoot, TouchedFiles } from './logs/touched-files.ts';
import { Unsaved } from './logs/unsaved.ts';
import { type WaitingFile, WaitingFiles } from './logs/waiting-files.ts';
import { LooksAgain } from './looks-again.ts';
import type { MeterKeeper, Say } from './meter-keeper.ts';
import { unreadableTrouble } from './reader-text.ts';
import type { LookOrder, ToReader } from './reader-words.ts';
import { SourceStandings } from './source-standings.ts';
import { Telling } from './state-telling.ts';
import type { BeginToolReader, ToolReader } from './tool-reader.ts';

/** What grows waits at most so long for the rest of what has grown. */
const LIVE_MS = 5;

/** What could not be read is tried again. */
const RETRY_MS = 2_000;

export interface ReadingOptions {
  readonly roots: readonly ReadRoot[];
  readonly settings: MeterSettings;
  readonly keeper: MeterKeeper;
  readonly inbox: Inbox;
  readonly say: Say;
  readonly now: () => number;
  /** See `ReaderOrder`. */
  readonly together: number;
  readonly others: readonly BeginToolReader[];
  readonly onSettings: (settings: MeterSettings) => void;
}

/** Reads everything and does what it is told, by one open store. Where that fails all of this ends, and begins anew from what is saved. */
export class MeterReading {
  readonly #options: ReadingOptions;
  readonly #kin: CodexKin;
  readonly #unsaved = new Unsaved();
  readonly #waiting = new WaitingFiles();
  readonly #standings: SourceStandings;
  readonly #logs: LogReader;
  readonly #touched: TouchedFiles;
  readonly #others: ReadonlyMap<Tool, ToolReader>;
  readonly #telling: Telling;
  readonly #again = new LooksAgain();
  #settings: MeterSettings;
  #toList: readonly ReadRoot[] = [];
  /** Held up while something else is read. */
  #underWay: string | undefined;

  constructor(options: ReadingOptions) {
    const { keeper, settings, now, others, roots } = options;
    this.#options = options;
    this.#settings = settings;
    this.#telling = new Telling(options.say, options.inbox);
    const { files, links, misreads } = keeper.kept();
    this.#kin = new CodexKin(links);
    this.#standings = new SourceStandings(misreads, now);
    const standings = this.#standings;
    this.#logs = new LogReader({
      ...{ kept: files, kin: this.#kin, unsaved: this.#unsaved, standings },
      onSkipped: (count: number) => this.#telling.skipped(count),
    });
    const [logs, waiting] = [this.#logs, this.#waiting];
    this.#touched = new TouchedFiles({ roots, logs, waiting, standings, now, settings: () => this.#settings });
    const begun = others.map((begin) => begin(files));
    this.#others = new Map(begun.map((reader) => [reader.tool, reader]));
  }

  /** Rejects: with `Over` when nobody is there any more, with `StoreFailure`, or for bugs. */
  async run(): Promise<never> {
    const { inbox, keeper, roots } = this.#options;
    this.#toList = roots.filter(({ tool }) => this.#isRead(tool));
    // A look that a failure has cut off is made up for by the list.
    const looks = inbox.looks > inbox.doneLooks ? [inbox.looks] : [];
    for (const look of looks) this.#waiting.begin(look);
    keeper.tellAll();
    this.#tellSources();
    await this.#breathe();
    await this.#list(looks);
    for (const { path, tool } of this.#logs.unfinished()) this.#waiting.add({ ...AT_ONCE, path, tool, looks });
    this.#readMisrootedAgain(looks);
    this.#waiting.end(looks);
    for (;;) {
      await this.#breathe();
      await this.#list([]);
      const file = this.#waiting.next();
      if (file) await this.#read(file, () => this.#breathe());
      else await this.#rest();
    }
  }

  async #rest(): Promise<void> {
    const { inbox, now } = this.#options;
    this.#save(false);
    this.#telling.rest();
    const retryMs = this.#standings.troubled().length > 0 ? RETRY_MS : undefined;
    await inbox.stirred(this.#again.soonerThan(retryMs, now()));
    if (inbox.first !== undefined || inbox.isOver) return;
    for (const order of this.#again.due(now())) await this.#look(order, []);
    this.#touched.tryAgain();
  }

  /** Hears what was told, and reads what grows, before the past is read on. */
  async #breathe(): Promise<void> {
    const { inbox } = this.#options;
    await new Promise(setImmediate);
    for (let message = inbox.first; message && !inbox.isOver; message = inbox.first) {
      await this.#obey(message);
      inbox.shift();
    }
    if (inbox.isOver) throw new Over();
    await this.#readLive();
    this.#saveIfDue();
    this.#telling.done(this.#waiting.firstOpen);
  }

  async #obey(message: ToReader): Promise<void> {
    const { keeper, inbox } = this.#options;
    if ('ask' in message) {
      if ('stats' in message) return keeper.stats(message.ask, message.stats);
      if (message.handOut === 'all') await this.#readUpToNow();
      return keeper.handOut(message.ask, message.handOut);
    }
    switch (message.tell) {
      case 'look': {
        const look = inbox.looks + 1;
        this.#waiting.begin(look);
        for (const order of message.at) await this.#look(order, [look]);
        // What is yet to be taken back is wrong until then, whoever found that out.
        this.#readMisrootedAgain([look]);
        return this.#waiting.end([look]);
      }
      case 'observed':
        this.#unsaved.add({ observations: message.observations }, true);
        return this.#save(true);
      case 'settings':
        return this.#configure(message.settings, message.sinceMs);
      case 'settle':
        return keeper.settle(message.seqs);
    }
  }

  async #readUpToNow(): Promise<void> {
    this.#touched.lookAtNewest();
    await this.#readLive();
    this.#save(false);
  }

  #configure(settings: MeterSettings, sinceMs?: number): void {
    const { keeper, roots, onSettings } = this.#options;
    const before = this.#settings.sources;
    this.#save(false);
    keeper.configure(settings, sinceMs);
    this.#settings = settings;
    onSettings(settings);
    this.#waiting.keep((tool) => this.#isRead(tool));
    const added = roots.filter(({ tool }) => this.#isRead(tool) && !before.includes(tool));
    this.#toList = [...this.#toList.filter(({ tool }) => this.#isRead(tool)), ...added];
    this.#telling.forgetSources();
    this.#tellSources();
  }

  async #list(looks: readonly number[]): Promise<void> {
    if (this.#toList.length === 0) return;
    for (let root = this.#toList[0]; root; root = this.#toList[0]) {
      if (this.#others.has(root.tool)) await this.#look({ tool: root.tool, path: root.path, isFolder: true }, looks);
      else for (const _ of this.#touched.in(root, looks)) await this.#breathe();
      this.#toList = this.#toList.filter((other) => other !== root);
    }
    this.#tellSources();
  }

  async #look(order: LookOrder, looks: readonly number[]): Promise<void> {
    if (!this.#isRead(order.tool)) return;
    const other = this.#others.get(order.tool);
    if (!other) return this.#touched.look(order, looks);
    const { parts, trouble, againMs } = await other.look(order);
    this.#again.set(order, againMs, this.#options.now());
    for (const part of parts) this.#unsaved.add(part, true);
    this.#standings.at(order.tool, order.path, trouble);
    this.#save(true);
    this.#tellSources();
  }

  /** Reads what grows, but for the file that is held up. */
  async #readLive(): Promise<void> {
    const next = () => this.#waiting.next({ isLive: true, except: this.#underWay });
    for (let file = next(); file; file = next()) await this.#read(file, async () => this.#saveIfDue());
  }

  async #read(file: WaitingFile, between: () => Promise<void>): Promise<void> {
    const { tool, path, isLive } = file;
    if (!this.#isRead(tool)) return this.#waiting.end(file.looks);
    const heldUp = this.#underWay;
    this.#underWay = path;
    const outcome = await this.#logs.read({ ...file, tool: tool as LogTool }, between);
    this.#underWay = heldUp;
    this.#standings.at(tool, path, outcome.kind === 'unreadable' ? unreadableTrouble(path, outcome.code) : undefined);
    if (outcome.kind === 'read' && outcome.damage !== undefined) {
      this.#telling.damaged(path, outcome.damage);
    }
    this.#readMisrootedAgain(file.looks);
    this.#unsaved.ends(file.looks, isLive);
    this.#saveIfDue();
  }

  #readMisrootedAgain(looks: readonly number[]): void {
    for (const path of this.#kin.misrooted()) {
      this.#waiting.add({ ...AT_ONCE, path, tool: 'codex', isAgain: true, looks });
    }
  }

  #saveIfDue(): void {
    const { size, liveForMs } = this.#unsaved;
    // What is to be read again would be told twice.
    const mayWait = liveForMs === undefined || (this.#waiting.isUrgent && liveForMs < LIVE_MS);
    if (size >= this.#options.together) this.#save(false);
    else if (!mayWait) this.#save(true);
    else if (liveForMs === undefined) this.#waiting.end(this.#unsaved.takeLooks(true));
  }

  /** Saves what is live, or everything, and tells it. */
  #save(isLiveAlone: boolean): void {
    if (isLiveAlone ? this.#unsaved.liveForMs !== undefined : !this.#unsaved.isEmpty) {
      const batch = this.#unsaved.take(isLiveAlone);
      const [links, misreads] = [this.#kin.takeUnsaved(), this.#standings.takeMisreads()];
      this.#options.keeper.commit({ ...batch, links, misreads });
    }
    this.#tellSources();
    this.#waiting.end(this.#unsaved.takeLooks(isLiveAlone));
    this.#telling.done(this.#waiting.firstOpen);
  }

  #tellSources(): void {
    const tools = new Set(this.#options.roots.map(({ tool }) => tool).filter((tool) => this.#isRead(tool)));
    const reading = this.#waiting.tools();
    for (const { tool } of this.#toList) if (!this.#logs.isKnown(tool)) reading.add(tool);
    this.#telling.sources(this.#standings.of([...tools], reading));
  }

  #isRead(tool: Tool): boolean {
    return this.#settings.sources.includes(tool) && (isLogTool(tool) || this.#others.has(tool));
  }
}

const AT_ONCE = { writtenMs: 0, isLive: false, isAgain: false, looks: [] as readonly number[] };
