import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { CLOSE, CONTINUATION, FrameSocket, frame, PING, PONG } from '../support/frames.ts';
import { RawConnection } from '../support/http.ts';
import { execFile, execFileSync } from '../support/programs.ts';
import { until, within } from '../support/until.ts';

const MIB = 1024 * 1024;

/** The resident memory of the process, in bytes. */
function residentBytes({ pid }: TestDaemon): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

/** The highest growth of the process's memory from now until the test is over, in bytes. */
function watchGrowth(daemon: TestDaemon): () => number {
  const before = residentBytes(daemon);
  let most = before;
  const look = () => {
    most = Math.max(most, residentBytes(daemon));
  };
  const looking = setInterval(look, 20);
  onTestFinished(() => clearInterval(looking));
  return () => most - before;
}

/** A socket that keeps what it got, and is gone with the test. */
function plainSocket(port: number): { socket: Socket; received: () => string; closed: Promise<void> } {
  const socket = connect({ port, host: '127.0.0.1' });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk) => (text += chunk));
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  onTestFinished(() => void socket.destroy());
  return { socket, received: () => text, closed };
}

const UPGRADE = (port: number) =>
  [
    'GET /rpc HTTP/1.1',
    `Host: localhost:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '\r\n',
  ].join('\r\n');

/** Sockets that are open at once, opened in steps that a listening queue can take. */
async function crowd(port: number, size: number, greeting: string) {
  const all: ReturnType<typeof plainSocket>[] = [];
  while (all.length < size) {
    const step = Array.from({ length: Math.min(100, size - all.length) }, () => plainSocket(port));
    await Promise.all(
      step.map(({ socket, closed }) => Promise.race([closed, new Promise((r) => socket.once('connect', r))])),
    );
    for (const { socket } of step) if (greeting !== '') socket.write(greeting);
    all.push(...step);
  }
  return all;
}

/** A daemon that may open so many files and no more. */
async function daemonWithFiles(files: number): Promise<TestDaemon> {
  const daemon = await startDaemon();
  execFileSync('prlimit', ['--pid', String(daemon.pid), `--nofile=${files}`]);
  return daemon;
}

describe('a crowd', () => {
  test.each([
    { files: 20_000, size: 11_000, welcome: 10_000, most: 200 * MIB },
    { files: 1_300, size: 3_000, welcome: 1_000, most: 60 * MIB },
  ])(
    'of $size WebSockets where $files files may be open: $welcome are let in, the others told why, and plain requests pass',
    async ({ files, size, welcome, most }) => {
      const daemon = await daemonWithFiles(files);
      const before = residentBytes(daemon);

      const all = await crowd(daemon.port, size, UPGRADE(daemon.port));
      await until(() => all.every(({ received }) => received() !== ''), 'everyone has an answer', 30_000);

      const statuses = Map.groupBy(all, ({ received }) => received().slice(9, 12));
      expect(Object.fromEntries([...statuses].map(([status, some]) => [status, some.length]))).toEqual({
        101: welcome,
        503: size - welcome,
      });
      expect(statuses.get('503')![0]!.received()).toMatch(/"kind":"busy".*"hint":/);
      await Promise.all(statuses.get('503')!.map(({ closed }) => within(10_000, closed, 'the refused to be closed')));
      expect(await daemon.rpc('usage.record', { tokens: 1 })).toMatchObject({ success: true });
      expect(residentBytes(daemon) - before).toBeLessThan(most);

      for (const { socket } of all) socket.destroy();
      await until(async () => (await daemon.connections()) === 0, 'they are forgotten');
      const socket = await daemon.connect();
      expect(await socket.call('usage.get')).toMatchObject({ used: 1 });
    },
  );

  test('a crowd that says nothing is bounded, refused politely, and gone within fifteen seconds', async () => {
    const daemon = await startDaemon();
    const all = await crowd(daemon.port, 12_000, '');

    const refused = await until(() => {
      const some = all.filter(({ received }) => received().startsWith('HTTP/1.1 503 '));
      return some.length >= 1_000 && some;
    }, 'those beyond the bound are told');

    expect(refused).toHaveLength(1_000);
    const started = performance.now();
    await Promise.all(all.map(({ closed }) => closed));
    expect(performance.now() - started).toBeLessThan(15_000);
    expect(all.every(({ received }) => /^HTTP\/1\.1 (?:503|408) /.test(received()))).toBe(true);
    expect((await daemon.get('/healthz')).status).toBe(200);
  });
});

describe('one that is slow', () => {
  /** Sends a byte of a text every 200 ms until the daemon has had enough. */
  async function trickle(port: number, whole: string, text: string): Promise<{ seconds: number; received: string }> {
    const { socket, received, closed } = plainSocket(port);
    const started = performance.now();
    socket.write(whole);
    let sent = 0;
    const timer = setInterval(() => socket.writable && socket.write(text[sent++ % text.length]!), 200);
    await closed;
    clearInterval(timer);
    return { seconds: (performance.now() - started) / 1_000, received: received() };
  }

  const slowHead = async (daemon: TestDaemon) => {
    const { seconds, received } = await trickle(daemon.port, 'GET / HTTP/1.1\r\nX: ', 'a');
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
    expect(seconds).toBeLessThan(15);
  };

  const slowBody = async (daemon: TestDaemon) => {
    const head = [
      'POST /rpc HTTP/1.1',
      `Host: localhost:${daemon.port}`,
      'Content-Type: application/json',
      'Content-Length: 100000',
      '\r\n',
    ].join('\r\n');
    const { seconds, received } = await trickle(daemon.port, head, ' ');
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThan(65);
  };

  /** A message of which a byte comes now and then, though each frame of it is whole. */
  const slowMessage = async (daemon: TestDaemon) => {
    const slow = await FrameSocket.open(daemon.port);
    const started = performance.now();
    slow.send({ payload: ' ', isFinal: false });
    const timer = setInterval(() => slow.send({ opcode: CONTINUATION, payload: ' ', isFinal: false }), 200);
    // Its pongs are due meanwhile.
    const code = await within(75_000, closeCodeOf(slow), 'the daemon to end a message');
    clearInterval(timer);
    expect(code).toBe(1008);
    expect((performance.now() - started) / 1_000).toBeGreaterThan(55);
    slow.close();
  };

  async function closeCodeOf(socket: FrameSocket): Promise<number | undefined> {
    for (;;) {
      const received = await socket.nextOf(75_000);
      if (received?.opcode === PING) socket.send({ opcode: PONG, payload: received.payload });
      else return received?.opcode === CLOSE ? received.payload.readUInt16BE() : undefined;
    }
  }

  /** As one whose machine is gone: it still takes bytes, but nobody answers. */
  const noPongs = async (daemon: TestDaemon) => {
    const silent = await FrameSocket.open(daemon.port);
    const started = performance.now();
    await within(45_000, silent.closed, 'the daemon to give the connection up');
    expect((performance.now() - started) / 1_000).toBeGreaterThan(15);
  };

  test('a slow client goes after ten seconds with its head, a minute with its body or a message, and 45 seconds with its pongs', async () => {
    const daemon = await startDaemon();
    const watcher = await daemon.connect();

    await Promise.all([slowHead(daemon), slowBody(daemon), slowMessage(daemon), noPongs(daemon)]);

    expect(await watcher.call('usage.get')).toMatchObject({ revision: 0 });
    expect(await daemon.connections()).toBe(1);
  });
});

describe('400 that never end what they send', () => {
  const half = Buffer.alloc(3_900_000, ' ');

  test.each<[how: string, mostMb: number, (port: number) => string, Buffer]>([
    [
      'as bodies',
      150,
      (port) =>
        `POST /rpc HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 4000000\r\n\r\n`,
      half,
    ],
    ['as messages', 150, UPGRADE, frame({ payload: half }).subarray(0, -1)],
    [
      'as parts of a message',
      // The library copies each part once more before it can be given up.
      180,
      UPGRADE,
      Buffer.concat([
        frame({ payload: half.subarray(0, half.length / 2), isFinal: false }),
        frame({ payload: half.subarray(half.length / 2), isFinal: false, opcode: CONTINUATION }),
      ]),
    ],
  ])('%s hold less than %d MB, and record nobody else later', { timeout: 180_000 }, async (_, mostMb, head, sent) => {
    const daemon = await startDaemon();
    const honest = await daemon.connect();
    const growth = watchGrowth(daemon);

    const all = await crowd(daemon.port, 400, head(daemon.port));
    if (head === UPGRADE) await until(() => all.every(({ received }) => received().includes('101')), 'all are let in');
    for (const { socket } of all) socket.write(sent);

    expect(await honest.call('usage.record', { tokens: 1, sync_type: 'auto' })).toMatchObject({ total_used: 1 });
    // Of the last ones there is room for.
    const isRefused = ({ received }: { received: () => string }) => /HTTP\/1\.1 503|try again/.test(received());
    await until(() => all.filter(isRefused).length > 380, 'the others have to give up', 120_000);
    expect(await honest.call('usage.record', { tokens: 1, sync_type: 'auto' })).toMatchObject({ total_used: 2 });
    expect(growth()).toBeLessThan(mostMb * MIB);
  });
});

describe('100 that send two whole messages of 3 MB each and wait for the answers', () => {
  test('all get them, and hold less than 300 MB', async () => {
    const daemon = await startDaemon();
    const peers = await Promise.all(Array.from({ length: 100 }, () => daemon.connect()));
    const request = '{"jsonrpc":"2.0","id":1,"method":"usage.get"}'.padEnd(3_000_000, ' ');
    const growth = watchGrowth(daemon);

    for (const peer of peers) for (let times = 0; times < 2; times++) peer.send(request);

    await until(() => peers.every(({ frames }) => frames.length === 2), 'all have answers', 60_000);
    expect(growth()).toBeLessThan(300 * MIB);
  });
});

describe('one that never reads', () => {
  test('its answers is dropped at 4 MiB, and the daemon grows no further', async () => {
    const daemon = await startDaemon();
    const event = '🚀'.repeat(1_000);
    await daemon.rpc('usage.import', { sessions: Array.from({ length: 100 }, () => ({ tokens: 1, event })) });
    const before = residentBytes(daemon);
    const rude = await daemon.connect();
    rude.socket.pause();
    let most = 0;

    for (let id = 0; (await daemon.connections()) === 1; id++) {
      rude.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'usage.history' }));
      most = Math.max(most, residentBytes(daemon));
      expect(id).toBeLessThan(1_000);
    }

    expect(most - before).toBeLessThan(150 * MIB);
    expect(await daemon.rpc('usage.get')).toMatchObject({ used: 100 });
  });

  test('an export holds nothing but its own connection', async () => {
    const daemon = await startDaemon();
    const event = '🚀'.repeat(1_000);
    for (let times = 0; times < 10; times++) {
      await daemon.rpc('usage.import', { sessions: Array.from({ length: 1_000 }, () => ({ tokens: 1, event })) });
    }
    const before = residentBytes(daemon);
    const rude = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(daemon.port)));
    for (const connection of rude) {
      connection.socket.pause();
      connection.sendHead(['GET /api/history?format=json HTTP/1.1', `Host: localhost:${daemon.port}`]);
    }

    expect(await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' })).toMatchObject({ total_used: 10_001 });
    expect(residentBytes(daemon) - before).toBeLessThan(300 * MIB);
    for (const connection of rude) connection.close();
  });
});

describe('a flood of 100,000 requests on one socket', () => {
  test.each([
    ['that ask', 'usage.get', '{}'],
    ['that record', 'usage.record', '{"tokens":1,"sync_type":"auto"}'],
    ['that are refused', 'usage.record', '{"tokens":"none"}'],
  ])('%s keeps nobody else waiting', async (_, method, params) => {
    const daemon = await startDaemon();
    // Shows how long this machine makes others wait anyway, with the flood's own work on it.
    const idle = await startDaemon();
    const url = `${daemon.url.replace('http', 'ws')}/rpc`;
    let isOver = false;
    const flood = promisify(execFile)(
      process.execPath,
      [join(import.meta.dirname, 'flood.ts'), url, method, params, '100000'],
      { encoding: 'utf8' },
    ).finally(() => {
      isOver = true;
    });
    await until(async () => (await daemon.connections()) === 1, 'the flood has begun');

    const [waits, floor] = await Promise.all([waitsOf(daemon, () => isOver), waitsOf(idle, () => isOver)]);

    const { stdout } = await flood;
    console.log(
      `${method} ${params}: p99 of another's ${waits.length} calls ${p99(waits)} ms, of an idle daemon ${p99(floor)} ms`,
    );
    expect(stdout.trim()).toBe('100000');
    expect(waits.length).toBeGreaterThan(100);
    expect(p99(waits) - p99(floor)).toBeLessThan(50);
  });

  /** The time of each call of an honest client, in milliseconds. */
  async function waitsOf(daemon: TestDaemon, isOver: () => boolean): Promise<number[]> {
    const socket = await daemon.connect();
    const waits: number[] = [];
    while (!isOver()) {
      const started = performance.now();
      await socket.call('usage.get');
      waits.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return waits;
  }

  const p99 = (waits: readonly number[]) =>
    Math.round(waits.toSorted((a, b) => a - b)[Math.floor(waits.length * 0.99)]!);
});
