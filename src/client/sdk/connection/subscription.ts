/// <reference lib="esnext.disposable" preserve="true" />
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Alert, Change, Meters, Result, Session, Usage } from '../../../protocol/methods.ts';
import { openUnless } from '../daemon/open-unless.ts';
import { isUnreachable } from '../daemon/unreachable.ts';
import { pause, pauses } from './backoff.ts';
import type { Connection, Notification } from './connection.ts';
import { Inbox } from './inbox.ts';
import { type MetersItem, MetersOrder } from './meters-order.ts';

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
export interface Subscription<Item = SubscriptionItem> extends AsyncIterableIterator<Item, undefined>, AsyncDisposable {
  return(): Promise<IteratorResult<Item, undefined>>;
}

/** What a subscription with meters tells. */
export type LiveItem = SubscriptionItem | MetersItem;

/** Opens a connection to the daemon, wherever it is by now; the signal tells that it is not wanted any more. */
export type OpenConnection = (isAgain: boolean, signal: AbortSignal) => Promise<Connection>;

/**
 * Follows the usage from the first `next()` on: a snapshot, then every change, across restarts of the daemon.
 * `next()` throws when the daemon cannot be reached at first, or refuses for good later (`incompatible`, `unauthorized`).
 */
export function subscribe(open: OpenConnection, onEnd: () => void = () => undefined): Subscription {
  // Who did not subscribe to meters is told of none.
  return start(open, false, onEnd) as Subscription;
}

/** The same, and with each connection the live meters: all of them, then what changes. */
export function subscribeWithMeters(open: OpenConnection, onEnd: () => void): Subscription<LiveItem> {
  return start(open, true, onEnd);
}

function start(open: OpenConnection, hasMeters: boolean, onEnd: () => void): Subscription<LiveItem> {
  const stop = new AbortController();
  const items = follow(open, hasMeters, stop.signal);
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

async function* follow(
  open: OpenConnection,
  hasMeters: boolean,
  stop: AbortSignal,
): AsyncGenerator<LiveItem, undefined> {
  let last: Usage | undefined;
  for (;;) {
    const stream = await attach(open, last, stop);
    if (!stream) return;
    const { connection, state, notifications } = stream;
    const order = new MetersOrder();
    try {
      if (hasMeters) void askMeters(stream);
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
        if (method === 'meters.subscribe') yield* order.whole(params);
        if (method === 'meters.changed') yield* order.changed(params);
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
  readonly notifications: Inbox<Notification | MetersAnswer>;
}

/** The meters as they stand, in the line of what is told. */
interface MetersAnswer {
  readonly method: 'meters.subscribe';
  readonly params: Meters;
}

/** Asks for the meters without waiting, for the usage never waits for them; a daemon that has none tells of none. */
async function askMeters({ connection, notifications }: Stream): Promise<void> {
  try {
    notifications.put({ method: 'meters.subscribe', params: await connection.call('meters.subscribe', {}) });
  } catch (error) {
    if (!(error instanceof TokenSyncError)) throw error;
  }
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
  const notifications: Stream['notifications'] = new Inbox();
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
