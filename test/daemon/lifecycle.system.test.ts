import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_PORT, LAST_DEFAULT_PORT } from '../../src/protocol/addresses.ts';
import { type DaemonOptions, runDaemon, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { freshFolder } from '../support/folders.ts';
import { httpRequest, RawConnection } from '../support/http.ts';
import { RpcFailure } from '../support/rpc-failure.ts';
import { RpcSocket } from '../support/socket.ts';
import { until } from '../support/until.ts';

const HAN = /\p{Script=Han}/u;

describe('one daemon a folder', () => {
  test.each(['runs', 'is suspended'])(
    'a second daemon of a folder ends with 6 and names the first, which %s',
    async (state) => {
      const first = await startDaemon();
      if (state === 'is suspended') first.process.kill('SIGSTOP');

      const [english, chinese] = await Promise.all([
        runDaemon({ folder: first.folder }),
        runDaemon({ folder: first.folder, args: ['--lang', 'zh'] }),
      ]);

      first.process.kill('SIGCONT');
      for (const { code, stdout, stderr } of [english, chinese]) {
        expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
        for (const name of [String(first.pid), first.url, first.folder]) expect(stderr).toContain(name);
      }
      expect(english.stderr).not.toMatch(HAN);
      expect(chinese.stderr).toMatch(HAN);
      expect(await first.rpc('daemon.info')).toMatchObject({ pid: first.pid });
      expect(JSON.parse(first.read('daemon.json')).pid).toBe(first.pid);
    },
  );

  test('exactly one of many daemons started at once on a folder runs', async () => {
    const folder = freshFolder();
    let ended = 0;
    const exits = Array.from({ length: 5 }, async () => {
      const exit = await runDaemon({ folder });
      ended++;
      return exit;
    });

    await until(() => ended === 4 && existsSync(join(folder, 'daemon.json')), 'all but one have ended');

    const { pid, url } = JSON.parse(readFileSync(join(folder, 'daemon.json'), 'utf8'));
    expect((await httpRequest(url, { path: '/healthz' })).status).toBe(200);
    process.kill(pid, 'SIGKILL');
    const codes = (await Promise.all(exits)).map(({ code }) => code);
    expect(codes.toSorted()).toEqual([6, 6, 6, 6, null]);
  });

  test('a daemon starts at once after a kill of the last one, with everything that was acknowledged', async () => {
    let daemon = await startDaemon();
    const { folder } = daemon;
    for (let round = 1; round <= 3; round++) {
      await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
      await daemon.kill();
      daemon = await startDaemon({ folder });
      expect(await daemon.rpc('usage.get')).toMatchObject({ used: round, sessions_count: round });
    }
    const { started_at, data_dir } = await daemon.rpc('daemon.info');
    expect(data_dir).toBe(folder);
    expect(JSON.parse(daemon.read('daemon.json'))).toEqual({
      pid: daemon.pid,
      url: daemon.url,
      protocol: 2,
      protocol_min: 1,
      version: expect.any(String),
      started_at,
      data_dir,
      challenge: expect.stringMatching(/^[\w-]{32}$/),
      proof: expect.stringMatching(/^[\w-]{32}$/),
    });
  });
});

describe('a stop', () => {
  const WAYS: readonly (readonly [string, (daemon: TestDaemon) => unknown])[] = [
    ['SIGTERM', (daemon) => daemon.process.kill('SIGTERM')],
    ['SIGINT', (daemon) => daemon.process.kill('SIGINT')],
    ['SIGHUP', (daemon) => daemon.process.kill('SIGHUP')],
    ['daemon.shutdown', (daemon) => daemon.rpc('daemon.shutdown')],
  ];

  /** Records without a pause until the daemon will have no more, and says what was acknowledged and what was refused. */
  async function recordToTheEnd(socket: RpcSocket, name: string) {
    const acknowledged: string[] = [];
    const refusals: string[] = [];
    for (let count = 0; ; count++) {
      try {
        acknowledged.push(
          (await socket.call('usage.record', { tokens: 1, sync_type: 'auto', id: `${name}-${count}` })).id,
        );
      } catch (error) {
        if (error instanceof RpcFailure) refusals.push(error.kind);
        else return { acknowledged, refusals };
      }
    }
  }

  test.each(WAYS)('a stop by %s with 50 connections takes less than 2 s and loses nothing', async (reason, stop) => {
    const daemon = await startDaemon();
    const sockets = await Promise.all(Array.from({ length: 50 }, () => daemon.connect()));
    await Promise.all(sockets.slice(0, 25).map((socket) => socket.call('usage.subscribe')));
    const stuck = sockets[0]!;
    const recording = sockets.slice(10).map((socket, index) => recordToTheEnd(socket, String(index)));
    await until(() => stuck.told('usage.changed').length > 100, 'recording is under way');
    stuck.socket.pause();

    const startedMs = performance.now();
    await stop(daemon);
    const exit = await daemon.exited;
    const tookMs = performance.now() - startedMs;

    expect(exit).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan(2_000);
    expect(existsSync(daemon.path('daemon.json'))).toBe(false);
    const outcomes = await Promise.all(recording);
    for (const socket of sockets.slice(1)) {
      expect(await socket.closed).toBe(1001);
      expect(socket.told('daemon.stopping')).toEqual([{ reason }]);
    }
    expect(new Set(outcomes.flatMap(({ refusals }) => refusals))).toBeOneOf([new Set(), new Set(['stopping'])]);
    stuck.close();

    const again = await startDaemon({ folder: daemon.folder });
    const { sessions } = (await again.get('/api/history')).json() as { sessions: { id: string }[] };
    const kept = new Set(sessions.map(({ id }) => id));
    const acknowledged = outcomes.flatMap((outcome) => outcome.acknowledged);
    expect(acknowledged.length).toBeGreaterThan(100);
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect(await again.rpc('usage.get')).toMatchObject({ used: kept.size, sessions_count: kept.size });
    expect(again.state().token_usage.used).toBe(kept.size);
  });

  test('a stop does not wait for connections that never say anything', async () => {
    const daemon = await startDaemon();
    const [idle, half] = [await RawConnection.open(daemon.port), await RawConnection.open(daemon.port)];
    half.sendHead(
      ['POST /rpc HTTP/1.1', `Host: localhost:${daemon.port}`, 'Content-Type: application/json', 'Content-Length: 99'],
      '{',
    );
    const startedMs = performance.now();

    expect(await daemon.stop()).toEqual({ code: 0, signal: null });

    expect(performance.now() - startedMs).toBeLessThan(2_000);
    await Promise.all([idle.closed, half.closed]);
  });

  test.each([
    [
      'after a count',
      async (daemon: TestDaemon) => void (await daemon.rpc('conversation.estimate', messages('hello'))),
    ],
    [
      'while one is under way',
      async (daemon: TestDaemon) => {
        await daemon.rpc('conversation.estimate', messages('hello'));
        void (await daemon.connect())
          .call('conversation.estimate', messages('x'.repeat(1_000_000)))
          .catch(() => undefined);
        await daemon.rpc('usage.get');
      },
    ],
  ])('a stop is a success %s', async (_, count) => {
    const daemon = await startDaemon();
    await count(daemon);

    expect(await daemon.stop()).toEqual({ code: 0, signal: null });

    expect(daemon.stderr).toBe('');
    expect(existsSync(daemon.path('daemon.json'))).toBe(false);
  });

  test('a stop comes after the answers to a batch that asks for it', async () => {
    const daemon = await startDaemon();
    const answer = await daemon.post('/rpc', [
      { jsonrpc: '2.0', id: 1, method: 'usage.record', params: { tokens: 5 } },
      { jsonrpc: '2.0', id: 2, method: 'daemon.shutdown' },
    ]);

    expect(answer.json()).toMatchObject([
      { id: 1, result: { total_used: 5 } },
      { id: 2, result: {} },
    ]);
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
  });

  test('a daemon goes on when the terminal that started it goes away', async () => {
    const daemon = await startDaemon();
    daemon.process.stdout!.destroy();
    daemon.process.stderr!.destroy();

    expect(await daemon.rpc('usage.record', { tokens: 5 })).toMatchObject({ total_used: 5 });
  });
});

/** Something else that listens on a port, until the test is over; `undefined` where the port is taken anyway. */
async function occupy(port: number, host = '127.0.0.1'): Promise<Server | undefined> {
  const server = createServer();
  const isOurs = await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => resolve(true));
  });
  if (!isOurs) return undefined;
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return server;
}

describe('the port', () => {
  test('the port is the next free one where the usual one is taken and nobody named another', async () => {
    await occupy(DEFAULT_PORT);

    const daemon = await startDaemon({ port: null });

    expect(daemon.port).toBeGreaterThan(DEFAULT_PORT);
    expect(daemon.port).toBeLessThanOrEqual(LAST_DEFAULT_PORT);
    await until(() => daemon.stdout.includes(daemon.url), 'the address is shown');
    expect(await daemon.rpc('daemon.info')).toMatchObject({ url: daemon.url });
  });

  test('a start fails with the usual ports named when all of them are taken', async () => {
    for (let port = DEFAULT_PORT; port <= LAST_DEFAULT_PORT; port++) await occupy(port);

    const { code, stderr } = await runDaemon({ port: null });

    expect(code).toBe(5);
    expect(stderr).toContain(`${DEFAULT_PORT}–${LAST_DEFAULT_PORT}`);
  });

  test.each<[string, (port: number) => DaemonOptions]>([
    ['by a flag', (port) => ({ port })],
    ['by the environment', (port) => ({ port: null, env: { TOKEN_SYNC_PORT: String(port) } })],
    ['by the file', (port) => ({ port: null, config: { port } })],
  ])('a port that was named %s and is taken is an error, and the folder stays free', async (_, options) => {
    const { port } = (await occupy(0))!.address() as AddressInfo;
    const folder = freshFolder();

    const [english, chinese] = await Promise.all([
      runDaemon({ folder, ...options(port) }),
      runDaemon({ ...options(port), args: ['--lang', 'zh'] }),
    ]);

    expect(english).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining(`port ${port} is taken`) });
    expect(chinese).toMatchObject({ code: 5, stdout: '', stderr: expect.stringContaining(`端口 ${port}`) });
    expect(existsSync(join(folder, 'daemon.json'))).toBe(false);
    const daemon = await startDaemon({ folder });
    expect(await daemon.rpc('daemon.info')).toMatchObject({ url: daemon.url });
  });
});

describe('the port on both addresses of localhost', () => {
  test.each(['127.0.0.1', '::1', 'localhost'])(
    'the port is held on both addresses of localhost, and serves the same there (host %s)',
    async (named) => {
      const daemon = await startDaemon({ args: ['--host', named] });
      await daemon.rpc('usage.record', { tokens: 5 });
      for (const host of ['127.0.0.1', '[::1]']) {
        const answer = await httpRequest(`http://${host}:${daemon.port}`, { path: '/api/usage' });
        expect(answer.json(), host).toMatchObject({ used: 5 });
        const { socket } = await RpcSocket.open(`http://${host}:${daemon.port}`);
        socket.terminate();
        expect(await occupy(daemon.port, host.replace(/[[\]]/g, ''))).toBeUndefined();
      }
      expect(await daemon.stop()).toMatchObject({ code: 0 });
      for (const host of ['127.0.0.1', '::1']) expect(await occupy(daemon.port, host)).toBeDefined();
    },
  );

  test('a named port is refused where a stranger has it on the other address of localhost', async () => {
    const { port } = (await occupy(0, '::1'))!.address() as AddressInfo;
    const { code, stderr } = await runDaemon({ port });
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining(`port ${port} is taken`) });
    expect(await occupy(port)).toBeDefined();
  });

  test('the port is the next that is free on both addresses of localhost where nobody named one', async () => {
    await occupy(DEFAULT_PORT, '::1');
    const daemon = await startDaemon({ port: null });
    expect(daemon.port).toBeGreaterThan(DEFAULT_PORT);
    expect(await occupy(daemon.port, '::1')).toBeUndefined();
  });

  test('a half-sent request on the other address of localhost does not keep a daemon from stopping', async () => {
    const daemon = await startDaemon();
    const half = await RawConnection.open(daemon.port, '::1');
    half.socket.write('GET /healthz HTTP/1.1\r\n');
    expect(await daemon.stop()).toMatchObject({ code: 0 });
    await half.closed;
  });
});

describe('what is in the way of a start is named', () => {
  /** A file in whose place a folder would be. */
  function fileAt(path: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'not a folder');
    return path;
  }

  function folderWith(name: string): string {
    const folder = freshFolder();
    mkdirSync(join(folder, name), { recursive: true });
    return folder;
  }

  test.each<[what: string, options: () => DaemonOptions, code: number, zh: string, en: string]>([
    ['an unknown flag', () => ({ args: ['--colour', 'red'] }), 2, '未知选项：--colour\n', 'unknown flag: --colour\n'],
    ['a flag without its value', () => ({ args: ['--host'] }), 2, '--host 缺少值\n', '--host needs a value\n'],
    ['a word that is no flag', () => ({ args: ['start'] }), 2, '多余的参数：start\n', 'too many: start\n'],
    ['a wrong flag', () => ({ port: null, args: ['--port', '350K'] }), 2, '--port', 'from 0 to 65535'],
    [
      'a wrong flag with dashes',
      () => ({ args: ['--alerts-thresholds', '80,x'] }),
      2,
      '--alerts-thresholds',
      '80,90,100',
    ],
    [
      'a wrong variable',
      () => ({ port: null, env: { TOKEN_SYNC_PORT: '65536' } }),
      2,
      'TOKEN_SYNC_PORT',
      'TOKEN_SYNC_PORT',
    ],
    ['a wrong word', () => ({ env: { TOKEN_SYNC_LOG_LEVEL: 'loud' } }), 2, 'TOKEN_SYNC_LOG_LEVEL', 'debug, info'],
    [
      'a wrong line in the file',
      () => ({ port: null, config: { port: '8877a' } }),
      2,
      'config.json: port',
      'config.json: port',
    ],
    [
      'a wrong list in the file',
      () => ({ config: { alerts: { thresholds: [80, -1] } } }),
      2,
      'alerts.thresholds',
      'alerts.thresholds',
    ],
    ['a wrong type in the file', () => ({ config: { auth: true } }), 2, '应为：none 或 token', 'be none or token'],
    [
      'an unknown line in the file',
      () => ({ config: { colour: 'red' } }),
      2,
      '未知设置：colour',
      'unknown setting: colour',
    ],
    [
      'an unknown line deep in the file',
      () => ({ config: { alerts: { colour: 1 } } }),
      2,
      'alerts.colour',
      'alerts.colour',
    ],
    [
      'a name of every object in the file',
      () => ({ config: '{"__proto__": {"port": 1}}' }),
      2,
      '__proto__',
      '__proto__',
    ],
    ['a broken file', () => ({ config: '{"port": 8877' }), 2, 'config.json 有误', 'not valid JSON'],
    ['an empty file', () => ({ config: ' ' }), 2, 'config.json 有误', 'not valid JSON'],
    ['a file that is a list', () => ({ config: [] }), 2, '应为一个 JSON 对象', 'should be a JSON object'],
    [
      'a file that is a folder',
      () => ({ folder: folderWith('config.json') }),
      2,
      'config.json 有误：不是文件',
      'it is not a file',
    ],
    [
      'another host without a token',
      () => ({ args: ['--host', '0.0.0.0', '--auth', 'none'] }),
      2,
      '"auth": "token"',
      'token-sync daemon --auth token',
    ],
    [
      'a data folder below a file',
      () => ({ folder: join(fileAt(freshFolder()), 'data') }),
      1,
      '数据文件夹不可用',
      'cannot be used',
    ],
    [
      'a data folder that is a file',
      () => ({ folder: fileAt(freshFolder()) }),
      1,
      '数据文件夹不可用',
      'cannot be used',
    ],
    ['a data folder where there can be none', () => ({ folder: '/proc/foo' }), 1, '不可用 (ENOENT)', 'used (ENOENT)'],
    [
      'a ledger that is a file',
      () => ({ folder: dirname(fileAt(join(freshFolder(), 'ledger'))) }),
      1,
      'ledger 不是文件夹',
      'ledger is not a folder',
    ],
    ['a lock that is a folder', () => ({ folder: folderWith('.lock') }), 1, '.lock 不是文件', '.lock is not a file'],
    [
      'a daemon.json that is a folder',
      () => ({ folder: folderWith('daemon.json') }),
      1,
      'daemon.json 不是文件',
      'daemon.json is not a file',
    ],
    [
      'a token that is a folder',
      () => ({ folder: folderWith('token'), args: ['--auth', 'token'] }),
      1,
      'token 不是文件',
      'token is not a file',
    ],
    [
      'a state file that is a folder',
      () => ({ folder: folderWith('architect_monitor.json') }),
      1,
      'architect_monitor.json 不是文件',
      'architect_monitor.json is not a file',
    ],
    [
      'an address of another machine',
      () => ({ args: ['--host', '192.0.2.1'] }),
      5,
      '无法监听 192.0.2.1',
      'cannot listen on 192.0.2.1',
    ],
  ])('a start is refused with the reason: %s', async (_, options, code, zh, en) => {
    const run = (locale: string) => {
      const { env = {}, ...rest } = options();
      return runDaemon({ ...rest, env: { ...env, LC_ALL: locale } });
    };

    const [chinese, english] = await Promise.all([run('zh_CN.UTF-8'), run('en_GB.UTF-8')]);

    for (const answer of [chinese, english]) {
      expect(answer).toMatchObject({ code, stdout: '' });
      expect(answer.stderr).toMatch(/^token-sync: /);
      expect(answer.stderr).not.toMatch(/^ {4}at |node:internal/m);
    }
    expect(chinese.stderr).toContain(zh);
    expect(chinese.stderr).toMatch(HAN);
    expect(english.stderr).toContain(en);
    expect(english.stderr).not.toMatch(HAN);
  });

  test('a setting of a wrong language is named in the language of the person', async () => {
    const { code, stderr } = await runDaemon({ args: ['--lang', 'fr'], env: { LC_ALL: 'zh_CN.UTF-8' } });

    expect(code).toBe(2);
    expect(stderr).toContain('--lang');
    expect(stderr).toMatch(HAN);
  });
});

describe('settings', () => {
  const file = { lang: 'zh', alerts: { thresholds: [1] } };

  test.each<[string, DaemonOptions, RegExp]>([
    ['the locale', { env: { LC_ALL: 'zh_CN.UTF-8' } }, /已启动/],
    ['the file over the locale', { config: file }, /已启动/],
    ['the environment over the file', { config: file, env: { TOKEN_SYNC_LANG: 'en' } }, /is running/],
    ['a flag over the environment', { config: file, env: { TOKEN_SYNC_LANG: 'en' }, args: ['--lang', 'zh'] }, /已启动/],
    ['the file over an empty variable', { config: file, env: { TOKEN_SYNC_LANG: '' } }, /已启动/],
    ['the file with a byte order mark', { config: `\ufeff${JSON.stringify(file)}` }, /已启动/],
    ['the file with dots in its names', { config: { lang: 'zh', 'alerts.thresholds': [1] } }, /已启动/],
  ])('the language of the daemon comes from %s', async (_, options, words) => {
    const daemon = await startDaemon(options);

    await until(() => words.test(daemon.stdout), `${words} is shown`);
  });
});

describe('the log', () => {
  test('a full log makes room for the next, and three are kept', async () => {
    const folder = freshFolder();
    mkdirSync(join(folder, 'logs'), { recursive: true });
    const log = (name: string) => join(folder, 'logs', name);
    writeFileSync(log('daemon.log'), 'zero\n'.padEnd(2 * 1024 * 1024, ' '));
    for (const index of [1, 2, 3]) writeFileSync(log(`daemon.${index}.log`), `old ${index}`);

    const daemon = await startDaemon({ folder });
    await daemon.stop();

    expect(readdirSync(join(folder, 'logs')).toSorted()).toEqual([
      'daemon.1.log',
      'daemon.2.log',
      'daemon.3.log',
      'daemon.log',
    ]);
    expect(readFileSync(log('daemon.1.log'), 'utf8')).toMatch(/^zero[\s\S]*"msg":"started"/);
    expect(readFileSync(log('daemon.2.log'), 'utf8')).toBe('old 1');
    expect(readFileSync(log('daemon.3.log'), 'utf8')).toBe('old 2');
    expect(readFileSync(log('daemon.log'), 'utf8')).toMatch(/"msg":"stopped"/);
  });

  test('the log says what happened in lines of JSON, and nothing of what was recorded', async () => {
    const daemon = await startDaemon({ args: ['--log-level', 'debug'] });
    const secrets = ['SECRET-EVENT', 'SECRET-CONVERSATION', 'SECRET-ID', '424242427', '171717173'];
    const reading = {
      tokens: 424_242_427,
      event: 'SECRET-EVENT',
      conversation_id: 'SECRET-CONVERSATION',
      id: 'SECRET-ID',
    };
    const socket = await daemon.connect();
    await socket.call('usage.record', reading);
    await daemon.post('/api/record_token_usage', { ...reading, id: 'SECRET-ID-2' });
    await daemon.post('/api/record_token_usage', { ...reading, tokens: 'SECRET-EVENT 171717173 or 424242427' });
    await daemon.post('/rpc', '{"SECRET-EVENT');
    await daemon.get('/SECRET-ID?SECRET-EVENT');
    await daemon.post('/rpc', { jsonrpc: '2.0', id: 1, method: 'SECRET-ID', params: { 'SECRET-EVENT': 171_717_173 } });
    daemon.write('architect_monitor.json', '{"SECRET-EVENT": 171717173');
    await until(async () => (await daemon.rpc('daemon.info')).warnings.length > 0, 'the broken state file is noticed');
    await daemon.stop();

    const log = daemon.read('logs/daemon.log');
    const lines = log
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['started', 'stopping', 'stopped']));
    for (const secret of secrets) expect(log).not.toContain(secret);
  });

  test('a log that cannot be written stops nothing and shows in the status', async () => {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'logs'), 'not a folder');

    const daemon = await startDaemon({ folder });

    expect(await daemon.rpc('usage.record', { tokens: 5 })).toMatchObject({ total_used: 5 });
    const { warnings } = await daemon.rpc('daemon.info');
    expect(warnings).toEqual([{ code: 'log_unwritable', zh: expect.stringMatching(HAN), en: expect.any(String) }]);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('the files', () => {
  /** Everything below a folder with its permissions, but for files on their way to another name, which may be gone. */
  function modesOf(folder: string): Record<string, string> {
    const names = ['.', ...(readdirSync(folder, { recursive: true }) as string[])];
    return Object.fromEntries(
      names.flatMap((name) => {
        const stat = statSync(join(folder, name), { throwIfNoEntry: false });
        return stat ? [[name, (stat.mode & 0o777).toString(8)]] : [];
      }),
    );
  }

  test.skipIf(process.platform === 'win32')(
    'the files of a data folder are their owner’s alone, whatever the umask',
    async () => {
      const daemon = await startDaemon({ under: 'umask 0', args: ['--auth', 'token'] });
      const headers = { authorization: `Bearer ${daemon.read('token').trim()}` };
      await daemon.post('/api/record_token_usage', { tokens: 5 }, headers);
      daemon.write('architect_monitor.json', 'broken');
      await until(
        () => readdirSync(daemon.folder).some((name) => name.includes('invalid')),
        'the broken file is set aside',
      );

      for (const [name, mode] of Object.entries(modesOf(daemon.folder))) {
        const isFolder = statSync(daemon.path(name), { throwIfNoEntry: false })?.isDirectory();
        expect([name, mode]).toEqual([name, isFolder ? '700' : '600']);
      }
      expect(Object.keys(modesOf(daemon.folder))).toEqual(
        expect.arrayContaining(['daemon.json', 'token', 'logs/daemon.log']),
      );
    },
  );

  test.skipIf(process.platform === 'win32')(
    'files that somebody else made keep the permissions they have',
    async () => {
      const folder = freshFolder();
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o755);
      writeFileSync(join(folder, 'architect_monitor.json'), '{"token_usage": {"used": 1, "total": 2, "sessions": []}}');
      chmodSync(join(folder, 'architect_monitor.json'), 0o664);

      const daemon = await startDaemon({ folder });
      await daemon.rpc('usage.record', { tokens: 5 });

      expect(modesOf(folder)).toMatchObject({ '.': '755', 'architect_monitor.json': '664', 'daemon.json': '600' });
    },
  );
});

function messages(user_message: string) {
  return { user_message, assistant_message: '' };
}
