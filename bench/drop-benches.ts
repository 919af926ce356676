import { renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { scratchFolder } from '../test/support/scratch.ts';
import { startDaemon } from './daemon-process.ts';
import { median, p99 } from './measure.ts';
import type { Bar, Row } from './row.ts';

const ROUNDS = 200;

/** A file put into the drop folder until a subscriber is told, against the bare watch of a folder that tells a TCP peer. */
export async function dropBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const subscriber = await subscribe(daemon.url);
  const bare = await bareWatch();
  const drop = join(daemon.folder, 'drop');
  const renamed: number[] = [];
  const echoed: number[] = [];
  const floor: number[] = [];
  const floorEchoed: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    renamed.push(await subscriber.heardMs(() => putByRename(drop, `token${round}`, `${round * 2}\n`)));
    floor.push(await bare.heardMs(() => putByRename(bare.folder, `token${round}`, `${round * 2}\n`)));
    echoed.push(await subscriber.heardMs(() => writeFileSync(join(drop, `e${round}`), `${round * 2 + 1}\n`)));
    floorEchoed.push(await bare.heardMs(() => writeFileSync(join(bare.folder, `e${round}`), '1\n')));
  }
  subscriber.close();
  bare.close();
  await daemon.stop();
  const row = (
    what: string,
    ours: readonly number[],
    base: readonly number[],
    of: (values: readonly number[]) => number,
    bar?: Bar,
  ): Row => ({
    what,
    ours: of(ours),
    floorName: 'fs.watch to a TCP peer',
    floor: of(base),
    unit: 'ms',
    ...(bar && { bar }),
  });
  return [
    row('drop-file by rename to subscriber, p50', renamed, floor, median, { overFloor: 3 }),
    row('drop-file by rename to subscriber, p99', renamed, floor, p99, { atMost: 15 }),
    row('drop-file by echo to subscriber, p50', echoed, floorEchoed, median),
    row('drop-file by echo to subscriber, p99', echoed, floorEchoed, p99),
  ];
}

function putByRename(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, `.${name}`), text);
  renameSync(join(folder, `.${name}`), join(folder, name));
}

interface Heard {
  /** Does it, and tells how many milliseconds later it was heard of. */
  heardMs(work: () => void): Promise<number>;
  close(): void;
}

async function subscribe(url: string): Promise<Heard> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`);
  await new Promise((resolve) => socket.once('open', resolve));
  const heard = once((hear) => socket.on('message', hear));
  await heard(() => socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'usage.subscribe' })));
  return { heardMs: heard, close: () => socket.close() };
}

/** The floor of every watcher: the event of the system, and a few bytes to another socket. */
async function bareWatch(): Promise<Heard & { readonly folder: string }> {
  const folder = scratchFolder();
  const peers: Socket[] = [];
  const server = createServer((peer) => peers.push(peer.setNoDelay(true)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const watcher = watch(folder, (_, name) => {
    if (name?.startsWith('.')) return;
    for (const peer of peers) peer.write('x');
  });
  return {
    folder,
    heardMs: once((hear) => socket.on('data', hear)),
    close() {
      watcher.close();
      socket.destroy();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function once(listen: (hear: () => void) => void): Heard['heardMs'] {
  let hear: () => void = () => undefined;
  listen(() => hear());
  return async (work) => {
    const heard = new Promise<void>((resolve) => {
      hear = resolve;
    });
    const start = performance.now();
    work();
    await heard;
    const ms = performance.now() - start;
    // A second event of the same file is not for the next round.
    await new Promise((resolve) => setTimeout(resolve, 15));
    return ms;
  };
}
