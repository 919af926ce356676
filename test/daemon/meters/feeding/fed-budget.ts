import { onTestFinished } from 'vitest';
import { BudgetFeed, type BudgetFeedOptions } from '../../../../src/daemon/meters/feeding/budget-feed.ts';
import type { MeterStore } from '../../../../src/daemon/meters/store/meter-store.ts';
import type { BudgetNow } from '../../../../src/daemon/rules/record.ts';
import { freshFolder } from '../../../support/folders.ts';
import { until } from '../../../support/until.ts';
import { type OpenedStore, openStore } from '../../store/opened-store.ts';
import { count, metersIn, part, storeAt } from '../store/meters-at.ts';

export const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2025, 10, 18, 8);

export const COUNTER = { main: ['codex'], budget: { adds: true, feeds: true } } as const;
export const GAUGE = { main: ['cursor.context'], budget: { adds: false, feeds: true } } as const;

interface Kind {
  readonly main: readonly string[];
  readonly budget: BudgetNow;
}

export type Fault = Partial<Pick<BudgetFeedOptions, 'settle'>> & {
  /** Takes the place of the answer, after the rows were closed. */
  readonly handOut?: () => Promise<never>;
};

/** A ledger, `meters.db`, and the feed between them, as the daemon has them, with a clock that the test moves. */
export class FedBudget {
  readonly opened: OpenedStore;
  readonly meters: MeterStore;
  readonly feed: BudgetFeed;
  readonly clock: { ms: number };
  readonly failures: unknown[] = [];
  thresholds: readonly number[] = [];
  #kind: Kind;
  #counted = 0;

  private constructor(opened: OpenedStore, meters: MeterStore, clock: { ms: number }, kind: Kind, fault: Fault) {
    this.opened = opened;
    this.meters = meters;
    this.clock = clock;
    this.#kind = kind;
    this.feed = new BudgetFeed({
      monitor: opened.monitor,
      handOut: async (seqs) => {
        const rows = meters.handOut(seqs === 'all' ? meters.outbox().rows.map(({ seq }) => seq) : seqs);
        return fault.handOut ? fault.handOut() : rows;
      },
      settle: fault.settle ?? ((seqs) => meters.settle(seqs)),
      budget: () => this.#kind.budget,
      thresholds: () => this.thresholds,
      lang: 'zh',
      onFailure: (error) => this.failures.push(error),
      now: () => clock.ms,
    });
  }

  static async open(
    kind: Kind,
    {
      folder = freshFolder(),
      clock = { ms: START_MS },
      ...fault
    }: Fault & { folder?: string; clock?: { ms: number } } = {},
  ): Promise<FedBudget> {
    // What feeds the budget can be switched off while it is open.
    const now = { kind };
    const opened = await openStore(folder, { budget: () => now.kind.budget, now: () => clock.ms });
    const meters = storeAt(metersIn(folder), { main: kind.main }, clock.ms);
    const fed = new FedBudget(opened, meters, clock, kind, fault);
    fed.switchTo = (other) => {
      now.kind = other;
      fed.#kind = other;
    };
    onTestFinished(() => fed.feed.close());
    fed.feed.take(meters.outbox().rows);
    return fed;
  }

  switchTo: (kind: Kind) => void = () => undefined;

  /** As after a kill: nothing of the feed is left, and what is on the disk is opened again. */
  async again(fault: Fault = {}): Promise<FedBudget> {
    await this.opened.close();
    this.meters.close();
    this.clock.ms += 1_000;
    return FedBudget.open(this.#kind, { folder: this.opened.folder, clock: this.clock, ...fault });
  }

  pass(ms: number): void {
    this.clock.ms += ms;
    this.feed.look();
  }

  /** A tool writes, and the reader tells of it. */
  use(tokens: number, conversation = 'c', atMs = this.clock.ms): void {
    const seen = count(`k${this.#counted++}-${this.clock.ms}`, tokens, { atMs, conversation });
    this.meters.commit({ parts: [part('/a', [seen])] }, this.clock.ms);
    this.feed.take(this.meters.outbox().rows);
  }

  /** A gauge shows another value. */
  show(used: number, conversation = 'c', atMs = this.clock.ms): void {
    const seen = { kind: 'gauge', meter: 'cursor.context', conversation, used, atMs, provenance: 'exact' } as const;
    this.meters.commit({ parts: [{ observations: [seen] }] }, this.clock.ms);
    this.feed.take(this.meters.outbox().rows);
  }

  async manual(tokens: number) {
    return await this.opened.record(tokens, { sync_type: 'manual' });
  }

  get used(): number {
    return this.opened.usage.used;
  }

  /** The sessions of the state file, newest first: type, tokens and conversation. */
  get sessions(): string[] {
    return this.opened.monitor
      .sessions()
      .map(({ sync_type, tokens, conversation_id }) => `${sync_type} ${tokens} ${conversation_id}`.trim());
  }

  get consumption(): Promise<number> {
    return this.opened.queries.sum({}).then(({ tokens }) => tokens);
  }

  /** Waits until the ledger holds so many sessions of a meter, and the outbox nothing of them. */
  async recorded(sessions: number): Promise<void> {
    await until(async () => {
      const all = await this.opened.history();
      return all.filter(({ id }) => id?.startsWith('meter:')).length === sessions;
    }, `${sessions} sessions are recorded`);
  }

  async settled(): Promise<void> {
    await until(() => this.meters.outbox().rows.length === 0, 'the outbox is empty');
  }
}
