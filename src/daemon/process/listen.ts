import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressesOf, isLoopback, isNoAddress, LAST_DEFAULT_PORT } from '../../protocol/addresses.ts';
import { TokenSyncError } from '../../protocol/errors.ts';
import type { Config } from './config.ts';

/** Where others reach the daemon. */
export class OwnAddress {
  readonly #host: string;
  /** 0 until the server listens. */
  port = 0;

  constructor(host: string) {
    this.#host = host;
  }

  /** The URL for programs of this machine; a host that stands for every interface is reached by loopback. */
  get url(): string {
    const host = isEveryInterface(this.#host) ? '127.0.0.1' : this.#host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }

  /** The addresses besides loopback; those of every interface where the daemon listens on all. */
  get open(): string[] {
    if (isLoopback(this.#host)) return [];
    if (!isEveryInterface(this.#host)) return [this.#host];
    return Object.values(networkInterfaces()).flatMap((found) => found?.map(({ address }) => address) ?? []);
  }
}

function isEveryInterface(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** A server that listens, on every address of its port that is to be ours. */
export interface Listening {
  readonly port: number;
  /** Takes no more connections; resolves when those that there are have ended. */
  close(): Promise<void>;
}

/**
 * Listens on the port of the settings, or, where nobody named one and it is taken, on the next free one. A port that is
 * free on one address of the host only is taken: on the other a program would be talking to a stranger.
 */
export async function listen(server: Server, { host, port, isPortExplicit }: Config): Promise<Listening> {
  const last = isPortExplicit ? port : LAST_DEFAULT_PORT;
  for (let candidate = port; candidate <= last; candidate++) {
    const outcome = candidate === 0 ? await holdAny(server, host) : await hold(server, host, candidate);
    if (!(outcome instanceof Error)) return outcome;
    if (outcome.code !== 'EADDRINUSE') throw cannotListen(host, candidate, outcome);
  }
  throw portTaken(port, last);
}

/** The system picks a port that is free on one address, which others may have on the other. */
const ATTEMPTS = 20;

async function holdAny(server: Server, host: string): Promise<Listening | NodeJS.ErrnoException> {
  let outcome = await hold(server, host, 0);
  for (let left = ATTEMPTS; left > 0 && outcome instanceof Error && outcome.code === 'EADDRINUSE'; left--) {
    outcome = await hold(server, host, 0);
  }
  return outcome;
}

async function hold(server: Server, host: string, port: number): Promise<Listening | NodeJS.ErrnoException> {
  const [main, ...others] = addressesOf(host);
  const held: TcpServer[] = [];
  // The server itself comes last, because the others are easily given up again.
  for (const other of others) {
    const beside = listenerFor(server);
    const failure = await tryListen(beside, other, port);
    if (!failure) held.push(beside);
    else if (!isNoAddress(failure)) {
      await closeAll(held);
      return failure;
    }
  }
  const failure = await tryListen(server, main, held[0] ? portOf(held[0]) : port);
  if (!failure) return { port: portOf(server), close: () => closeAll([server, ...held]) };
  await closeAll(held);
  return failure;
}

/** A listener that hands its connections to the server, as if they had come to its own address. */
function listenerFor(server: Server): TcpServer {
  return createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit('connection', socket));
}

function portOf(server: TcpServer): number {
  return (server.address() as AddressInfo).port;
}

async function closeAll(servers: readonly TcpServer[]): Promise<void> {
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
}

function tryListen(server: TcpServer, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const settle = (failure?: Error) => {
      server.off('error', settle);
      server.off('listening', settle);
      resolve(failure);
    };
    server.once('error', settle);
    server.once('listening', settle);
    server.listen({ host, port, exclusive: true });
  });
}

function portTaken(port: number, last: number): TokenSyncError {
  const ports = port === last ? String(port) : `${port}–${last}`;
  return new TokenSyncError(
    'unreachable',
    { zh: `端口 ${ports} 已被其他程序占用`, en: `port ${ports} is taken by another program` },
    {
      hint: {
        zh: '请停止那个程序，或用 --port 指定另一个端口（--port 0 为任意空闲端口）',
        en: 'stop that program, or name another port with --port (--port 0 for any free one)',
      },
    },
  );
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): TokenSyncError {
  const code = cause.code ?? '';
  return new TokenSyncError(
    'unreachable',
    { zh: `无法监听 ${host}:${port} (${code})`, en: `cannot listen on ${host}:${port} (${code})` },
    { hint: { zh: '请检查 host 和 port 设置', en: 'check the settings host and port' }, cause },
  );
}
