import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LAST_DEFAULT_PORT } from '../protocol/addresses.ts';
import { TokenSyncError } from '../protocol/errors.ts';
import type { Config } from './config.ts';

/** Listens on the port of the settings, or, where nobody named one and it is taken, on the next free one; returns the port. */
export async function listen(server: Server, { host, port, isPortExplicit }: Config): Promise<number> {
  const last = isPortExplicit ? port : LAST_DEFAULT_PORT;
  for (let candidate = port; candidate <= last; candidate++) {
    const failure = await tryListen(server, host, candidate);
    if (!failure) return (server.address() as AddressInfo).port;
    if (failure.code !== 'EADDRINUSE') throw cannotListen(host, candidate, failure);
  }
  throw portTaken(port, last);
}

function tryListen(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
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
