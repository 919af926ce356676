import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openConnection, socketUrl } from '../../../../src/client/sdk/connection/connection.ts';
import { nodePlatform } from '../../../../src/client/sdk/node-platform.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { serveStub, stubInfo } from '../../../support/json-rpc-stub.ts';
import { serveSilence } from '../../../support/silent-server.ts';
import { folderForClients } from '../../../support/started-daemons.ts';
import { until } from '../../../support/until.ts';

/** Beyond the patience of a test, so that a timeout never hides a call that was left waiting. */
const FOREVER_MS = 600_000;

const open = (url: string, timeoutMs = FOREVER_MS) => openConnection(new WebSocket(socketUrl(url)), { timeoutMs });

const connect = (url: string, pid?: number) =>
  nodePlatform({ address: { url, ...(pid !== undefined && { pid }) } }, 'en').connect({ mayStart: false });

describe('a connection', () => {
  test('a connection matches answers to calls in whatever order they come', async () => {
    const stub = await serveStub({
      'usage.get': (_, peer) => {
        peer.send(JSON.stringify({ jsonrpc: '2.0', id: 2, result: 'second' }));
        peer.send(JSON.stringify({ jsonrpc: '2.0', id: 1, result: 'first' }));
      },
      'usage.forecast': () => undefined,
    });
    const connection = await open(stub.url);
    const calls = [connection.call('usage.forecast', {}), connection.call('usage.get', {})];
    expect(await Promise.all(calls)).toEqual(['first', 'second']);
    connection.close();
  });

  test('a connection rejects every call that waits when it breaks, and every later one', async () => {
    const stub = await serveStub({});
    const connection = await open(stub.url);
    const calls = Promise.allSettled([connection.call('usage.get', {}), connection.call('usage.forecast', {})]);
    await until(() => stub.called.length === 2, 'both calls are there');
    stub.cut();
    const lost = { status: 'rejected', reason: { kind: 'unreachable' } };
    expect(await calls).toMatchObject([lost, lost]);
    await connection.closed;
    expect(connection.isOpen).toBe(false);
    await expect(connection.call('usage.get', {})).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('a connection rejects what waits when it is closed from our side', async () => {
    const stub = await serveStub({});
    const connection = await open(stub.url);
    const call = connection.call('usage.get', {});
    connection.close();
    await expect(call).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('a connection gives up on an answer in time, and stays usable', async () => {
    const stub = await serveStub({ 'usage.forecast': () => ({ basis_days: 1 }) });
    const connection = await open(stub.url, 1_000);
    await expect(connection.call('usage.get', {})).rejects.toThrow('did not answer within 1 s');
    expect(await connection.call('usage.forecast', {})).toEqual({ basis_days: 1 });
    connection.close();
  });

  test('a connection ends when the other side does not speak JSON', async () => {
    const stub = await serveStub({ 'usage.get': (_, peer) => peer.send('<html>') });
    const connection = await open(stub.url);
    await expect(connection.call('usage.get', {})).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('a connection refuses a request over 4 MiB without losing the connection', async () => {
    const daemon = await startDaemon();
    const connection = await connect(daemon.url);
    const messages = { user_message: 'a'.repeat(4 * 1024 * 1024), assistant_message: '' };
    await expect(connection.call('conversation.estimate', messages)).rejects.toMatchObject({ kind: 'too_large' });
    expect(await connection.call('usage.get', {})).toMatchObject({ used: 0 });
    connection.close();
  });
});

describe('connecting', () => {
  test('connecting throws unreachable where no server answers', async () => {
    const daemon = await startDaemon();
    await daemon.kill();
    await expect(connect(daemon.url)).rejects.toMatchObject({ kind: 'unreachable', cause: { code: 'ECONNREFUSED' } });
  });

  test('connecting throws unauthorized where the token is wrong', async () => {
    const daemon = await startDaemon({ args: ['--auth', 'token'] });
    await expect(connect(daemon.url)).rejects.toMatchObject({ kind: 'unauthorized' });
  });

  test('connecting refuses a daemon that is not the one that was meant', async () => {
    const daemon = await startDaemon();
    await expect(connect(daemon.url, daemon.pid + 1)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  test('connecting ends when its signal aborts, and starts no daemon in place of one that is slow', async () => {
    const { url, connected } = await serveSilence();
    const folder = folderForClients();
    mkdirSync(folder);
    const secrets = { challenge: 'a', proof: 'b' };
    const file = { pid: process.pid, url, protocol: 2, version: '9.9.9', data_dir: folder, ...secrets };
    writeFileSync(join(folder, 'daemon.json'), JSON.stringify(file));
    const stop = new AbortController();
    const connecting = nodePlatform({ dataDir: folder, port: 0 }, 'en').connect({
      mayStart: true,
      signal: stop.signal,
    });
    await connected;
    stop.abort(new Error('enough'));
    await expect(connecting).rejects.toThrow('enough');
  });

  test.each([{ protocol: 2 }, { protocol: 2, protocol_min: 1 }, { protocol: 3, protocol_min: 2 }])(
    'connecting talks with a daemon that tells %j',
    async (told) => {
      const stub = await serveStub({ 'daemon.info': () => stubInfo(told), 'usage.get': () => ({ used: 7 }) });
      expect(await (await connect(stub.url)).call('usage.get', {})).toEqual({ used: 7 });
    },
  );

  test.each([
    ['older', { protocol: 1 }],
    ['older', { protocol: 1, protocol_min: 1 }],
    ['newer', { protocol: 3 }],
    ['newer', { protocol: 4, protocol_min: 3 }],
  ])('connecting refuses as %s a daemon that tells %j', async (word, told) => {
    const stub = await serveStub({ 'daemon.info': () => stubInfo(told) });
    await expect(connect(stub.url)).rejects.toMatchObject({
      kind: 'incompatible',
      text: { en: expect.stringContaining(word) },
    });
  });
});
