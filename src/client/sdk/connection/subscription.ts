/// <reference lib="esnext.disposable" preserve="true" />
import type { Alert, Change, Result, Session, Usage } from '../../../protocol/methods.ts';
import { openUnless } from '../daemon/open-unless.ts';
import { isUnreachable } from '../daemon/unreachable.ts';
import { pause, pauses } from './backoff.ts';
import type { Connection, Notification } from './connection.ts';
import { Inbox } from './inbox.ts';

/** The state as it stands: the first item, and again when the daemon no longer holds what was missed. */
export interface SnapshotItem {
  readonly type: 'snapshot';
  readonly revision: number;
  /** Of this revision in this ledger. */
  readonly mark: string;
  readonly usage: Usage;
  /** As in the state file: newest first, the latest 100. */
  readonly sessions: readonly Session[];
}

/** One committed change; each follows the item before it without a gap and comes once. */
export type ChangeItem = { readonly type: 'change' } & Readonly<Change>;

/** Usage has crossed a threshold; those of a time without connection are not told. */
export type AlertItem = { readonly type: 'alert' } & Readonly<Alert>;

/** The daemon is out of reach, or is back and what was missed follows. */
export interface ConnectionItem {
  readonly type: 'connection';
  readonly state: 'lost' | 'back';
}

export type SubscriptionItem = SnapshotItem | ChangeItem | AlertItem | ConnectionItem;

/** Items in order, for one reader; `return()`, `break` or `await using` ends it, also while `next()` waits. */
export interface Subscription extends AsyncIterableIterator<SubscriptionItem, undefined>, AsyncDisposable {
  return(): Promise<IteratorResult<SubscriptionItem, undefined>>;
}

/** Opens a connection to the daemon, wherever it is by now; the signal tells that it is not wanted any more. */
export type OpenConnection = (isAgain: boolean, signal: AbortSignal) => Promise<Connection>;

/**
 * Follows the usage from the first `next()` on: a snapshot, then every change, across restarts of the daemon.
 * `next()` throws when the daemon cannot be reached at first, or refuses for good later (`incompatible`, `unauthorized`).
 */
export function subscribe(open: OpenConnection, onEnd: () => void = () => undefined): Subscription {
  const stop = new AbortController();
  const items = follow(open, stop.signal);
  const end = async () => {
    // A generator that waits hears of its end only when the wait is over.
    stop.abort();
    onEnd();
    return items.return(undefined);
  };
  return {
    next: () =>
      items.next().catch((error) => {
        onEnd();
        throw error;
      }),
    return: end,
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

async function* follow(open: OpenConnection, stop: AbortSignal): AsyncGenerator<SubscriptionItem, undefined> {
  let last: Usage | undefined;
  for (;;) {
    const stream = await attach(open, last, stop);
    if (!stream) return;
    const { connection, state, notifications } = stream;
    try {
      if (last) yield { type: 'connection', state: 'back' };
      if (!state.changes) {
        const { revision, mark, usage, sessions } = state;
        last = usage;
        yield { type: 'snapshot', revision, mark, usage, sessions };
      }
      for (const change of state.changes ?? []) {
        last = change.usage;
        yield { type: 'change', ...change };
      }
      for await (const { method, params } of notifications) {
        if (method === 'usage.alert') yield { type: 'alert', ...params };
        if (method !== 'usage.changed' || params.revision <= last!.revision) continue;
        // A gap cannot be filled from here; the daemon can fill it.
        if (params.previous_revision !== last!.revision) break;
        last = params.usage;
        yield { type: 'change', ...params };
      }
    } finally {
      connection.close();
    }
    if (stop.aborted) return;
    yield { type: 'connection', state: 'lost' };
  }
}

/** A connection that is subscribed. */
interface Stream {
  readonly connection: Connection;
  readonly state: Result<'usage.subscribe'>;
  /** Notifications since the subscription; the first of them may be contained in the state already. */
  readonly notifications: Inbox<Notification>;
}

/** Subscribes, and after the first time until it succeeds; `undefined` when it is stopped before. */
async function attach(open: OpenConnection, last: Usage | undefined, stop: AbortSignal): Promise<Stream | undefined> {
  const waits = pauses(50, 5_000);
  while (!stop.aborted) {
    try {
      return await openStream(open, last, stop);
    } catch (error) {
      if (stop.aborted) break;
      if (!last || !isUnreachable(error)) throw error;
    }
    await pause(waits.next().value, stop);
  }
  return undefined;
}

async function openStream(
  open: OpenConnection,
  last: Usage | undefined,
  stop: AbortSignal,
): Promise<Stream | undefined> {
  const connection = await openUnless(stop, open(last !== undefined, stop));
  if (!connection) return undefined;
  const close = () => connection.close();
  stop.addEventListener('abort', close);
  const notifications = new Inbox<Notification>();
  connection.closed.then(() => {
    stop.removeEventListener('abort', close);
    notifications.close();
  });
  // Before the call: the first change may overtake its answer.
  connection.listen((notification) => notifications.put(notification));
  try {
    const state = await connection.call('usage.subscribe', last ? { since: last.mark } : {});
    return { connection, state, notifications };
  } catch (error) {
    connection.close();
    throw error;
  }
}
