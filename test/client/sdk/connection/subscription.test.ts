import { cpSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Subscription, SubscriptionItem } from '../../../../src/client/sdk/connection/subscription.ts';
import { TokenSyncManager } from '../../../../src/client/sdk/index.ts';
import { startDaemon, type TestDaemon } from '../../../support/daemon.ts';
import { serveStub, stubInfo } from '../../../support/json-rpc-stub.ts';
import { daemonsOf, folderForClients } from '../../../support/started-daemons.ts';
import { until, within } from '../../../support/until.ts';

const add = (daemon: TestDaemon, tokens: number) => daemon.rpc('usage.record', { tokens, sync_type: 'auto' });

function subscribeTo(dataDir: string, options = {}): Subscription {
  return new TokenSyncManager({ dataDir, autoStart: false, language: 'en' }).subscribe(options);
}

/** The next items, as short as a test reads them. */
async function take(subscription: Subscription, count: number): Promise<unknown[]> {
  const items: unknown[] = [];
  while (items.length < count) items.push(shortOf(await next(subscription)));
  return items;
}

async function next(subscription: Subscription): Promise<SubscriptionItem> {
  const { value } = await within(10_000, subscription.next(), 'an item of the subscription');
  if (!value) throw new Error('the subscription has ended');
  return value;
}

function shortOf(item: SubscriptionItem): unknown {
  if (item.type === 'connection') return item.state;
  if (item.type === 'alert') return `alert ${item.level}`;
  return `${item.type} ${item.revision}`;
}

const mark = (revision: number) => `${revision}:0a1b2c3d`;
const usage = (revision: number) => ({
  used: revision,
  total: 100,
  percent: revision,
  revision,
  mark: mark(revision),
});
const change = (revision: number) => ({
  revision,
  previous_revision: revision - 1,
  mark: mark(revision),
  usage: usage(revision),
  cause: 'reading',
});
const told = (revision: number) =>
  JSON.stringify({ jsonrpc: '2.0', method: 'usage.changed', params: change(revision) });

describe('a subscription', () => {
  test('a subscription begins with a snapshot and goes on with every change and alert, in order', async () => {
    const daemon = await startDaemon();
    await add(daemon, 10);
    const subscription = subscribeTo(daemon.folder);
    expect(await next(subscription)).toMatchObject({
      type: 'snapshot',
      revision: 1,
      usage: { used: 10 },
      sessions: [{ tokens: 10 }],
    });
    await add(daemon, 5);
    await daemon.rpc('usage.set_total', { total: 18 });
    expect(await next(subscription)).toMatchObject({
      type: 'change',
      revision: 2,
      previous_revision: 1,
      cause: 'reading',
      usage: { used: 15 },
      session: { tokens: 5 },
    });
    expect(await next(subscription)).toMatchObject({ type: 'change', revision: 3, cause: 'total' });
    expect(await next(subscription)).toMatchObject({ type: 'alert', level: 80, revision: 3 });
    await subscription.return();
  });

  test('a subscription survives a kill -9 and a start on another port without a gap', async () => {
    const first = await startDaemon();
    const subscription = subscribeTo(first.folder);
    await add(first, 1);
    expect(await take(subscription, 1)).toEqual(['snapshot 1']);
    await add(first, 1);
    // Told by the old daemon or by the new one, but once.
    await first.kill();
    const second = await startDaemon({ folder: first.folder });
    await add(second, 1);
    await add(second, 1);
    expect(second.port).not.toBe(first.port);
    const items = await take(subscription, 5);
    await add(second, 1);
    items.push(...(await take(subscription, 1)));
    expect(items.filter((item) => String(item).startsWith('change'))).toEqual([2, 3, 4, 5].map((n) => `change ${n}`));
    expect(items.filter((item) => !String(item).startsWith('change'))).toEqual(['lost', 'back']);
    await subscription.return();
  });

  test('a subscription shows a backup that was put back as what it is, though it has the revisions that were seen', async () => {
    const daemon = await startDaemon();
    const subscription = subscribeTo(daemon.folder);
    await add(daemon, 1);
    await take(subscription, 1);
    const backup = join(daemon.folder, '..', 'backup');
    cpSync(join(daemon.folder, 'ledger'), join(backup, 'ledger'), { recursive: true });
    for (const tokens of [10, 10]) await add(daemon, tokens);
    expect(await take(subscription, 2)).toEqual(['change 2', 'change 3']);
    await daemon.stop();
    // The backup goes on by itself, beyond the revision that the subscriber has seen.
    const other = await startDaemon({ folder: backup });
    for (const tokens of [100, 100, 100]) await add(other, tokens);
    await other.stop();
    rmSync(daemon.folder, { recursive: true });
    renameSync(backup, daemon.folder);
    const restored = await startDaemon({ folder: daemon.folder });
    expect(await take(subscription, 3)).toEqual(['lost', 'back', 'snapshot 4']);
    await add(restored, 1);
    expect(await next(subscription)).toMatchObject({ type: 'change', revision: 5, usage: { used: 302 } });
    await subscription.return();
  });

  test('a subscription says that the connection is lost while nobody answers', async () => {
    const daemon = await startDaemon();
    const subscription = subscribeTo(daemon.folder);
    await take(subscription, 1);
    await daemon.stop();
    expect(await take(subscription, 1)).toEqual(['lost']);
    const back = take(subscription, 2);
    const again = await startDaemon({ folder: daemon.folder });
    await add(again, 1);
    expect(await back).toEqual(['back', 'change 1']);
    await subscription.return();
  });

  test('a subscription starts no daemon that a person has stopped, unless it was asked to', async () => {
    const folder = folderForClients();
    const daemon = await startDaemon({ folder });
    const manager = new TokenSyncManager({ dataDir: folder, port: 0, language: 'en' });
    const waiting = manager.subscribe();
    const starting = manager.subscribe({ startAgain: true });
    await Promise.all([take(waiting, 1), take(starting, 1)]);
    await daemon.stop();
    const back = take(waiting, 2);
    expect(daemonsOf(folder)).toEqual([]);
    expect(await take(starting, 2)).toEqual(['lost', 'back']);
    expect(await back).toEqual(['lost', 'back']);
    await manager.close();
  });

  test('a subscription throws when there is no daemon at first', async () => {
    const subscription = subscribeTo(folderForClients());
    await expect(subscription.next()).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test('a subscription throws when the daemon that comes back is of another version', async () => {
    let protocol = 2;
    const stub = await serveStub({
      'daemon.info': () => stubInfo({ protocol }),
      'usage.subscribe': () => ({ revision: 1, usage: usage(1), sessions: [] }),
    });
    const subscription = new TokenSyncManager({ url: stub.url }).subscribe();
    await take(subscription, 1);
    protocol = 3;
    stub.cut();
    await take(subscription, 1);
    await expect(next(subscription)).rejects.toMatchObject({ kind: 'incompatible' });
  });

  test('a subscription gives a new snapshot when the daemon no longer holds what was missed', async () => {
    let revision = 3;
    const asked: unknown[] = [];
    const stub = await serveStub({
      'daemon.info': () => stubInfo(),
      'usage.subscribe': (params) => {
        asked.push(params);
        return { revision, usage: usage(revision), sessions: [] };
      },
    });
    const subscription = new TokenSyncManager({ url: stub.url }).subscribe();
    expect(await take(subscription, 1)).toEqual(['snapshot 3']);
    revision = 5_000;
    stub.cut();
    expect(await take(subscription, 3)).toEqual(['lost', 'back', 'snapshot 5000']);
    expect(asked).toEqual([{}, { since: mark(3) }]);
    await subscription.return();
  });

  test('a subscription neither loses nor repeats changes that overtake the answer to the subscription', async () => {
    const stub = await serveStub({
      'daemon.info': () => stubInfo(),
      'usage.subscribe': (_, peer) => {
        for (const revision of [4, 5, 6]) peer.send(told(revision));
        return { revision: 5, usage: usage(5), sessions: [] };
      },
    });
    const subscription = new TokenSyncManager({ url: stub.url }).subscribe();
    expect(await take(subscription, 2)).toEqual(['snapshot 5', 'change 6']);
    await subscription.return();
  });

  test('a subscription asks again for what a gap has left out', async () => {
    const stub = await serveStub({
      'daemon.info': () => stubInfo(),
      'usage.subscribe': (params, peer) => {
        if ('since' in (params as object)) {
          expect(params).toEqual({ since: mark(1) });
          return { revision: 3, usage: usage(3), sessions: [], changes: [change(2), change(3)] };
        }
        setImmediate(() => peer.send(told(3)));
        return { revision: 1, usage: usage(1), sessions: [] };
      },
    });
    const subscription = new TokenSyncManager({ url: stub.url }).subscribe();
    expect(await take(subscription, 5)).toEqual(['snapshot 1', 'lost', 'back', 'change 2', 'change 3']);
    await subscription.return();
  });
});

describe('the end of a subscription', () => {
  test('the end of a subscription comes with break, and closes the connection', async () => {
    const daemon = await startDaemon();
    for await (const item of subscribeTo(daemon.folder)) {
      expect(item.type).toBe('snapshot');
      expect(await daemon.connections()).toBe(1);
      break;
    }
    await until(async () => (await daemon.connections()) === 0, 'the connection is closed');
  });

  test('the end of a subscription comes with return() while next() waits for a change', async () => {
    const daemon = await startDaemon();
    const subscription = subscribeTo(daemon.folder);
    await take(subscription, 1);
    const waiting = subscription.next();
    await subscription.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await until(async () => (await daemon.connections()) === 0, 'the connection is closed');
  });

  test('the end of a subscription comes with return() while the daemon is gone', async () => {
    const daemon = await startDaemon();
    const subscription = subscribeTo(daemon.folder);
    await take(subscription, 1);
    await daemon.stop();
    await take(subscription, 1);
    const waiting = subscription.next();
    await subscription.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  test('the end of a subscription comes with return() before anything was read', async () => {
    const subscription = subscribeTo(folderForClients());
    await subscription.return();
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });
});
