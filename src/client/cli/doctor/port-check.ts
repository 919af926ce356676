import { createServer } from 'node:net';
import { addressesOf, isNoAddress, LAST_DEFAULT_PORT } from '../../../protocol/addresses.ts';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { DaemonSettings } from '../../../shared/settings.ts';
import { type Finding, type Subject, well, wrong } from './finding.ts';

/** Whether the daemon has its port, or would find one at the address of the settings. */
export async function checkPort({ daemon, next }: Subject): Promise<Finding[]> {
  if (!(daemon instanceof TokenSyncError)) {
    const { port } = new URL(daemon.url);
    return [well('port', `端口 ${port}`, `port ${port}`)];
  }
  // Nobody knows the port of settings that are wrong, and those have been told of.
  if (next instanceof TokenSyncError) return [];
  return [await checkAddress(next)];
}

/** Whether a daemon with these settings would have an address to listen on. */
export async function checkAddress(next: DaemonSettings): Promise<Finding> {
  const { host, port: first } = next;
  const last = next.isPortExplicit ? first : LAST_DEFAULT_PORT;
  for (let port = first; port <= last; port++) {
    const refusal = await tryHold(host, port);
    if (refusal === undefined) return freePort(port);
    if (refusal !== 'EADDRINUSE') return cannotListen(host, port, refusal);
  }
  return takenPort(first === last ? String(first) : `${first}–${last}`);
}

function freePort(port: number): Finding {
  return port === 0
    ? well('port', '任意空闲端口', 'any free port')
    : well('port', `端口 ${port} 空闲`, `port ${port} is free`);
}

function takenPort(ports: string): Finding {
  return wrong(
    'port',
    { zh: `端口 ${ports} 已被其他程序占用`, en: `port ${ports} is taken by another program` },
    {
      zh: '请停止那个程序，或在 config.json 或 TOKEN_SYNC_PORT 中换一个端口；token-sync start --port 0 使用任意空闲端口',
      en: 'stop that program, or name another port in config.json or TOKEN_SYNC_PORT; `token-sync start --port 0` takes any free one',
    },
  );
}

function cannotListen(host: string, port: number, code: string): Finding {
  return wrong(
    'port',
    { zh: `无法监听 ${host}:${port} (${code})`, en: `cannot listen on ${host}:${port} (${code})` },
    {
      zh: '请检查 config.json 和环境变量中的设置 host 和 port',
      en: 'check the settings host and port in config.json and the environment',
    },
  );
}

/** Why a daemon could not have the port on every address that it holds. */
async function tryHold(host: string, port: number): Promise<string | undefined> {
  const [main, ...others] = addressesOf(host);
  for (const other of others) {
    const code = await tryListen(other, port);
    if (code !== undefined && !isNoAddress({ code })) return code;
  }
  return await tryListen(main, port);
}

/** The system's name for why nobody can listen there; `undefined` where one can. */
function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
