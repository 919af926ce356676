import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Connection, openConnection, socketUrl } from '../../../src/client/sdk/connection/connection.ts';
import { TokenSyncError, TokenSyncManager } from '../../../src/client/sdk/index.ts';
import { Manager } from '../../../src/client/sdk/manager.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { serveStub, stubInfo } from '../../support/json-rpc-stub.ts';
import { execFile } from '../../support/programs.ts';
import { serveSilence } from '../../support/silent-server.ts';
import { daemonsOf, folderForClients } from '../../support/started-daemons.ts';
import { until, within } from '../../support/until.ts';

/** The SDK as it is shipped. */
const BUNDLE = new URL('../../../dist/sdk.js', import.meta.url).href;

function managerOf(dataDir: string, options = {}): TokenSyncManager {
  const manager = new TokenSyncManager({ dataDir, port: 0, language: 'en', ...options });
  onTestFinished(() => manager.close());
  return manager;
}

describe('the manager', () => {
  test('the manager records, reads, takes back and lists with the field names of the wire', async () => {
    const { folder } = await startDaemon();
    const manager = managerOf(folder, { port: undefined });
    expect(await manager.record('350,000 tokens used', '完成架构设计', { conversationId: 'c1' })).toMatchObject({
      success: true,
      total_used: 350_000,
      increment: 350_000,
    });
    expect(await manager.record(500, 'more', { syncType: 'auto', timestamp: '2025-11-18 20:30:00' })).toMatchObject({
      total_used: 350_500,
    });
    expect(await manager.usage()).toMatchObject({ used: 350_500, percent: 35.05, sessions_count: 2 });
    const { sessions } = await manager.history({ conversation_id: 'c1' });
    expect(sessions).toMatchObject([{ tokens: 350_000, event: '完成架构设计', sync_type: 'manual' }]);
    expect(await manager.undo()).toMatchObject({ total_used: 350_000, increment: -500 });
    expect(await manager.setTotal(700_000)).toMatchObject({ percent: 50 });
    expect(await manager.stats({ bucket: 'day' })).toMatchObject({ buckets: [{ readings: 1 }] });
    expect(await manager.forecast()).toHaveProperty('exhausts_at');
    expect(await manager.call('daemon.info', {})).toMatchObject({ data_dir: folder });
  });

  test('the manager says in a sentence which Node it needs on one that is too old', async () => {
    const script = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });
      const { TokenSyncManager } = await import(${JSON.stringify(BUNDLE)});
      new TokenSyncManager();`;
    const running = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const { stderr } = await running.then(
      () => ({ stderr: '' }),
      (error: { stderr: string }) => error,
    );
    expect(stderr).toContain('Node.js 20.20.2 is too old; 22.22 or later is needed');
    expect(stderr).not.toContain('sdk.js');
    expect(Math.max(...stderr.split('\n').map((line) => line.length))).toBeLessThan(120);
  });

  test('the manager counts a conversation and records it once under its id', async () => {
    const manager = managerOf((await startDaemon()).folder);
    const conversation = { userMessage: 'hello world', assistantMessage: 'hello', event: 'chat', id: 'talk-1' };
    const receipt = await manager.recordConversation(conversation);
    expect(receipt).toMatchObject({ total_used: 3, session_tokens: 3, user_tokens: 2, assistant_tokens: 1 });
    expect(await manager.recordConversation(conversation)).toMatchObject({ total_used: 3, duplicate: true });
    expect(await manager.estimateTokens('hello world')).toBe(2);
    expect(await manager.usage()).toMatchObject({ used: 3, sessions_count: 1 });
  });

  test('the older names of the manager’s methods do what the newer ones do', async () => {
    const { folder } = await startDaemon();
    const manager = managerOf(folder);
    const options = { id: 'once', syncType: 'auto', conversationId: 'c1' } as const;
    const { revision } = await manager.quickRecord('500', 'older', options);
    expect(await manager.record('500', 'older', options)).toMatchObject({ revision, increment: 500, duplicate: true });
    const conversation = { userMessage: 'hello world', assistantMessage: 'hello', id: 'talk' };
    const counted = await manager.autoRecordConversation(conversation);
    expect(await manager.recordConversation(conversation)).toEqual({ ...counted, duplicate: true });
    const imported = await manager.batchImportSessions([{ tokens: 5, id: 'past' }]);
    expect(imported).toMatchObject({ imported_count: 1 });
    expect(await manager.import([{ tokens: 5, id: 'past' }])).toMatchObject({ imported_count: 0 });
    expect(await manager.getCurrentUsage()).toEqual(await manager.usage());
    expect(await manager.usage()).toMatchObject({ used: 508 });
  });

  test('the manager imports more than one request holds', async () => {
    const manager = managerOf((await startDaemon()).folder);
    const sessions = Array.from({ length: 6_000 }, (_, index) => ({ tokens: index ? 2 : 0, event: 'x'.repeat(1_000) }));
    expect(await manager.import(sessions)).toEqual({
      success: true,
      imported_count: 5_999,
      skipped: [{ index: 0, reason: expect.any(String) }],
      total_tokens: 11_998,
      current_usage: await manager.usage(),
    });
  });

  test('the manager understands values without a daemon, and says why not', () => {
    const manager = managerOf(folderForClients());
    expect(manager.parseTokenValue('35万')).toBe(350_000);
    expect(() => manager.parseTokenValue('between 300000 and 350000')).toThrow(TokenSyncError);
    expect(() => manager.parseTokenValue('-5')).toThrow(
      expect.objectContaining({ kind: 'value_refused', hint: expect.objectContaining({ zh: expect.any(String) }) }),
    );
  });

  test('the manager throws what the daemon refused with', async () => {
    const manager = managerOf((await startDaemon()).folder);
    await expect(manager.undo()).rejects.toMatchObject({ kind: 'not_found', message: 'there is nothing to undo' });
    await expect(manager.record('35,00,0')).rejects.toMatchObject({ kind: 'value_refused', field: 'tokens' });
  });

  test('the manager reaches a daemon by address and token', async () => {
    const daemon = await startDaemon({ args: ['--auth', 'token'] });
    const manager = managerOf('', { url: daemon.url, token: daemon.read('token').trim() });
    expect(await manager.record(5)).toMatchObject({ total_used: 5 });
    await expect(managerOf('', { url: daemon.url }).record(6)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('the manager opens one connection for many calls at once', async () => {
    const stub = await serveStub({ 'daemon.info': () => stubInfo(), 'usage.get': () => ({ used: 1 }) });
    const manager = managerOf('', { url: stub.url });
    await Promise.all(Array.from({ length: 10 }, () => manager.usage()));
    expect(stub.called.filter((method) => method === 'daemon.info')).toHaveLength(1);
  });

  test('the manager starts a daemon when none runs, but not against the will of the program', async () => {
    const folder = folderForClients();
    await expect(managerOf(folder, { autoStart: false }).record(7)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(daemonsOf(folder)).toEqual([]);
    expect(await managerOf(folder).record(7)).toMatchObject({ total_used: 7 });
    expect(daemonsOf(folder)).toHaveLength(1);
  });
});

describe('a lost connection', () => {
  /** A manager whose first answer to a recording is lost on the way, with the connection. */
  function managerWithLoss(daemon: TestDaemon): { manager: Manager; connections: Connection[] } {
    const connections: Connection[] = [];
    const connect = async () => {
      const socket = new WebSocket(socketUrl(daemon.url));
      const isFirst = connections.length === 0;
      const connection = await openConnection({
        get readyState() {
          return socket.readyState;
        },
        send: (text) => socket.send(text),
        close: () => socket.close(),
        addEventListener(type: string, listener: (event: never) => void) {
          const isAnswer = isFirst && type === 'message';
          socket.addEventListener(type, isAnswer ? () => socket.close() : (listener as (event: Event) => void));
        },
      });
      connections.push(connection);
      return connection;
    };
    const manager = new Manager({ connect }, { autoStart: false });
    onTestFinished(() => manager.close());
    return { manager, connections };
  }

  test('a manager whose connection is lost makes a recording again under the same id, and it counts once', async () => {
    const daemon = await startDaemon();
    const { manager, connections } = managerWithLoss(daemon);
    const receipt = await manager.record(250, 'once', { syncType: 'auto' });
    expect(receipt).toMatchObject({ total_used: 250, increment: 250, duplicate: true });
    expect(connections).toHaveLength(2);
    expect(daemon.state().token_usage).toMatchObject({ used: 250, sessions: [{ id: receipt.id }] });
  });

  test.each<[string, (manager: Manager) => Promise<unknown>, number]>([
    ['a conversation', (manager) => manager.recordConversation({ userMessage: 'hi', assistantMessage: 'hi' }), 1_002],
    ['an import', (manager) => manager.import([{ tokens: 5 }, { tokens: 5 }]), 1_010],
    ['an undo', (manager) => manager.undo(), 600],
  ])('a manager whose connection is lost carries out %s once', async (_, call, used) => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 600, sync_type: 'auto' });
    await daemon.rpc('usage.record', { tokens: 400, sync_type: 'auto' });
    const { manager, connections } = managerWithLoss(daemon);
    await call(manager);
    expect(connections).toHaveLength(2);
    expect(daemon.state().token_usage.used).toBe(used);
  });

  test('a manager whose connection is lost waits for a daemon that is restarted, whoever starts it', async () => {
    const daemon = await startDaemon();
    const manager = managerOf(daemon.folder, { autoStart: false });
    await manager.usage();
    // Suspended, so that the call is under way when the daemon dies.
    daemon.process.kill('SIGSTOP');
    const recording = manager.record(9);
    await daemon.kill();
    await startDaemon({ folder: daemon.folder });
    expect(await recording).toMatchObject({ total_used: 9 });
  });

  test('a manager whose connection is lost starts a daemon for the next call when the old one was killed', async () => {
    const folder = folderForClients();
    const daemon = await startDaemon({ folder });
    const manager = managerOf(folder);
    await manager.record(5);
    await daemon.kill();
    expect(await manager.record(9)).toMatchObject({ total_used: 9, increment: 4 });
  });

  test('a manager whose connection is lost does not call another folder whose daemon has taken the port', async () => {
    const folder = folderForClients();
    const daemon = await startDaemon({ folder });
    const manager = managerOf(folder);
    await manager.record(5);
    await daemon.kill();
    const other = await startDaemon({ port: daemon.port });
    expect(await manager.record(6)).toMatchObject({ total_used: 6, increment: 1 });
    expect(await other.rpc('usage.get')).toMatchObject({ revision: 0 });
  });
});

describe('closing', () => {
  test('closing a manager rejects what waits, ends subscriptions, and refuses what comes after', async () => {
    const stub = await serveStub({
      'daemon.info': () => stubInfo(),
      'usage.subscribe': () => ({ revision: 0, usage: {}, sessions: [] }),
    });
    const manager = managerOf('', { url: stub.url });
    const subscription = manager.subscribe();
    await subscription.next();
    const change = subscription.next();
    const call = manager.usage();
    call.catch(() => undefined);
    await until(() => stub.called.includes('usage.get'), 'the call is under way');
    await manager.close();
    await expect(call).rejects.toMatchObject({ kind: 'unreachable' });
    expect(await change).toEqual({ done: true, value: undefined });
    await expect(manager.usage()).rejects.toThrow('closed');
    expect(() => manager.subscribe()).toThrow('closed');
    await manager.close();
  });

  test.each([
    ['a call', (manager: TokenSyncManager) => manager.usage()],
    ['a subscription', (manager: TokenSyncManager) => manager.subscribe().next()],
  ])(
    'closing a manager waits for no connection of %s to a server that is silent, and lets go of it',
    async (_, ask) => {
      const { url, connected } = await serveSilence();
      const manager = managerOf('', { url });
      const outcome = Promise.allSettled([ask(manager)]);
      const released = once(await connected, 'close');
      await within(2_000, Promise.all([manager.close(), outcome, released]), 'everything to end');
    },
  );

  test('closing a manager is not needed for a program to end', async () => {
    const { folder } = await startDaemon();
    const index = new URL('../../../src/client/sdk/index.ts', import.meta.url).href;
    const program = `
      import { TokenSyncManager } from '${index}';
      const manager = new TokenSyncManager({ dataDir: process.argv[1] });
      console.log((await manager.record(42)).total_used);`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, folder], {
      timeout: 10_000,
    });
    expect((await run).stdout.trim()).toBe('42');
  });
});
