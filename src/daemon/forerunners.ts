import { setTimeout as pause } from 'node:timers/promises';
import type { Waiting } from './decided-batch.ts';
import type { Operation } from './operation.ts';

/** A person's reading waits no longer than this for what a source knows by then. */
const MOST_WAIT_MS = 300;

/** What goes in front of what is recorded: a reset that is due, and in front of a person's reading what sources have counted. */
export class Forerunners {
  #due: () => Operation<unknown> | undefined = () => undefined;
  #counted: () => Promise<readonly Waiting[]> | undefined = () => undefined;

  /** Names what goes in front of whatever is recorded, where something is due then. */
  precede(due: () => Operation<unknown> | undefined): void {
    this.#due = due;
  }

  /** Names what goes in front of a person's reading, where anything waits; what comes too late goes behind it. */
  precedeByHand(counted: () => Promise<readonly Waiting[]> | undefined): void {
    this.#counted = counted;
  }

  /** What is due now. Whoever named it asks for it once more, and hears then why it could not be decided. */
  due(): Waiting | undefined {
    const operation = this.#due();
    return operation && { operation, resolve: () => undefined, reject: () => undefined };
  }

  /** Commits what goes in front of a batch, within the time; `onLate` takes what came later. Rejects as `commit` does. */
  async goBefore(
    batch: readonly Waiting[],
    commit: (one: Waiting) => Promise<void>,
    onLate: (late: readonly Waiting[]) => void,
  ): Promise<void> {
    const isByHand = batch.some(({ operation }) => operation.isByHand);
    const counted = isByHand ? this.#counted() : undefined;
    if (!counted) return;
    const first = await this.#inTime(counted);
    if (!first) void counted.then(onLate);
    else await inOrder(first, commit);
  }

  async #inTime(counted: Promise<readonly Waiting[]>): Promise<readonly Waiting[] | undefined> {
    const given = new AbortController();
    const tooLong = pause(MOST_WAIT_MS, undefined, { signal: given.signal }).catch(() => undefined);
    const first = await Promise.race([counted, tooLong]);
    given.abort();
    return first ?? undefined;
  }
}

async function inOrder(waiting: readonly Waiting[], commit: (one: Waiting) => Promise<void>): Promise<void> {
  try {
    for (const one of waiting) await commit(one);
  } catch (error) {
    for (const { reject } of waiting) reject(error);
    throw error;
  }
}
