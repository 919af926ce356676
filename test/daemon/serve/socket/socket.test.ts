import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../../../src/protocol/addresses.ts';
import { startDaemon, useDaemon } from '../../../support/daemon.ts';
import { BINARY, frame } from '../../../support/frames.ts';
import { RawConnection } from '../../../support/http.ts';
import type { RpcSocket } from '../../../support/socket.ts';
import { until, within } from '../../../support/until.ts';

const daemon = useDaemon();

const RECORD = JSON.stringify({ jsonrpc: '2.0', method: 'usage.record', params: { tokens: 1, sync_type: 'auto' } });
const UNMASKED = frame({ payload: ' ', isMasked: false });

/** A request of exactly so many bytes. */
function sized(bytes: number): string {
  const request = '{"jsonrpc":"2.0","id":1,"method":"usage.unsubscribe"}';
  return request.padEnd(bytes, ' ');
}

describe('a connection that breaks the rules is closed, and nobody else notices', () => {
  test.each<[string, (socket: RpcSocket) => void, number]>([
    ['a frame over 4 MiB', (socket) => socket.send(sized(MAX_BODY_BYTES + 1)), 1009],
    [
      'a frame over 4 MiB in parts',
      ({ socket }) => {
        socket.send(' '.repeat(MAX_BODY_BYTES / 2), { fin: false });
        socket.send(' '.repeat(MAX_BODY_BYTES / 2), { fin: false });
        socket.send(' ', { fin: true });
      },
      1009,
    ],
    ['a binary frame', (socket) => socket.send(Buffer.from(sized(100))), 1003],
    ['a text that is no UTF-8', ({ socket }) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }), 1007],
    ['a frame with bits that mean nothing', (socket) => raw(socket, [0xf1, 0x80, 0, 0, 0, 0]), 1002],
    ['a frame without a mask', (socket) => raw(socket, UNMASKED), 1002],
    ['a ping that is too long', (socket) => raw(socket, [0x89, 0xfe, 0xff, 0xff, 0, 0, 0, 0]), 1002],
  ])('%s', async (_, offend, code) => {
    const watcher = await daemon().connect();
    const { revision } = await watcher.call('usage.subscribe');
    const offender = await daemon().connect();
    await offender.call('usage.subscribe');

    offend(offender);

    expect(await offender.closed).toBe(code);
    await daemon().rpc('usage.record', { tokens: 1, sync_type: 'auto' });
    expect(await watcher.next('usage.changed')).toMatchObject({ revision: revision + 1 });
    watcher.close();
  });

  test('a peer that listens only after its whole frame over 4 MiB is sent hears why', async () => {
    const offender = await daemon().connect();
    offender.socket.pause();

    const sent = new Promise((resolve) => offender.socket.send(sized(MAX_BODY_BYTES + 1), resolve));

    expect(await sent).not.toBeInstanceOf(Error);
    offender.socket.resume();
    expect(await offender.closed).toBe(1009);
  });

  test('a peer that is told to go and stays is heard no more, and cut off', async () => {
    const own = await startDaemon();
    const staying = await Promise.all(Array.from({ length: 3 }, () => own.connect()));
    const [binary, unmasked, flooding] = staying as [RpcSocket, RpcSocket, RpcSocket];
    for (const { socket } of staying) socket.pause();
    const records = Array.from({ length: 50 }, () => frame({ payload: RECORD }));

    raw(binary, Buffer.concat([frame({ opcode: BINARY, payload: RECORD }), ...records]));
    raw(unmasked, Buffer.concat([UNMASKED, ...records]));
    raw(flooding, UNMASKED);
    for (let megabytes = 0; megabytes < 100; megabytes++) raw(flooding, Buffer.alloc(1024 * 1024));

    // The one that floods is given less time.
    await flooding.closed;
    expect(await own.connections()).toBe(2);
    await until(async () => (await own.connections()) === 0, 'they are cut off');
    expect(await own.rpc('usage.get')).toMatchObject({ used: 0, sessions_count: 0 });
    for (const socket of staying) socket.close();
  });

  test('a peer that goes in the midst of a frame or of an answer harms nobody', async () => {
    for (let times = 0; times < 10; times++) {
      const socket = await daemon().connect();
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'usage.record', params: { tokens: 1 } }));
      raw(socket, [0x81, 0xfe]);
      socket.close();
    }
    expect(await daemon().rpc('daemon.info')).toMatchObject({ pid: daemon().pid });
  });

  test('a peer that goes before it is answered harms nobody', async () => {
    for (let times = 0; times < 20; times++) {
      const connection = await RawConnection.open(daemon().port);
      connection.sendHead([
        'GET /rpc HTTP/1.1',
        `Host: localhost:${daemon().port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ]);
      connection.close();
    }
    expect(await daemon().rpc('daemon.info')).toMatchObject({ pid: daemon().pid });
  });
});

test('a peer that is refused and does not leave is cut off', async () => {
  const { port } = daemon();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const head = [
    'GET /nothing HTTP/1.1',
    `Host: localhost:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  const writing = setInterval(() => socket.write('.'), 100);

  await within(10_000, closed, 'the end of the connection');
  clearInterval(writing);
});

test('a frame of exactly 4 MiB is taken', async () => {
  const socket = await daemon().connect();

  socket.send(sized(MAX_BODY_BYTES));

  expect(JSON.parse(await socket.nextFrame())).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
});

test('a subscriber that never reads is dropped, while the others are told of everything', async () => {
  const own = await startDaemon();
  const [watcher, stuck] = [await own.connect(), await own.connect()];
  await watcher.call('usage.subscribe');
  await stuck.call('usage.subscribe');
  stuck.socket.pause();
  const event = '🚀'.repeat(1_000);
  const batch = Array.from({ length: 900 }, () => ({
    jsonrpc: '2.0',
    method: 'usage.record',
    params: { tokens: 1, sync_type: 'auto', event },
  }));

  let recorded = 0;
  for (; recorded < 20 * batch.length && (await own.connections()) === 2; recorded += batch.length) {
    expect((await own.post('/rpc', batch)).status).toBe(204);
  }

  expect(await own.connections()).toBe(1);
  // The machine's own buffers take some megabytes before the daemon's backlog begins to grow.
  expect(recorded * 4_000).toBeGreaterThan(MAX_BODY_BYTES);
  expect(await own.rpc('usage.get')).toMatchObject({ used: recorded });
  const changes = await until(() => {
    const told = watcher.told('usage.changed');
    return told.length === recorded && told;
  }, 'everything is told');
  expect(changes.map(({ revision }) => revision)).toEqual(changes.map((_, index) => index + 1));
  stuck.close();
});

/** Bytes that no WebSocket library would send. */
function raw({ socket }: RpcSocket, bytes: Uint8Array | readonly number[]): void {
  (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.from(bytes));
}
