import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../test/support/free-port.ts';
import { scratchFolder } from '../test/support/scratch.ts';
import { startDaemon } from './daemon-process.ts';
import { medians } from './measure.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

const ROUNDS = 5;
const PIPELINED = 5_000;
const POSTED = 2_000;
/** Requests at a time, each on a connection that stays open. */
const CONNECTIONS = 32;
const PYTHON_RECORDS = 300;

/** The peer of a REST server that keeps JSON in a file, fetched for the bench alone. */
const JSON_SERVER = 'json-server@0.17.4';

/** Records a second from one program that does not wait, against the ways that people use instead. */
export async function throughputBenches(): Promise<Row[]> {
  const daemon = await startDaemon();
  const client = await connectRpc(daemon.url);
  const record = () => client.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'bench' });
  // A state file of full size, for Python too.
  await Promise.all(Array.from({ length: 150 }, record));
  const folder = scratchFolder();
  copyFileSync(join(daemon.folder, 'architect_monitor.json'), join(folder, 'state.json'));
  const peer = await startJsonServer(folder);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const [pipelined, python, posted, peerPosted] = (await medians(
    [
      {
        name: 'pipelined',
        run: () => aSecond(PIPELINED, () => Promise.all(Array.from({ length: PIPELINED }, record))),
      },
      { name: 'python', run: () => aSecond(PYTHON_RECORDS, () => recordByPython(join(folder, 'state.json'))) },
      {
        name: 'posted',
        run: () =>
          postMany(`${daemon.url}/api/record_token_usage`, { tokens: 1, event: 'bench', sync_type: 'auto' }, agent),
      },
      { name: 'peer', run: () => postMany(`${peer.url}/records`, { tokens: 1, event: 'bench' }, agent) },
    ],
    ROUNDS,
  )) as [number, number, number, number];
  agent.destroy();
  client.close();
  peer.stop();
  await daemon.stop();
  rmSync(folder, { recursive: true });
  return [
    {
      what: 'durable records, pipelined on one socket',
      ours: pipelined,
      peerName: 'Python that loads, changes and dumps the file, without fsync',
      peer: python,
      unit: 'a second',
      bar: { timesPeer: 15 },
    },
    {
      what: 'durable records over REST with keep-alive',
      ours: posted,
      peerName: `${JSON_SERVER}, not durable`,
      peer: peerPosted,
      unit: 'a second',
      bar: { timesPeer: 3 },
    },
  ];
}

async function aSecond(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return count / ((performance.now() - start) / 1_000);
}

function postMany(url: string, body: object, agent: Agent): Promise<number> {
  const text = JSON.stringify(body);
  return aSecond(POSTED, () => Promise.all(Array.from({ length: POSTED }, () => post(url, text, agent))));
}

async function post(url: string, body: string, agent: Agent): Promise<void> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const call = request(url, { method: 'POST', agent, headers }).end(body);
  const [response] = await once(call, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode >= 300) throw new Error(`${url} answered ${response.statusCode}`);
}

/** The start of Python is left out: it loops inside. */
async function recordByPython(file: string): Promise<void> {
  await promisify(execFile)('python3', ['-c', PYTHON, file, String(PYTHON_RECORDS)]);
}

const PYTHON = `
import json, sys
for _ in range(int(sys.argv[2])):
    with open(sys.argv[1], encoding='utf-8') as file:
        state = json.load(file)
    usage = state['token_usage']
    usage['used'] += 1
    usage['sessions'] = usage['sessions'][1:] + [dict(usage['sessions'][-1], tokens=1)]
    with open(sys.argv[1], 'w', encoding='utf-8') as file:
        json.dump(state, file, ensure_ascii=False, indent=2)
`;

async function startJsonServer(folder: string) {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent', '--prefix', folder, JSON_SERVER]);
  writeFileSync(join(folder, 'db.json'), '{"records":[]}');
  const port = await freePort();
  const main = join(folder, 'node_modules/json-server/lib/cli/bin.js');
  const child = spawn(process.execPath, [main, 'db.json', '--quiet', '--port', String(port), '--host', '127.0.0.1'], {
    cwd: folder,
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/records`).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error(`${JSON_SERVER} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, stop: () => child.kill() };
}
