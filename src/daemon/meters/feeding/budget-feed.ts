import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import type { Waiting } from '../../decided-batch.ts';
import type { Monitor } from '../../monitor.ts';
import type { BudgetNow } from '../../rules/record.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { type FedReading, fedOperation } from './fed-operation.ts';
import { FeedPace, inOrder, isSilent, PACE_MS } from './feed-pace.ts';
import { feedEvent } from './feed-words.ts';

export interface BudgetFeedOptions {
  readonly monitor: Pick<Monitor, 'submit' | 'first' | 'snapshot' | 'shown'>;
  /**
   * Closes rows of the outbox, which are then what they are after any crash, and answers with them: these, or with `all` those
   * that there are once everything up to now was read. At once where nothing can have changed: a person waits.
   */
  readonly handOut: (seqs: readonly number[] | 'all') => Promise<readonly OutboxRow[]>;
  /** Removes rows from the outbox that the ledger holds. */
  readonly settle: (seqs: readonly number[]) => void;
  readonly budget: () => BudgetNow;
  /** In percent; none where nobody has set the budget. */
  readonly thresholds: () => readonly number[];
  readonly lang: Language;
  readonly onFailure: (error: unknown) => void;
  readonly now?: () => number;
}

/** What could not be recorded is tried again after this. */
const RETRY_MS = 5_000;

/**
 * Brings what live meters count to the budget, each row of the outbox exactly once: it is closed before it is recorded, is
 * recorded under an id of its own, and leaves the outbox only when the ledger has it. At most one session a minute for each
 * conversation, but at once when an alert is due, when the conversation changes, and in front of what a person reads.
 */
export class BudgetFeed {
  readonly #options: BudgetFeedOptions;
  readonly #now: () => number;
  readonly #pace = new FeedPace();
  /** As they were told last, without those that are done. */
  #rows: readonly OutboxRow[] = [];
  readonly #underWay = new Set<number>();
  /** In the ledger, and to leave the outbox. */
  #done = new Set<number>();
  /** The budget cannot hold them, so that they stay where they are. */
  readonly #refused = new Set<number>();
  /** The latest that was told of a conversation that is not shown. */
  #other: OutboxRow | undefined;
  /** How many people's readings wait for what is known by now. */
  #gathering = 0;
  #recording: Promise<void> = Promise.resolve();
  #earliestMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: BudgetFeedOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    // What waits was counted by the settings of then, and a person's figure shows it.
    const isFed = () => options.budget().feeds || this.#waiting().length > 0;
    options.monitor.first.precedeByHand(() => (isFed() ? this.#beforeReading() : undefined));
  }

  /** Takes all rows that the ledger is not known to hold, whenever one has changed. */
  take(rows: readonly OutboxRow[]): void {
    const seqs = new Set(rows.map(({ seq }) => seq));
    const again = [...this.#done].filter((seq) => seqs.has(seq));
    this.#done = new Set(again);
    // What was told to leave may not have heard it.
    if (again.length > 0) this.#options.settle(again);
    this.#rows = rows.filter(({ seq }) => !this.#done.has(seq));
    this.look();
  }

  /** Records what is due, and looks again by itself when more is. */
  look(): void {
    try {
      this.#look();
    } catch (error) {
      // The figures of a ledger that cannot be read just now.
      this.#failed(error);
    }
  }

  #look(): void {
    clearTimeout(this.#timer);
    const nowMs = this.#now();
    if (this.#isClosed) return;
    if (nowMs < this.#earliestMs) {
      this.#lookAt(this.#earliestMs);
      return;
    }
    const due = this.#pace.due(this.#waiting(), this.#feedNow());
    if (due.length > 0) this.#recording = this.#recording.then(() => this.#record(due));
    this.#showOther();
    this.#lookAt(this.#nextMs());
  }

  /** Ends, before the monitor does; what waits stays in the outbox, and is recorded after the next start. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #waiting(rows = this.#rows): readonly OutboxRow[] {
    return rows.filter(({ seq }) => ![this.#underWay, this.#done, this.#refused].some((held) => held.has(seq)));
  }

  #feedNow() {
    const { budget, thresholds, monitor } = this.#options;
    const { snapshot, shown } = monitor;
    return { nowMs: this.#now(), adds: budget().adds === true, thresholds: thresholds(), snapshot, shown };
  }

  async #record(due: readonly OutboxRow[]): Promise<void> {
    const open = this.#waiting(due).filter(({ isHandedOut }) => !isHandedOut);
    try {
      const closed = open.length === 0 ? [] : await this.#options.handOut(open.map(({ seq }) => seq));
      // A row that the store does not know is none.
      this.#rows = this.#rows.filter((row) => !has(open, row) || has(closed, row));
      // Whoever gathers all that there is takes these too, in front of the reading that waits.
      if (this.#isClosed || this.#gathering > 0) return;
      const rows = this.#offered([...due.filter(({ isHandedOut }) => isHandedOut), ...closed]);
      await Promise.all(rows.map((one) => this.#options.monitor.submit(one.operation).then(one.resolve, one.reject)));
    } catch (error) {
      this.#failed(error);
    }
    this.look();
  }

  async #beforeReading(): Promise<readonly Waiting[]> {
    this.#gathering++;
    try {
      const rows = await this.#options.handOut('all');
      return this.#isClosed ? [] : this.#offered(rows);
    } catch (error) {
      this.#failed(error);
      return [];
    } finally {
      this.#gathering--;
      queueMicrotask(() => this.look());
    }
  }

  /** From here on they are under way, and nobody else offers them. */
  #offered(rows: readonly OutboxRow[]): Waiting[] {
    return inOrder(this.#waiting(rows)).map((row) => {
      this.#underWay.add(row.seq);
      const operation = fedOperation(this.#readingOf(row), () => undefined);
      return { operation, resolve: () => this.#recorded(row), reject: (error) => this.#rejected(row, error) };
    });
  }

  #readingOf({ seq, meter, tokens, conversation = '', used, atMs }: OutboxRow): FedReading {
    const event = feedEvent(meter, this.#options.lang);
    const id = `meter:${meter}:${seq}`;
    return {
      id,
      meter,
      tokens,
      event,
      conversation_id: conversation,
      atMs,
      ...(used !== undefined && { shown: used }),
    };
  }

  #recorded(row: OutboxRow): void {
    this.#underWay.delete(row.seq);
    this.#done.add(row.seq);
    this.#rows = this.#rows.filter(({ seq }) => seq !== row.seq);
    this.#pace.note(row, this.#now());
    if (row.used !== undefined && row.atMs >= (this.#other?.atMs ?? row.atMs)) this.#other = row;
    this.#options.settle([row.seq]);
    this.look();
  }

  #rejected({ seq }: OutboxRow, error: unknown): void {
    this.#underWay.delete(seq);
    if (error instanceof TokenSyncError && error.kind === 'value_refused') this.#refused.add(seq);
    this.#failed(error);
  }

  #failed(error: unknown): void {
    if (this.#isClosed) return;
    this.#earliestMs = this.#now() + RETRY_MS;
    this.#lookAt(this.#earliestMs);
    this.#options.onFailure(error);
  }

  /** When the conversation that is shown has fallen silent, the one that was written after it is shown, though it says no more. */
  #showOther(): void {
    const { monitor, budget } = this.#options;
    const { shown } = monitor;
    const other = this.#laterOther();
    if (!other || !shown || !isSilent(shown, this.#now()) || budget().adds || !budget().feeds) return;
    this.#other = undefined;
    const reading = this.#readingOf({ ...other, tokens: 0 });
    const operation = fedOperation({ ...reading, id: `${reading.id}/shown` }, () => undefined);
    monitor.submit(operation).catch((error) => this.#failed(error));
  }

  #laterOther(): OutboxRow | undefined {
    const { shown } = this.#options.monitor;
    const other = this.#other;
    return other && shown && other.conversation !== shown.conversation && other.atMs > shown.atMs ? other : undefined;
  }

  #nextMs(): number {
    const now = this.#feedNow();
    const dueMs = this.#waiting().map((row) => this.#pace.dueMs(row, now));
    const { shown } = now;
    if (shown && this.#laterOther()) dueMs.push(shown.atMs + PACE_MS);
    return Math.min(...dueMs.filter((ms) => ms > now.nowMs));
  }

  #lookAt(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed || ms === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.look(), Math.max(1, Math.min(PACE_MS, ms - this.#now()))).unref();
  }
}

function has(rows: readonly OutboxRow[], { seq }: OutboxRow): boolean {
  return rows.some((row) => row.seq === seq);
}
