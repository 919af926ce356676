import { createServer } from 'node:net';
import { DEFAULT_HOST, DEFAULT_PORT, LAST_DEFAULT_PORT } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { type Finding, type Subject, well, wrong } from './finding.ts';

/** Whether the daemon has its port, or would find one. */
export async function checkPort({ settings, daemon }: Subject): Promise<Finding[]> {
  if (!(daemon instanceof TokenSyncError)) {
    const { port } = new URL(daemon.url);
    return [well('port', `端口 ${port}`, `port ${port}`)];
  }
  const first = settings.port ?? DEFAULT_PORT;
  const last = settings.port ?? LAST_DEFAULT_PORT;
  for (let port = first; port <= last; port++) {
    if (await isFree(port)) return [freePort(port)];
  }
  const ports = first === last ? String(first) : `${first}–${last}`;
  return [
    wrong(
      'port',
      { zh: `端口 ${ports} 已被其他程序占用`, en: `port ${ports} is taken by another program` },
      { zh: '请运行 token-sync start --port 0', en: 'run `token-sync start --port 0`' },
    ),
  ];
}

function freePort(port: number): Finding {
  return port === 0
    ? well('port', '任意空闲端口', 'any free port')
    : well('port', `端口 ${port} 空闲`, `port ${port} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: DEFAULT_HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
