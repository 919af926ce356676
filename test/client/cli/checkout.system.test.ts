import { once } from 'node:events';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PROTOCOL_MIN, PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { cleanEnvironment } from '../../support/environment.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { needs } from '../../support/needs.ts';
import { spawn, spawnSync } from '../../support/programs.ts';
import type { Run } from '../../support/run-cli.ts';
import { folderForClients } from '../../support/started-daemons.ts';
import { until } from '../../support/until.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/token-sync');
const HAS_FULL = existsSync('/dev/full');

test.each(['dash', 'bash', 'busybox sh'] as const)(
  '%s finds the program through links and from its own folder, and the data folder that is named',
  async (shell) => {
    needs(shell === 'busybox sh' ? 'busybox' : shell);
    const daemon = await startDaemon();
    const folder = temporaryFolder();
    symlinkSync(SCRIPT, join(folder, 'one'));
    symlinkSync('one', join(folder, 'two'));
    const shown = { code: 0, stderr: '', stdout: expect.stringContaining('Used: 0') };
    expect(runBy(shell, [join(folder, 'two'), 'status'], daemon)).toEqual(shown);
    expect(runBy(shell, ['token-sync', 'status'], daemon, { cwd: join(SCRIPT, '..') })).toEqual(shown);
    const beside = { cwd: join(daemon.folder, '..') };
    expect(runBy(shell, [SCRIPT, 'status', '--data', 'data'], { folder: '/nowhere' }, beside)).toEqual(shown);
  },
);

test('a data folder in the home folder is found there also where no shell has read its name', async () => {
  const daemon = await startDaemon();
  const home = join(daemon.folder, '..');
  const { stdout } = spawnSync(SCRIPT, ['status', '--data=~/data', '--no-spawn'], {
    env: { ...cleanEnvironment(), HOME: home },
    encoding: 'utf8',
  });
  expect(stdout).toContain('Used: 0');
});

test.skipIf(!HAS_FULL)(
  'an answer that cannot be written is told in one sentence, which says what was recorded',
  async () => {
    const daemon = await startDaemon({ config: { 'alerts.thresholds': [] } });
    const told = (...args: string[]) => intoFullDevice(args, daemon);
    expect(told('status', '--lang', 'en')).toBe(`❌ the answer could not be written (ENOSPC)\n`);
    expect(told('status', '--lang', 'zh')).toBe(`❌ 结果无法写出 (ENOSPC)\n`);
    expect(told('record', '7', '--lang', 'en')).toBe(
      `❌ the value was recorded, but the answer could not be written (ENOSPC)\n`,
    );
    expect(told('record', '8', '--lang', 'zh')).toBe(`❌ 数值已记录，但结果无法写出 (ENOSPC)\n`);
    expect(daemon.state().token_usage.used).toBe(8);
  },
);

test('a daemon that was killed is started again, and each value counts once', async () => {
  const folder = folderForClients();
  expect(runHere(['record', '7'], { folder }).code).toBe(0);
  process.kill(JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8')).pid, 'SIGKILL');
  expect(runHere(['record', '8'], { folder }).code).toBe(0);
  expect(JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8')).token_usage).toMatchObject({
    used: 8,
    sessions: [{}, {}],
  });
});

test('a value whose answer is lost on its way counts once', async () => {
  const daemon = await startDaemon();
  const way = await wayWithoutTheFirstAnswer(daemon, (socket) => socket.destroy());
  daemon.write('daemon.json', `${JSON.stringify({ ...JSON.parse(daemon.read('daemon.json')), url: way.url })}\n`);
  const { code, stdout } = await runLate(['record', '7', 'once'], daemon);
  expect(way.requests()).toBeGreaterThan(1);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Recorded: 7 / 1,000,000') });
  expect(daemon.state().token_usage.sessions).toMatchObject([{ event: 'once' }]);
});

test.each(['from before the last start of the machine', 'of a process that has ended'])(
  'a daemon.json %s is not followed: no other daemon at its address is told anything',
  async (kind) => {
    const other = await startDaemon();
    const folder = folderForClients();
    mkdirSync(folder);
    const path = join(folder, 'daemon.json');
    const isOld = kind.startsWith('from');
    const pid = isOld ? process.pid : await unreapedProcess();
    const file = { pid, url: other.url, protocol: PROTOCOL_VERSION, protocol_min: PROTOCOL_MIN, version: '0.2.0' };
    writeFileSync(path, `${JSON.stringify(file)}\n`);
    if (isOld) utimesSync(path, new Date('2001-01-01'), new Date('2001-01-01'));
    expect(runHere(['record', '7'], { folder }).code).toBe(0);
    expect((await other.rpc('usage.get')).revision).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8')).token_usage.used).toBe(7);
  },
);

/** Runs the script as a person does. */
function runHere(args: readonly string[], daemon: { folder: string }): Run {
  return runBy('sh', [SCRIPT, ...args], daemon);
}

/** Runs a script in a shell. */
function runBy(
  shell: string,
  args: readonly string[],
  { folder }: { folder: string },
  options: { readonly cwd?: string } = {},
): Run {
  const [program = '', ...rest] = shell.split(' ');
  const { status, stdout, stderr } = spawnSync(program, [...rest, ...args], {
    ...options,
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder, TOKEN_SYNC_PORT: '0' },
    input: '',
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, stdout, stderr };
}

/** As `runHere`, while this process answers requests. */
async function runLate(args: readonly string[], { folder }: TestDaemon): Promise<{ code: number; stdout: string }> {
  const child = spawn(SCRIPT, args, {
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  const [code] = await once(child, 'close');
  return { code, stdout };
}

/** What the script says whose answer goes to a disk that is full. */
function intoFullDevice(args: readonly string[], { folder }: TestDaemon): string {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const { status, stderr } = spawnSync(SCRIPT, args, {
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder },
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  return stderr;
}

/** An address that hands requests on to the daemon; in place of the first answer, `lose` is given the connection. */
async function wayWithoutTheFirstAnswer(daemon: TestDaemon, lose: (socket: Socket) => void) {
  let requests = 0;
  const server = createServer((incoming, answer) => {
    const isFirst = incoming.method === 'POST' && ++requests === 1;
    const headers = { ...incoming.headers, host: `127.0.0.1:${daemon.port}` };
    const outgoing = request(`${daemon.url}${incoming.url}`, { method: incoming.method!, headers }, (response) => {
      if (isFirst) response.resume().on('end', () => lose(incoming.socket));
      else response.pipe(answer.writeHead(response.statusCode!, response.headers));
    });
    incoming.pipe(outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
}

/** A process that has ended and still has its number, as its parent does not look. */
async function unreapedProcess(): Promise<number> {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [text] = await once(parent.stdout, 'data');
  const pid = Number(String(text));
  await until(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z '), 'the process has ended');
  return pid;
}
