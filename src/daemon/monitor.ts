import type { Params, Result, Session, Usage } from '../protocol/methods.ts';
import { BatchFold, isTotalSet } from './batch-fold.ts';
import { type DecidedBatch, decideBatch, gatherMore, nextBatch, type Waiting } from './decided-batch.ts';
import { Forerunners } from './forerunners.ts';
import type { Operation } from './operation.ts';
import { stopping } from './process/stopping.ts';
import { type LedgerChange, notificationOf } from './rules/change.ts';
import type { World } from './rules/figures/world.ts';
import type { BudgetNow } from './rules/record.ts';
import { type Snapshot, usageOf } from './rules/snapshot.ts';
import type { EditOrigin } from './store/edits/edit-intake.ts';
import { markInBatch } from './store/ledger/marks.ts';
import type { Store } from './store/store.ts';
import type { Subscriber, Subscribers } from './subscribers.ts';

export interface MonitorOptions {
  readonly store: Store;
  readonly subscribers: Subscribers;
  /** As it stands now: by default it follows the counter, and no source feeds it. */
  readonly budget?: () => BudgetNow;
  readonly now?: () => number;
}

/** So many edits are taken before a batch; when they have taken longer than this, what waits is committed before the next. */
const MAX_EDITS = 8;
const MAX_EDITS_MS = 200;

/**
 * Owns the snapshot, and alone knows the order of a commit: fold what waits over the saved state → ledger durable →
 * state file in place → subscribers told → callers answered. Whatever arrives meanwhile is the next batch.
 */
export class Monitor {
  /** What goes in front of what is recorded; edits of the state file are taken as they come. */
  readonly first = new Forerunners();
  readonly #store: Store;
  readonly #subscribers: Subscribers;
  readonly #now: () => number;
  readonly #refusal = Promise.withResolvers<never>();
  readonly #budget: () => BudgetNow;
  readonly #waiting: Waiting[] = [];
  /** Settled after the next look at the state file; there while somebody waits for one. */
  #adoption: PromiseWithResolvers<void> | undefined;
  /** True when the last look ended before all edits were taken. */
  #isEditLeft = false;
  #draining: Promise<void> | undefined;
  #isClosing = false;

  constructor({ store, subscribers, budget = () => ({}), now = Date.now }: MonitorOptions) {
    this.#store = store;
    this.#subscribers = subscribers;
    this.#now = now;
    this.#refusal.promise.catch(() => undefined);
    this.#budget = budget;
  }

  /** The last committed state. */
  get snapshot(): Snapshot {
    return this.#store.view.snapshot;
  }

  /** When `used` was set as a whole last, since the budget began anew. */
  get setMs(): number | undefined {
    return this.#store.ledger.figures.state.world.setMs;
  }

  /** The conversation of a followed gauge that `used` shows, and when it was written last. */
  get shown(): World['shown'] {
    return this.#store.ledger.figures.state.world.shown;
  }

  /** True when somebody has set the budget, and not only the default stands; `undefined` while that is not known. */
  get isTotalSet(): boolean | undefined {
    return isTotalSet(this.snapshot, this.#store);
  }

  usage(): Usage {
    return usageOf(this.snapshot, this.#store.mark);
  }

  /** The sessions as they stand in the state file. */
  sessions(): Session[] {
    return this.#store.sessions();
  }

  /** Commits an operation; resolves when it is durable and stands in the state file, rejects when nothing of it was recorded. */
  submit<T>(operation: Operation<T>): Promise<T> {
    if (this.#isClosing) return Promise.reject(stopping());
    // Nobody else waits with it.
    const missing = operation.asks && this.#store.history[operation.asks === 'ids' ? 'idsKnown' : 'soonThere'];
    if (missing) return Promise.race([missing, this.#refusal.promise]).then(() => this.submit(operation));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#put([{ operation, resolve: resolve as (answer: unknown) => void, reject }]);
    return promise;
  }

  #put(waiting: readonly Waiting[]): void {
    if (this.#isClosing) for (const { reject } of waiting) reject(stopping());
    else this.#waiting.push(...waiting);
    // With nothing to do it would end before it is known as under way, and be taken for that ever after.
    if (this.#waiting.length > 0) this.#draining ??= this.#drain();
  }

  /** Adopts what others changed in the state file up to now; rejects when the disk refuses it. */
  adoptEdits(): Promise<void> {
    if (this.#isClosing) return Promise.reject(stopping());
    this.#adoption ??= Promise.withResolvers();
    this.#draining ??= this.#drain();
    return this.#adoption.promise;
  }

  /** Runs `work` between two commits, when snapshot and history tell the same, once there is of it what it `asks`; rejects while the daemon stops. */
  between(work: (snapshot: Snapshot) => void, asks?: Operation<void>['asks']): Promise<void> {
    const decide: Operation<void>['decide'] = ({ snapshot }) => {
      work(snapshot);
      return { answer: () => undefined };
    };
    return this.submit({ isAlone: true, ...(asks && { asks }), decide });
  }

  /** The state and a subscription in one act: no change falls between the two. */
  subscribe(subscriber: Subscriber, last: Params<'usage.subscribe'> = {}): Omit<Result<'usage.subscribe'>, 'alerts'> {
    const { revision, mark } = this.usage();
    // A mark tells more than a revision, which another past has too.
    const known = last.since === undefined ? last.since_revision : this.#store.revisionOf(last.since);
    const changes = known === undefined ? undefined : this.#subscribers.changesSince(known, revision);
    this.#subscribers.add(subscriber);
    return { revision, mark, usage: this.usage(), sessions: this.sessions(), ...(changes && { changes }) };
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.remove(subscriber);
  }

  /** Refuses whoever waits for the history: a stop does not. */
  refuseWaiting(): void {
    this.#refusal.reject(stopping());
  }

  /** Commits all that waits and refuses all that comes. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.refuseWaiting();
    await this.#draining;
    // Somebody may have written into the file that the last commit replaced.
    this.#store.endLateEdits();
    try {
      await this.#adopt([]);
    } catch {
      // The disk refuses it, as it would any reading; the stop goes on.
    }
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#adoption || (this.#isEditLeft && !this.#isClosing)) {
      await gatherMore(this.#waiting);
      const batch = nextBatch(this.#waiting);
      const adoption = this.#adoption;
      this.#adoption = undefined;
      try {
        this.#isEditLeft = false;
        this.#isEditLeft = !(await this.#adopt(batch));
        if (batch.length > 0) await this.#commit(batch);
        adoption?.resolve();
      } catch (error) {
        const isAtFault = this.#store.history.isAtFault(error);
        if (isAtFault) this.#store.lookAgain();
        if (isAtFault) adoption?.resolve();
        else adoption?.reject(error);
        for (const { operation, resolve, reject } of batch) {
          if (isAtFault) resolve(this.#again(operation));
          else reject(error);
        }
      }
    }
    this.#draining = undefined;
  }

  /** Once the history is there, by whose fault it could not be decided. */
  async #again<T>(operation: Operation<T>): Promise<T> {
    await Promise.race([this.#store.history.soonThere, this.#refusal.promise]);
    return await this.submit(operation);
  }

  /** Takes edits over; false where some may be left: a program that writes without a pause must not keep readings waiting. */
  async #adopt(batch: readonly Waiting[]): Promise<boolean> {
    const startedMs = performance.now();
    for (let edits = 0; edits < MAX_EDITS; edits++) {
      const edit = await this.#store.takeEdit(this.#now);
      if (!edit) return true;
      await this.#save([edit.change], edit.origin);
      const isAnyoneWaiting = batch.length > 0 || this.#waiting.length > 0;
      if (isAnyoneWaiting && performance.now() - startedMs > MAX_EDITS_MS) return false;
    }
    return false;
  }

  async #commit(batch: readonly Waiting[]): Promise<void> {
    const alone = (one: Waiting) => this.#conclude(this.#decide([one]));
    await this.first.goBefore(batch, alone, (late) => this.#put(late));
    const decided = this.#decide(batch);
    if (decided.fold.changes.length === 0 || !(await this.#commitDue())) return this.#conclude(decided);
    await this.#conclude(this.#decide(batch));
  }

  /** True where something went first, so that what follows is to be decided on it. */
  async #commitDue(): Promise<boolean> {
    const due = this.first.due();
    // It looks back at the history: where that is not there, it comes later, and nobody waits for it.
    if (!due || this.#store.history.working) return false;
    const decided = decideBatch(this.#fold(), [due], () => undefined);
    await this.#conclude(decided);
    return decided.fold.changes.length > 0;
  }

  #fold(): BatchFold {
    return new BatchFold(this.#store, this.#now(), this.#budget());
  }

  /** What the history could not tell is decided once it is made anew. */
  #decide(batch: readonly Waiting[]): DecidedBatch {
    return decideBatch(this.#fold(), batch, (operation, error) =>
      this.#store.history.isAtFault(error) ? () => this.#again(operation) : undefined,
    );
  }

  /** Makes it durable, and answers. */
  async #conclude({ fold, answers }: DecidedBatch): Promise<void> {
    const before = { revision: fold.before.revision, mark: this.#store.mark };
    if (fold.changes.length > 0) await this.#save(fold.changes);
    const written = {
      isStateFileBehind: this.#store.isBehind,
      mark: (revision: number) =>
        revision === before.revision ? before.mark : markInBatch(revision, this.#store.mark),
    };
    for (const answer of answers) answer(written);
  }

  async #save(changes: readonly LedgerChange[], origin?: EditOrigin): Promise<void> {
    await this.#store.commit(changes, () => this.#tell(changes), origin);
  }

  #tell(changes: readonly LedgerChange[]): void {
    this.#subscribers.publish(
      changes.map((change) => ({
        method: 'usage.changed',
        params: notificationOf(change, markInBatch(change.revision, this.#store.mark)),
      })),
    );
  }
}
