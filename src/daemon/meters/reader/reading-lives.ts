import type { MeterSettings } from '../../../shared/settings.ts';
import { Inbox, Over } from './inbox.ts';
import { rootFrom } from './logs/touched-files.ts';
import { MeterKeeper, refusalFrom, type Say, StoreFailure } from './meter-keeper.ts';
import { MeterReading } from './meter-reading.ts';
import type { ReaderOrder, SourceStanding, ToReader } from './reader-words.ts';
import type { BeginToolReader } from './tool-reader.ts';

/** As many observations of the past as share a transaction: fewer cost more time, more hold up what is written meanwhile. */
const TOGETHER = 15_000;

/** A store that failed is opened again. */
const REOPEN_MS = 2_000;

export interface LivesOptions {
  readonly order: ReaderOrder;
  readonly say: Say;
  readonly others?: readonly BeginToolReader[];
  readonly now?: () => number;
  readonly reopenMs?: number;
}

/** The reader of meters without its process: whenever the store fails, what was read and not saved is read once more, by a store that is opened anew. */
export class ReadingLives {
  readonly #inbox = new Inbox();
  readonly #options: LivesOptions;
  #settings: MeterSettings;
  #toldFailure: string | undefined;

  constructor(options: LivesOptions) {
    this.#options = options;
    this.#settings = options.order.settings;
  }

  hear(message: ToReader): void {
    this.#inbox.put(message);
  }

  /** Nobody is there any more. */
  end(): void {
    this.#inbox.end();
  }

  /** Resolves after `end`, when the store is closed; rejects for bugs. */
  async run(): Promise<void> {
    const { reopenMs = REOPEN_MS } = this.#options;
    for (let after: unknown; !this.#inbox.isOver; ) {
      try {
        await this.#live(after);
      } catch (error) {
        if (error instanceof Over) return;
        if (!(error instanceof StoreFailure)) throw error;
        after = error.cause;
        this.#tellFailure(error);
        await this.#inbox.pause(reopenMs);
      }
    }
  }

  async #live(after: unknown): Promise<void> {
    const { order, say, others = [], now = Date.now } = this.#options;
    const keeper = new MeterKeeper({ path: order.path, settings: this.#settings, say, now, after });
    this.#inbox.refuseBy(undefined);
    this.#toldFailure = undefined;
    try {
      const reading = new MeterReading({
        ...{ roots: order.roots.map(rootFrom), settings: this.#settings, keeper, inbox: this.#inbox, say, now, others },
        together: order.together ?? TOGETHER,
        onSettings: (settings) => {
          this.#settings = settings;
        },
      });
      await reading.run();
    } finally {
      keeper.close();
    }
  }

  /** No source can be counted, and no question answered, while the store is closed. */
  #tellFailure({ told }: StoreFailure): void {
    const { order, say, now = Date.now } = this.#options;
    const { text, hint } = told;
    const why = { reason: text, ...(hint && { hint }), sinceMs: now() };
    const tools = new Set(order.roots.map(({ tool }) => tool).filter((tool) => this.#settings.sources.includes(tool)));
    const sources = [...tools].map((tool): SourceStanding => ({ tool, state: 'degraded', ...why }));
    if (text.en !== this.#toldFailure) say({ says: 'warning', code: 'meters_storage', text, ...(hint && { hint }) });
    this.#toldFailure = text.en;
    say({ says: 'sources', sources });
    this.#inbox.refuseBy((answer) => say({ answer, refusal: refusalFrom(told) }));
  }
}
