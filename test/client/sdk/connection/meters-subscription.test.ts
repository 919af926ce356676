import { expect, onTestFinished, test } from 'vitest';
import type { LiveItem, Subscription } from '../../../../src/client/sdk/connection/subscription.ts';
import { TokenSyncManager } from '../../../../src/client/sdk/index.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { type Answers, serveStub, stubInfo } from '../../../support/json-rpc-stub.ts';
import { counterAt, metersAt } from '../../../support/told-meters.ts';
import { within } from '../../../support/until.ts';

const nowMs = Date.UTC(2026, 10, 20);
const usage = { used: 1, total: 100, percent: 1, revision: 1, mark: '1:0a1b2c3d' };

/** A stand-in that tells its usage besides. */
function serve(answers: Answers) {
  return serveStub({
    'daemon.info': () => stubInfo(),
    'usage.subscribe': () => ({ revision: 1, usage, sessions: [] }),
    ...answers,
  });
}

function subscribeTo(manager: TokenSyncManager): Subscription<LiveItem> {
  onTestFinished(() => manager.close());
  return manager.subscribeWithMeters();
}

const changed = (seq: number, calls: number) =>
  JSON.stringify({
    jsonrpc: '2.0',
    method: 'meters.changed',
    params: { epoch: 'e1', seq, meters: [counterAt(nowMs, { calls })] },
  });

/** The next items, as short as a test reads them. */
async function take(items: Subscription<LiveItem>, count: number): Promise<string[]> {
  const told: string[] = [];
  while (told.length < count) {
    const { value } = await within(10_000, items.next(), 'an item of the subscription');
    if (!value) throw new Error('the subscription has ended');
    told.push(shortOf(value));
  }
  return told;
}

function shortOf(item: LiveItem): string {
  if (item.type === 'connection') return item.state;
  if (item.type !== 'meters') return item.type;
  return `${item.isWhole ? 'all' : 'changed'} ${item.epoch} ${item.seq}`;
}

test('a subscription with meters tells all of them, then what changes, on the one connection of the usage', async () => {
  const stub = await serve({
    'meters.subscribe': (_, peer) => {
      setImmediate(() => peer.send(changed(8, 322)));
      return metersAt(nowMs);
    },
  });
  const items = subscribeTo(new TokenSyncManager({ url: stub.url }));
  expect(await take(items, 3)).toEqual(['snapshot', 'all e1 7', 'changed e1 8']);
  expect(stub.called.filter((method) => method.endsWith('subscribe'))).toEqual(['usage.subscribe', 'meters.subscribe']);
});

test('changes that overtake the answer come after it, and those that it holds already not at all', async () => {
  const stub = await serve({
    'meters.subscribe': (_, peer) => {
      for (const seq of [6, 7, 8, 9]) peer.send(changed(seq, seq));
      return metersAt(nowMs);
    },
  });
  const items = subscribeTo(new TokenSyncManager({ url: stub.url }));
  expect(await take(items, 4)).toEqual(['snapshot', 'all e1 7', 'changed e1 8', 'changed e1 9']);
});

test('with each connection all meters are told anew, whichever run of the daemon it leads to', async () => {
  let epoch = 'e1';
  const stub = await serve({ 'meters.subscribe': () => ({ ...metersAt(nowMs), epoch }) });
  const items = subscribeTo(new TokenSyncManager({ url: stub.url }));
  expect(await take(items, 2)).toEqual(['snapshot', 'all e1 7']);
  epoch = 'e2';
  stub.cut();
  expect(await take(items, 4)).toEqual(['lost', 'back', 'snapshot', 'all e2 7']);
});

test('a daemon that never answers about meters keeps nobody from the usage', async () => {
  const stub = await serve({
    'meters.subscribe': (_, peer) => {
      const params = {
        ...usage,
        previous_revision: 1,
        revision: 2,
        usage: { ...usage, revision: 2 },
        cause: 'reading',
      };
      peer.send(JSON.stringify({ jsonrpc: '2.0', method: 'usage.changed', params }));
      return undefined;
    },
  });
  expect(await take(subscribeTo(new TokenSyncManager({ url: stub.url })), 2)).toEqual(['snapshot', 'change']);
});

test('a real daemon tells its meters to those alone who subscribed to them', async () => {
  const daemon = await startDaemon();
  const manager = new TokenSyncManager({ dataDir: daemon.folder, autoStart: false });
  const [both, plain] = [subscribeTo(manager), manager.subscribe()];
  const { epoch } = await manager.meters();
  const told = await take(both, 2);
  expect(told[1]).toMatch(new RegExp(`^all ${epoch} \\d+$`));
  expect((await plain.next()).value).toMatchObject({ type: 'snapshot' });
  await daemon.rpc('usage.record', { tokens: 5 });
  expect((await plain.next()).value).toMatchObject({ type: 'change' });
});
