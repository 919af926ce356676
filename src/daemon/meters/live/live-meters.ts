import { existsSync } from 'node:fs';
import type { Bilingual } from '../../../protocol/language.ts';
import type { Tool } from '../../../protocol/meters.ts';
import type { Meter, MeterReport, MeterStats, MeterStatsQuery, Meters } from '../../../protocol/methods.ts';
import { feedOf, type MeterSettings } from '../../../shared/settings.ts';
import type { Subscriber, Subscribers } from '../../subscribers.ts';
import { type ToolRoot, type ToolSystem, toolRoots } from '../files/tool-roots.ts';
import type { FromReader, SourceStanding } from '../reader/reader-words.ts';
import { sourceOf } from '../store/feeding.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { askedRows, toldStats } from './asked-stats.ts';
import { MeterBoard } from './meter-board.ts';
import { MeterProcess } from './meter-process.ts';
import { observationsOf } from './reported.ts';
import { LIVE_MS, sourceStates } from './source-states.ts';
import { ToolWatch } from './tool-watch.ts';

export interface LiveMetersOptions {
  readonly settings: MeterSettings;
  /** The machine as its tools see it. */
  readonly system: ToolSystem;
  /** The path of `meters.db`. */
  readonly path: string;
  /** Those who subscribed to meters. */
  readonly subscribers: Subscribers;
  readonly onWarning: (code: string, text: Bilingual) => void;
  readonly onCrash: (cause: Error) => void;
  /** How long the process that reads stays after its last event; a minute by default. */
  readonly idleMs?: number;
}

/** Who brings to the budget what feeds it. */
export interface MeterListener {
  /** All rows that the ledger is not known to hold, whenever one has changed. */
  onOutbox(rows: readonly OutboxRow[]): void;
  onMeters(changed: readonly Meter[]): void;
}

/** The tools whose form is known by now. */
const READ: readonly Tool[] = ['cursor', 'claude', 'codex'];

/**
 * The live meters, as the rest of the daemon knows them: watches what the tools write, has it read by a process that is there
 * while something happens, keeps the last figures, and tells of them.
 */
export class LiveMeters {
  readonly #options: LiveMetersOptions;
  readonly #board: MeterBoard;
  readonly #process: MeterProcess;
  readonly #watch: ToolWatch;
  readonly #wroteMs = new Map<Tool, number>();
  readonly #roots: readonly ToolRoot[];
  #settings: MeterSettings;
  /** Whether something waits for the budget. */
  #isOwing = false;
  #listener: MeterListener | undefined;
  #standings: readonly SourceStanding[] = [];
  #aging: NodeJS.Timeout | undefined;

  constructor(options: LiveMetersOptions) {
    this.#options = options;
    const { settings, system, path, subscribers, onCrash } = options;
    this.#settings = settings;
    this.#roots = toolRoots(system).filter(({ tool }) => READ.includes(tool));
    this.#board = new MeterBoard({
      tell: (change) => subscribers.publish([{ method: 'meters.changed', params: change }]),
    });
    this.#process = new MeterProcess({
      order: () => ({
        path,
        settings: this.#settings,
        roots: this.#roots.map((root) => ({ ...root, files: root.files.source })),
      }),
      hear: (word) => this.#hear(word),
      onCrash,
      isNeeded: () => this.#isOwing,
      ...(options.idleMs !== undefined && { idleMs: options.idleMs }),
    });
    this.#watch = new ToolWatch({
      roots: this.#wantedRoots(),
      platform: system.platform,
      onLook: (at) => this.#process.look(at),
      onPresence: (present) => {
        if (present.length > 0) this.#process.start();
        this.#tellSources();
      },
      // The process that reads says what cannot be read.
      onFailure: () => undefined,
    });
  }

  /** Begins to watch; figures of earlier runs are told as soon as they are read. */
  start(): void {
    this.#watch.start();
    if (existsSync(this.#options.path)) this.#process.start();
    this.#tellSources();
  }

  /** Takes other settings from now on. */
  configure(settings: MeterSettings): void {
    const sinceMs = Date.now();
    // Where no tool is there and none ever was, there is nothing that feeds or could be read.
    const isWorthIt = this.#process.isRunning || existsSync(this.#options.path);
    // By the settings before: those would begin when it has started, not now.
    if (isWorthIt) this.#process.start();
    this.#settings = settings;
    this.#watch.setRoots(this.#wantedRoots());
    if (isWorthIt) this.#process.tell({ tell: 'settings', settings, sinceMs });
    this.#tellSources();
  }

  get settings(): MeterSettings {
    return this.#settings;
  }

  /** Every meter as it stands, or those that changed after a number of this run. */
  get(sinceSeq?: number): Meters {
    const { epoch, seq, sources } = this.#board;
    const { main, count } = this.settings;
    return {
      ...{ epoch, seq, meters: this.#board.meters(sinceSeq), sources: [...sources] },
      ...(feedOf(this.settings) && { feeding: { main: [...main], count } }),
    };
  }

  /** Names who brings to the budget what feeds it. */
  listen(listener: MeterListener): void {
    this.#listener = listener;
  }

  /** Closes rows of the outbox and answers with them; where the process that reads is not there, nothing has been used that is not told. */
  async handOut(seqs: readonly number[] | 'all'): Promise<readonly OutboxRow[]> {
    return this.#process.isRunning ? await this.#process.handOut(seqs) : [];
  }

  /** The ledger holds these rows. */
  settle(seqs: readonly number[]): void {
    this.#process.tell({ tell: 'settle', seqs });
  }

  subscribe(subscriber: Subscriber, sinceSeq?: number): Meters {
    const now = this.get(sinceSeq);
    this.#options.subscribers.add(subscriber);
    return now;
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#options.subscribers.remove(subscriber);
  }

  /** Throws `invalid_params` for a time zone that is none, and `busy` where the process that reads broke. */
  async stats(query: MeterStatsQuery): Promise<MeterStats> {
    const asked = askedRows(query);
    const rows = await this.#process.stats(asked);
    const byModel = await this.#process.stats({ ...asked, by: ['tool', 'model'] });
    return toldStats(rows, byModel);
  }

  /** Takes what a tool told somebody else; throws `invalid_params` for a context that names no conversation. */
  report(report: MeterReport): void {
    this.#process.tell({ tell: 'observed', observations: observationsOf(report, Date.now()) });
  }

  async close(): Promise<void> {
    clearTimeout(this.#aging);
    this.#watch.close();
    this.#board.close();
    await this.#process.close();
  }

  #wantedRoots(): ToolRoot[] {
    return this.#roots.filter(({ tool }) => this.#settings.sources.includes(tool));
  }

  #hear(word: Exclude<FromReader, { readonly answer: number }>): void {
    switch (word.says) {
      case 'meters':
        this.#noteWriting(word.meters);
        this.#board.take(word.meters);
        this.#listener?.onMeters(word.meters);
        break;
      case 'sources':
        this.#standings = word.sources;
        this.#tellSources();
        break;
      case 'warning':
        this.#options.onWarning(word.code, word.text);
        break;
      case 'outbox':
        this.#isOwing = word.rows.length > 0;
        this.#listener?.onOutbox(word.rows);
        break;
      case 'done':
        break;
    }
  }

  /** By the times that the tools themselves tell. */
  #noteWriting(meters: readonly Meter[]): void {
    for (const { meter, observed_at } of meters) {
      const tool = sourceOf(meter) as Tool;
      this.#wroteMs.set(tool, Math.max(this.#wroteMs.get(tool) ?? 0, Date.parse(observed_at)));
    }
    this.#tellSources();
  }

  #tellSources(): void {
    const nowMs = Date.now();
    this.#board.takeSources(
      sourceStates({
        tools: READ,
        wanted: this.settings.sources,
        present: this.#watch.present,
        standings: this.#standings,
        wroteMs: this.#wroteMs,
        nowMs,
      }),
    );
    clearTimeout(this.#aging);
    const endsMs = [...this.#wroteMs.values()].map((ms) => ms + LIVE_MS).filter((ms) => ms > nowMs);
    if (endsMs.length > 0) {
      this.#aging = setTimeout(() => this.#tellSources(), Math.min(...endsMs) - nowMs + 1).unref();
    }
  }
}
