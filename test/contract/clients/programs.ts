import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { needs } from '../../support/needs.ts';
import { execFile, spawn } from '../../support/programs.ts';
import { type Make, ofTexts } from './client.ts';

const WSCAT = createRequire(import.meta.url).resolve('wscat/bin/wscat');
const URLLIB = fileURLToPath(new URL('urllib_client.py', import.meta.url));
const WEBSOCKET = fileURLToPath(new URL('websocket_client.py', import.meta.url));

/** Programs and languages of others, a run for each exchange. */
export const PROGRAMS: Readonly<Record<string, Make>> = {
  curl: byRun((url, text) =>
    run('curl', ['-sS', `${url}/rpc`, '-H', 'Content-Type: application/json', '--data-binary', text]),
  ),
  wscat: byRun((url, text) => runWscat(`${socketOf(url)}/rpc`, text)),
  'urllib of Python': byRun((url, text) => run('python3', [URLLIB, `${url}/rpc`, text])),
  'websocket of Python': byRun((url, text) =>
    run(needs('python3:websocket'), [WEBSOCKET, `${socketOf(url)}/rpc`, text]),
  ),
};

function byRun(exchange: (url: string, text: string) => Promise<string>): Make {
  return { connect: (url) => ofTexts((text) => exchange(url, text)), hasBatches: true, listens: false };
}

const socketOf = (url: string) => url.replace(/^http/, 'ws');

async function run(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { encoding: 'utf8', timeout: 20_000 });
  return stdout;
}

/** Sent after a notification: takes its turn after what was sent before it, and so tells whether that was answered. */
const SENTINEL = { jsonrpc: '2.0', id: 'sentinel', method: 'usage.import', params: { sessions: [] } };

async function runWscat(url: string, text: string): Promise<string> {
  const isNotification = !text.includes('"id"');
  const after = isNotification ? ['-x', JSON.stringify(SENTINEL)] : [];
  const args = [WSCAT, '-c', url, '--wait=-1', '-x', text, ...after];
  // It ends with its input.
  const wscat = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], timeout: 20_000 });
  const lines: string[] = [];
  for await (const line of createInterface(wscat.stdout)) {
    if (JSON.parse(line).id !== SENTINEL.id) lines.push(line);
    if (!isNotification || lines.length === 0) break;
  }
  wscat.kill();
  return lines.join('\n');
}
