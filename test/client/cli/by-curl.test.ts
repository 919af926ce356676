import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PROTOCOL_MIN, PROTOCOL_VERSION } from '../../../src/protocol/methods.ts';
import { blockFile } from '../../support/blocked-file.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { needs } from '../../support/needs.ts';
import { execFileSync, spawn, spawnSync } from '../../support/programs.ts';
import { folderForClients } from '../../support/started-daemons.ts';
import { until } from '../../support/until.ts';
import { CLI, cleanEnvironment, type Run, runCli } from './run-cli.ts';

const SCRIPT = join(import.meta.dirname, '../../../scripts/token-sync');
const HAS_FULL = existsSync('/dev/full');
const SHELLS = ['dash', 'bash', 'busybox sh'] as const;

const VALUES = [
  ...['0', '350000', '350,000', '350,000 tokens used', '350400', '350K', '35万', '350.4k', '350', '0', '0'],
  // Half of a tenth of a percent, over the budget, and as much as there can be.
  ...['500', '1.2M', '1200400', '1.2M', '12亿', '9,007,199,254,740,991', '1'],
];

describe.each(SHELLS)('by %s', (shell) => {
  needs(shell === 'busybox sh' ? 'busybox' : shell, 'curl');

  test.each(['zh', 'en'])('a value is told in the words of the CLI (%s)', async (lang) => {
    const daemon = await startDaemon();
    const wanted = await toldByNode(lang);
    const told = VALUES.map((value) => withoutNode(shell, ['record', value, '--lang', lang], daemon));
    expect(told).toEqual(wanted.outcomes);
    expect(daemon.state().token_usage.sessions.map(({ event }) => event)).toEqual(wanted.events);
  });

  test.each(['zh', 'en'])('the usage is told in the words of the CLI (%s)', async (lang) => {
    const daemon = await startDaemon({ config: { 'alerts.thresholds': [] } });
    for (const [used, total] of [
      [0, 1],
      [4_567, 1_000_000],
      [1, 2_000],
      [2_345_678_901, 1_234],
      [999_949, 1_000_000],
    ] as const) {
      await daemon.rpc('usage.set_total', { total });
      await daemon.rpc('usage.record', { tokens: used });
      const args = ['status', '--lang', lang];
      expect(withoutNode(shell, args, daemon)).toEqual(await runCli(args, daemon));
    }
  });

  test.each(['zh', 'en'])('a state file that is behind is told beside the value, as by the CLI (%s)', async (lang) => {
    const outcomes: Run[] = [];
    for (const ask of [runCli, async (args: string[], daemon: TestDaemon) => withoutNode(shell, args, daemon)]) {
      const daemon = await startDaemon();
      blockFile(daemon.path('architect_monitor.json'));
      outcomes.push(await ask(['record', '7', '--lang', lang], daemon));
    }
    const [wanted, told] = outcomes;
    expect(told).toEqual(wanted);
    expect(told).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(lang === 'zh' ? /状态文件/ : /the state file/),
    });
  });

  test.skipIf(!HAS_FULL)('an answer that cannot be written is one sentence', async () => {
    await expectUntold(shell, '');
  });

  test('every event arrives as it was given', async () => {
    const daemon = await startDaemon();
    const events = [
      `完成 "架构" & 100% !x! ^ $HOME \`id\` $(id) 'q' 🔄 #; *`,
      String.raw`\ \\ \n \" "" \u0041 %s %d \c`,
      '"',
      '\\',
      '  between spaces  ',
      '{"id":2}]',
      '35',
      'é\u{1f600}',
    ];
    for (const event of events) expect(withoutNode(shell, ['record', '1', event], daemon).code).toBe(0);
    // Control characters, and what begins as a flag does, are rare enough for Node.
    const unusual = ['two\nlines', 'a\ttab', '\u2028', '--pause, then go on', '--data,moved', '-5'];
    for (const event of unusual) expect(run(shell, ['record', '1', event], daemon).code).toBe(0);
    const recorded = daemon.state().token_usage.sessions.map((session) => session.event);
    expect(recorded.toReversed()).toEqual([...events, ...unusual]);
  });

  test('the token is shown to the daemon and to nobody else', async () => {
    const daemon = await startDaemon({ env: { TOKEN_SYNC_AUTH: 'token' } });
    const log = join(daemon.folder, 'curl.log');
    const tools = toolsFolder({ curl: `printf '%s\\n' "$*" >>'${log}'; exec ${needs('curl')} "$@"` });
    expect(run(shell, ['record', '7'], daemon, { PATH: tools }).code).toBe(0);
    expect(daemon.state().token_usage.used).toBe(7);
    const told = readFileSync(log, 'utf8');
    expect(told).toContain('usage.record');
    expect(told).not.toContain(daemon.read('token').trim());
  });

  test('neither the settings of curl nor a proxy interfere', async () => {
    const daemon = await startDaemon();
    const home = mkdtempSync(join(tmpdir(), 'token-sync-test-'));
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    writeFileSync(join(home, '.curlrc'), 'include\nuser-agent = "x"\nmax-filesize = 1\n');
    const proxy = 'http://127.0.0.1:9';
    const env = { HOME: home, http_proxy: proxy, ALL_PROXY: proxy };
    expect(withoutNode(shell, ['record', '7'], daemon, env).code).toBe(0);
  });

  test('the language is chosen as the CLI chooses it', async () => {
    const daemon = await startDaemon();
    const none = { LC_ALL: '', LC_MESSAGES: '', LANG: '', TOKEN_SYNC_LANG: '' };
    const choices: [config: string | undefined, env: Record<string, string>, args?: string[]][] = [
      [undefined, {}],
      [undefined, { LANG: 'zh_CN.UTF-8' }],
      [undefined, { LANG: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US.UTF-8' }],
      [undefined, { LANG: 'en_GB', LC_ALL: 'ZH-TW' }],
      [undefined, { LANG: 'zha_XX' }],
      [undefined, { LC_ALL: 'en_US', TOKEN_SYNC_LANG: 'zh' }, ['--lang', 'en']],
      [undefined, { LC_ALL: 'en_US', TOKEN_SYNC_LANG: 'zh' }],
      ['{"lang":"zh","port":8877}', {}],
      ['{\n  "port": 8877,\n  "lang" : "zh"\n}', { LANG: 'en_US' }],
      ['{ "lang": "zh" }', { TOKEN_SYNC_LANG: 'en' }],
      ['{ "lang": "en" }\n', { LC_ALL: 'zh_CN' }],
      ['{ "port": 8877 }', { LC_ALL: 'zh_CN' }],
    ];
    for (const [config, env, args = []] of choices) {
      if (config === undefined) rmSync(daemon.path('config.json'), { force: true });
      else daemon.write('config.json', config);
      const wanted = await runCli(['status', ...args], { folder: daemon.folder, env: { ...none, ...env } });
      // Bash has a word to say of locales that are not installed.
      const { stdout } = withoutNode(shell, ['status', ...args], daemon, { ...none, ...env });
      expect(stdout, JSON.stringify([config, env])).toBe(wanted.stdout);
    }
  });
});

describe('Node takes over', () => {
  test.each([
    ['a refused value', ['record', '35,00,0']],
    ['no value at all', ['record', '']],
    ['a value torn apart', ['record', '350', '000']],
    ['a value of another spelling', ['record', '三十五万']],
    ['one argument too many', ['record', '1', 'a', 'b']],
    ['ten arguments', ['record', '1', ...'finished the draft of the design for the api'.split(' ')]],
    ['twelve arguments', ['record', '1', ...'the first draft of the design of the api is done'.split(' ')]],
    ['an unknown flag', ['record', '1', '--nonsense']],
    ['a wrong language', ['record', '1', '--lang', 'fr']],
    ['an event that is too long', ['record', '1', 'x'.repeat(1_001)]],
    ['no folder', ['record', '1', '--data', '']],
    ['no command', []],
    ['help', ['record', '--help']],
    ['JSON', ['status', '--json']],
  ])('with the same outcome: %s', async (_, args) => {
    const daemon = await startDaemon();
    const outcome = run('sh', args, daemon);
    const usage = await daemon.rpc('usage.get');
    await daemon.rpc('usage.undo').catch(() => undefined);
    const wanted = await runCli(args, daemon);
    expect({ ...outcome, stdout: outcome.stdout.replace(/\d+/g, '') }).toEqual({
      ...wanted,
      stdout: wanted.stdout.replace(/\d+/g, ''),
    });
    expect((await daemon.rpc('usage.get')).used).toBe(usage.used);
  });

  test('when there is something to warn of', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 900_000 });
    await until(async () => (await daemon.rpc('daemon.info')).alerts?.length, 'the daemon has alerted');
    expect(run('sh', ['status'], daemon)).toEqual(await runCli(['status'], daemon));
    expect(run('sh', ['status'], daemon).stderr).toContain('⚠️');
  });

  test.skipIf(!HAS_FULL)('in the same words where the answer cannot be written', async () => {
    await expectUntold(process.execPath, ' (ENOSPC)');
  });

  test('without curl', async () => {
    const daemon = await startDaemon();
    const tools = toolsFolder({ curl: 'exit 127' });
    expect(run('sh', ['record', '7'], daemon, { PATH: tools }).code).toBe(0);
    expect(daemon.state().token_usage.sessions).toMatchObject([{ total_used: 7 }]);
  });

  test('when the daemon was killed, and records once', async () => {
    const folder = folderForClients();
    expect(run('sh', ['record', '7'], { folder }, { TOKEN_SYNC_PORT: '0' }).code).toBe(0);
    process.kill(JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8')).pid, 'SIGKILL');
    expect(run('sh', ['record', '8'], { folder }, { TOKEN_SYNC_PORT: '0' }).code).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8')).token_usage).toMatchObject({
      used: 8,
      sessions: [{}, {}],
    });
  });

  test('when the answer is lost on its way, and the value counts once', async () => {
    const daemon = await startDaemon();
    const way = await wayWithoutTheFirstAnswer(daemon, (socket) => socket.destroy());
    daemon.write('daemon.json', `${JSON.stringify({ ...JSON.parse(daemon.read('daemon.json')), url: way.url })}\n`);
    const { code, stdout } = await runLate(['record', '7', 'once'], daemon);
    expect(way.requests()).toBeGreaterThan(1);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Recorded: 7 / 1,000,000') });
    expect(daemon.state().token_usage.sessions).toMatchObject([{ event: 'once' }]);
  });

  test('when the daemon hangs, after two seconds, and the value counts once', async () => {
    needs('curl');
    const daemon = await startDaemon();
    const patienceMs = Promise.withResolvers<number>();
    const way = await wayWithoutTheFirstAnswer(daemon, (socket) => {
      const sinceMs = performance.now();
      socket.on('close', () => patienceMs.resolve(performance.now() - sinceMs));
    });
    daemon.write('daemon.json', `${JSON.stringify({ ...JSON.parse(daemon.read('daemon.json')), url: way.url })}\n`);
    const recording = runLate(['record', '7', 'once'], daemon);
    expect(await patienceMs.promise).toBeLessThan(4_000);
    expect((await recording).code).toBe(0);
    expect(daemon.state().token_usage.sessions).toMatchObject([{ event: 'once' }]);
  });

  test.each(['from before the last start of the machine', 'of a process that has ended'])(
    'where daemon.json is %s, and no other daemon at its address is told anything',
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
      expect(run('sh', ['record', '7'], { folder }, { TOKEN_SYNC_PORT: '0' }).code).toBe(0);
      expect((await other.rpc('usage.get')).revision).toBe(0);
      expect(JSON.parse(readFileSync(join(folder, 'architect_monitor.json'), 'utf8')).token_usage.used).toBe(7);
    },
  );
});

test('the script is found through links and from its own folder, and knows its data folder', async () => {
  const daemon = await startDaemon();
  const folder = mkdtempSync(join(tmpdir(), 'token-sync-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(SCRIPT, join(folder, 'one'));
  symlinkSync('one', join(folder, 'two'));
  const env = { ...cleanEnvironment(), PATH: toolsFolder(), TOKEN_SYNC_DATA: daemon.folder };
  expect(execFileSync(join(folder, 'two'), ['status'], { env, encoding: 'utf8' })).toContain('Used: 0');
  const beside = { cwd: join(SCRIPT, '..'), env, encoding: 'utf8' } as const;
  expect(execFileSync('sh', ['token-sync', 'status'], beside)).toContain('Used: 0');
  const named = {
    cwd: join(daemon.folder, '..'),
    env: { ...env, TOKEN_SYNC_DATA: '/nowhere' },
    encoding: 'utf8',
  } as const;
  expect(execFileSync(SCRIPT, ['status', '--data', 'data'], named)).toContain('Used: 0');
});

const toldAlready = new Map<string, Promise<{ outcomes: Run[]; events: unknown[] }>>();

/** What the CLI itself says of all the values in turn, and how they are recorded. */
function toldByNode(lang: string) {
  const told = toldAlready.get(lang) ?? tell(lang);
  toldAlready.set(lang, told);
  return told;
}

async function tell(lang: string) {
  const daemon = await startDaemon();
  const outcomes: Run[] = [];
  for (const value of VALUES) outcomes.push(await runCli(['record', value, '--lang', lang], daemon));
  return { outcomes, events: daemon.state().token_usage.sessions.map(({ event }) => event) };
}

/** Runs the script in a shell, with Node where it is needed. */
function run(
  shell: string,
  args: readonly string[],
  { folder }: { folder: string },
  env: Record<string, string> = {},
): Run {
  const [program = '', ...rest] = shell.split(' ');
  const { status, stdout, stderr } = spawnSync(program, [...rest, SCRIPT, ...args], {
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder, ...env },
    input: '',
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, stdout, stderr };
}

/** As `run`, while this process answers requests. */
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

/** Runs the script in a checkout that has no Node to fall back on. */
function withoutNode(
  shell: string,
  args: readonly string[],
  { folder }: TestDaemon,
  env: Record<string, string> = {},
): Run {
  const checkout = mkdtempSync(join(tmpdir(), 'token-sync-test-'));
  onTestFinished(() => rmSync(checkout, { recursive: true, force: true }));
  symlinkSync(join(SCRIPT, '..'), join(checkout, 'scripts'));
  const [program = '', ...rest] = shell.split(' ');
  const { status, stdout, stderr } = spawnSync(program, [...rest, join(checkout, 'scripts/token-sync'), ...args], {
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder, PATH: toolsFolder(), ...env },
    input: '',
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

/** Expects a failure in one sentence, which ends with `detail` and says what was recorded. */
async function expectUntold(program: string, detail: string): Promise<void> {
  const daemon = await startDaemon({ config: { 'alerts.thresholds': [] } });
  const told = (...args: string[]) => intoFullDevice(program, args, daemon);
  expect(told('status', '--lang', 'en')).toBe(`❌ the answer could not be written${detail}\n`);
  expect(told('status', '--lang', 'zh')).toBe(`❌ 结果无法写出${detail}\n`);
  expect(told('record', '7', '--lang', 'en')).toBe(
    `❌ the value was recorded, but the answer could not be written${detail}\n`,
  );
  expect(told('record', '8', '--lang', 'zh')).toBe(`❌ 数值已记录，但结果无法写出${detail}\n`);
  expect(daemon.state().token_usage.used).toBe(8);
}

/** What is said by a shell, or by the CLI itself on Node, whose answer goes to a disk that is full. */
function intoFullDevice(program: string, args: readonly string[], { folder }: TestDaemon): string {
  const full = openSync('/dev/full', 'w');
  onTestFinished(() => closeSync(full));
  const [command = '', ...rest] = program.split(' ');
  const { status, stderr } = spawnSync(command, [...rest, program === process.execPath ? CLI : SCRIPT, ...args], {
    env: { ...cleanEnvironment(), TOKEN_SYNC_DATA: folder },
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  return stderr;
}

/** A folder for PATH with what every system has besides Node; `scripts` stand in its place of programs. */
function toolsFolder(scripts: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'token-sync-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const tool of ['sh', 'curl', 'od', 'find', 'head', 'readlink']) {
    if (!(tool in scripts)) symlinkSync(tool === 'curl' ? needs('curl') : pathOf(tool), join(folder, tool));
  }
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Where a program is that every system has. */
function pathOf(program: string): string {
  return spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
}

/** An address that hands requests on to the daemon; in place of the first answer, `lose` is given the connection. */
async function wayWithoutTheFirstAnswer(daemon: TestDaemon, lose: (socket: Socket) => void) {
  let requests = 0;
  const server = createServer((incoming, answer) => {
    const isFirst = ++requests === 1;
    const headers = { ...incoming.headers, host: `127.0.0.1:${daemon.port}` };
    const outgoing = request(`${daemon.url}${incoming.url}`, { method: incoming.method!, headers }, (response) => {
      if (isFirst) response.resume().on('end', () => lose(incoming.socket));
      else response.pipe(answer);
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
