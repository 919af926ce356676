import { readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runDaemon, startDaemon, useDaemon } from '../../../support/daemon.ts';
import { type HttpResponse, RawConnection } from '../../../support/http.ts';
import { RpcSocket } from '../../../support/socket.ts';

/** Lines of a head, and whether the origin check lets them through; `PORT` stands for the daemon's. */
type Case = readonly [name: string, lines: readonly string[], isGood: boolean];

const HOSTS: readonly Case[] = [
  ['Host 127.0.0.1', ['Host: 127.0.0.1:PORT'], true],
  ['Host localhost', ['Host: localhost:PORT'], true],
  ['Host [::1]', ['Host: [::1]:PORT'], true],
  ['Host in capitals', ['HOST: LocalHost:PORT'], true],
  ['no Host', [], false],
  ['an empty Host', ['Host:'], false],
  ['two Hosts, both ours', ['Host: 127.0.0.1:PORT', 'Host: 127.0.0.1:PORT'], false],
  ['two Hosts, ours first', ['Host: 127.0.0.1:PORT', 'Host: evil.example'], false],
  ['Host without the port', ['Host: 127.0.0.1'], false],
  ['Host of another port', ['Host: 127.0.0.1:1'], false],
  ['Host of a rebound name', ['Host: evil.example:PORT'], false],
  ['Host of a rebound name like ours', ['Host: localhost.evil.example:PORT'], false],
  ['Host of a name that wraps ours', ['Host: 127.0.0.1.nip.io:PORT'], false],
  ['Host of another loopback address', ['Host: 127.0.0.2:PORT'], false],
  ['Host with a final dot', ['Host: localhost.:PORT'], false],
  ['Host with a user', ['Host: localhost:PORT@evil.example'], false],
];

const ORIGINS: readonly Case[] = [
  ['no Origin', [], true],
  ['our Origin', ['Origin: http://127.0.0.1:PORT'], true],
  ['our Origin by name', ['Origin: http://localhost:PORT'], true],
  ['our Origin in IPv6', ['Origin: http://[::1]:PORT'], true],
  ['Origin null', ['Origin: null'], false],
  ['an empty Origin', ['Origin:'], false],
  ['Origin of another port', ['Origin: http://127.0.0.1:1'], false],
  ['Origin without a port', ['Origin: http://localhost'], false],
  ['Origin of another host', ['Origin: http://evil.example:PORT'], false],
  ['Origin of a name like ours', ['Origin: http://localhost.evil.example:PORT'], false],
  ['Origin of https', ['Origin: https://127.0.0.1:PORT'], false],
  ['Origin of an extension', ['Origin: chrome-extension://abcdef'], false],
  ['two Origins, both ours', ['Origin: http://127.0.0.1:PORT', 'Origin: http://127.0.0.1:PORT'], false],
  ['two Origins, ours first', ['Origin: http://127.0.0.1:PORT', 'Origin: http://evil.example'], false],
  ['two Origins in one', ['Origin: http://127.0.0.1:PORT, http://evil.example'], false],
];

const CONTENT_TYPES: readonly Case[] = [
  ['JSON', ['Content-Type: application/json'], true],
  ['JSON with a charset', ['Content-Type: Application/JSON; charset=UTF-8'], true],
  ['no Content-Type', [], false],
  ['text', ['Content-Type: text/plain'], false],
  ['a form', ['Content-Type: application/x-www-form-urlencoded'], false],
  ['a form with files', ['Content-Type: multipart/form-data; boundary=x'], false],
  ['text that names JSON', ['Content-Type: text/plain; application/json'], false],
  ['another kind of JSON', ['Content-Type: application/json-patch+json'], false],
  ['two Content-Types', ['Content-Type: application/json', 'Content-Type: text/plain'], false],
];

interface Way {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly lines: readonly string[];
  readonly isWrite: boolean;
  /** The status when the origin check lets it through. */
  readonly passed: number;
  readonly isCrossed?: true;
}

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

const WAYS: readonly Way[] = [
  { name: 'GET', method: 'GET', path: '/api/usage', lines: [], isWrite: false, passed: 200, isCrossed: true },
  { name: 'HEAD', method: 'HEAD', path: '/api/usage', lines: [], isWrite: false, passed: 200 },
  { name: 'OPTIONS', method: 'OPTIONS', path: '/api/usage', lines: [], isWrite: false, passed: 405 },
  { name: 'GET of nothing', method: 'GET', path: '/nothing', lines: [], isWrite: false, passed: 404 },
  { name: 'GET of /healthz', method: 'GET', path: '/healthz', lines: [], isWrite: false, passed: 200 },
  {
    name: 'POST',
    method: 'POST',
    path: '/api/record_token_usage',
    lines: ['Content-Length: 2'],
    isWrite: true,
    passed: 400,
    isCrossed: true,
  },
  { name: 'POST of JSON-RPC', method: 'POST', path: '/rpc', lines: ['Content-Length: 2'], isWrite: true, passed: 200 },
  { name: 'PUT', method: 'PUT', path: '/api/usage', lines: ['Content-Length: 2'], isWrite: true, passed: 405 },
  { name: 'DELETE', method: 'DELETE', path: '/api/usage', lines: [], isWrite: true, passed: 405 },
  { name: 'upgrade', method: 'GET', path: '/rpc', lines: UPGRADE, isWrite: false, passed: 101, isCrossed: true },
  { name: 'upgrade elsewhere', method: 'GET', path: '/', lines: UPGRADE, isWrite: false, passed: 404 },
  { name: 'upgrade by POST', method: 'POST', path: '/rpc', lines: UPGRADE, isWrite: true, passed: 405 },
];

/** What a browser says of a request that has no `Origin`, and whether the origin check lets it through. */
const FETCHES: readonly (readonly [site: string, mode: string, dest: string, isGood: boolean])[] = [
  ['same-origin', 'cors', 'empty', true],
  ['same-origin', 'no-cors', 'script', true],
  ['none', 'navigate', 'document', true],
  ['cross-site', 'navigate', 'document', true],
  ['same-site', 'navigate', 'document', true],
  ['cross-site', 'no-cors', 'image', false],
  ['same-site', 'no-cors', 'image', false],
  ['cross-site', 'no-cors', 'script', false],
  ['cross-site', 'cors', 'empty', false],
  ['cross-site', 'navigate', 'iframe', false],
  ['cross-site', 'navigate', 'object', false],
  ['same-site', 'nested-navigate', 'iframe', false],
];

const BODY = '{}';
const daemon = useDaemon();

/** Sends one head over a connection of its own. */
async function ask(
  port: number,
  { method, path, lines }: Way,
  ...headers: (readonly string[])[]
): Promise<HttpResponse> {
  const connection = await RawConnection.open(port);
  try {
    const head = [
      `${method} ${path} HTTP/1.1`,
      ...headers.flat().map((line) => line.replace('PORT', String(port))),
      ...lines,
    ];
    connection.sendHead(head, lines.includes('Content-Length: 2') ? BODY : '');
    const response = await connection.response(method !== 'HEAD');
    if (!response) throw new Error('the connection was closed without an answer');
    return response;
  } finally {
    connection.close();
  }
}

/** Every combination; for ways that are not `isCrossed`, to save time, those with at most one that is not plain. */
function rowsOf({ isCrossed }: Way): (readonly [Case, Case, Case])[] {
  const rows = HOSTS.flatMap((host) =>
    ORIGINS.flatMap((origin) => CONTENT_TYPES.map((type) => [host, origin, type] as const)),
  );
  const plain = [HOSTS[0], ORIGINS[0], CONTENT_TYPES[0]];
  return isCrossed ? rows : rows.filter((row) => row.filter((entry, index) => entry !== plain[index]).length <= 1);
}

/** What the daemon did otherwise than it should, as one line for each combination. */
async function mistakesOf(way: Way): Promise<string[]> {
  const mistakes: string[] = [];
  const rows = rowsOf(way);
  const next = rows.values();
  const worker = async () => {
    for (const [
      [hostName, host, isGoodHost],
      [originName, origin, isGoodOrigin],
      [typeName, type, isGoodType],
    ] of next) {
      const expected = !isGoodHost ? 421 : !isGoodOrigin ? 403 : way.isWrite && !isGoodType ? 415 : way.passed;
      const { status, headers } = await ask(daemon().port, way, host, origin, type);
      const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
      if (status !== expected || cors.length > 0) {
        mistakes.push(`${hostName} · ${originName} · ${typeName}: ${status} instead of ${expected} ${cors}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return mistakes.slice(0, 10);
}

describe('a body', () => {
  const post = WAYS.find(({ name }) => name === 'POST of JSON-RPC')!;
  const plain = [HOSTS[0]![1], ORIGINS[0]![1]];

  test.each([
    ['Content-Type: application/json; charset="utf-8"', 200],
    ['Content-Type: application/json;charset=utf8', 200],
    ['Content-Type: application/json; charset=us-ascii', 200],
    ['Content-Type: application/json; charset=utf-16', 415],
    ['Content-Type: application/json; charset=gbk', 415],
    ['Content-Type: application/json; charset=utf-8; charset=utf-16', 415],
    ['Content-Type: application/json; x=1; CharSet = "latin1"', 415],
  ])('a body with %s is answered by %d', async (type, status) => {
    expect((await ask(daemon().port, post, ...plain, [type])).status).toBe(status);
  });

  test.each([
    ['Content-Encoding: identity', 200],
    ['Content-Encoding: gzip', 415],
    ['Content-Encoding: br', 415],
    ['Content-Encoding: identity, gzip', 415],
  ])('a body with %s is answered by %d', async (coding, status) => {
    expect((await ask(daemon().port, post, ...plain, CONTENT_TYPES[0]![1], [coding])).status).toBe(status);
  });

  test('a body in a transfer coding that nobody takes off is refused', async () => {
    const chunked = { ...post, lines: ['Transfer-Encoding: gzip, chunked'] };
    expect((await ask(daemon().port, chunked, ...plain, CONTENT_TYPES[0]![1])).status).toBe(415);
  });
});

describe('what a request expects', () => {
  const [json] = CONTENT_TYPES;
  const post = WAYS.find(({ name }) => name === 'POST')!;

  test.each(['100-continue', 'x', '200-ok'])(
    '%s as an expectation is not answered before the origin check',
    async (expectation) => {
      const way = { ...post, lines: [`Expect: ${expectation}`, ...post.lines] };
      const { status } = await ask(daemon().port, way, ['Host: evil.example:PORT'], json![1]);
      expect(status).toBe(421);
    },
  );

  test('an expectation that nobody knows is passed over', async () => {
    const way = { ...post, lines: ['Expect: x', ...post.lines] };
    const { status } = await ask(daemon().port, way, HOSTS[0]![1], json![1]);
    expect(status).toBe(post.passed);
  });

  test('a caller that expects to be told to go on is told so once the body is wanted', async () => {
    const connection = await RawConnection.open(daemon().port);
    const lines = [`Host: localhost:${daemon().port}`, ...json![1], 'Expect: 100-continue', 'Content-Length: 2'];
    connection.sendHead(['POST /rpc HTTP/1.1', ...lines]);
    expect((await connection.response(false))?.status).toBe(100);
    connection.socket.write(BODY);
    expect((await connection.response())?.status).toBe(200);
    connection.close();
  });
});

describe('every Host × Origin × Content-Type', () => {
  test.each(WAYS)('$name', async (way) => {
    expect(await mistakesOf(way)).toEqual([]);
  });

  test('none of the combinations of Host, Origin and Content-Type changed anything', async () => {
    expect(await daemon().rpc('usage.get')).toMatchObject({ used: 0, revision: 0 });
  });
});

test.each(FETCHES)('a part of a page, told as %s %s %s', async (site, mode, dest, isGood) => {
  const lines = [
    'Host: localhost:PORT',
    `Sec-Fetch-Site: ${site}`,
    `Sec-Fetch-Mode: ${mode}`,
    `Sec-Fetch-Dest: ${dest}`,
  ];
  expect(await ask(daemon().port, WAYS[0]!, lines)).toMatchObject({ status: isGood ? 200 : 403 });
});

test.each([
  ['/api/usage', 'PUT', 'GET, HEAD'],
  ['/rpc', 'GET', 'POST'],
  ['/', 'DELETE', 'GET, HEAD'],
])('%s tells on %s what it takes', async (path, method, allow) => {
  const headers = { 'content-type': 'application/json' };
  expect(await daemon().request({ method, path, headers })).toMatchObject({ status: 405, headers: { allow } });
});

describe('a refusal', () => {
  const good = { host: ['Host: 127.0.0.1:PORT'], type: ['Content-Type: application/json'] };
  const post = WAYS.find(({ name }) => name === 'POST')!;
  const upgrade = WAYS.find(({ name }) => name === 'upgrade')!;

  test.each<[string, Way, readonly string[], number, string]>([
    ['the Host', post, ['Host: evil.example', ...good.type], 421, 'wrong_host'],
    ['the Origin', post, [...good.host, ...good.type, 'Origin: null'], 403, 'wrong_origin'],
    ['the Content-Type', post, good.host, 415, 'wrong_content_type'],
    ['the Host of an upgrade', upgrade, ['Host: evil.example'], 421, 'wrong_host'],
    ['the Origin of an upgrade', upgrade, [...good.host, 'Origin: null'], 403, 'wrong_origin'],
  ])('a refusal for %s says why, in the language of the caller', async (_, way, lines, status, kind) => {
    const chinese = await ask(daemon().port, way, lines);
    const english = await ask(daemon().port, way, [...lines, 'Accept-Language: en']);

    for (const answer of [chinese, english]) {
      expect(answer.status).toBe(status);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.json()).toEqual({ success: false, error: expect.any(String), kind, hint: expect.any(String) });
    }
    expect(chinese.json().error).toMatch(/\p{Script=Han}/u);
    expect(english.json().error).not.toMatch(/\p{Script=Han}/u);
  });

  test('a refusal for the head comes before the body is read', async () => {
    const connection = await RawConnection.open(daemon().port);

    connection.sendHead(['POST /rpc HTTP/1.1', 'Host: evil.example', 'Content-Length: 4000000']);

    expect(await connection.response()).toMatchObject({ status: 421 });
    connection.close();
  });

  test('a refused request records nothing, where the same one with good headers does', async () => {
    const body = JSON.stringify({ tokens: 5 });
    const headers = { 'content-type': 'application/json' };
    const send = (more: object) =>
      daemon().request({ method: 'POST', path: '/api/record_token_usage', headers: { ...headers, ...more }, body });
    const before = await daemon().rpc('usage.get');

    expect((await send({ host: 'evil.example' })).status).toBe(421);
    expect((await send({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(415);
    expect(await daemon().rpc('usage.get')).toEqual(before);

    expect((await send({ origin: daemon().url })).status).toBe(200);
    expect(await daemon().rpc('usage.get')).toMatchObject({ used: before.used + 5 });
  });
});

describe('with a token', () => {
  const guarded = useDaemon({ args: ['--auth', 'token'] });
  const token = () => readFileSync(guarded().path('token'), 'utf8').trim();
  const good = ['Host: 127.0.0.1:PORT', 'Content-Type: application/json'];

  test('the file of the token is its owner’s alone and long enough', () => {
    expect(statSync(guarded().path('token')).mode & 0o777).toBe(0o600);
    expect(token()).toMatch(/^[\w-]{32,}$/);
  });

  const OFFERS: readonly (readonly [string, (token: string) => string[], boolean])[] = [
    ['none', () => [], false],
    ['the right one', (right) => [`Authorization: Bearer ${right}`], true],
    ['the right one, the scheme in another case', (right) => [`authorization: bearer ${right}`], true],
    ['a wrong one', () => ['Authorization: Bearer wrong'], false],
    ['an empty one', () => ['Authorization: Bearer '], false],
    ['the beginning of the right one', (right) => [`Authorization: Bearer ${right.slice(0, -1)}`], false],
    ['more than the right one', (right) => [`Authorization: Bearer ${right}x`], false],
    ['the right one by another scheme', (right) => [`Authorization: Basic ${right}`], false],
    ['the right one without a scheme', (right) => [`Authorization: ${right}`], false],
    ['the right one and another', (right) => [`Authorization: Bearer ${right}`, 'Authorization: Bearer x'], false],
    ['the right one as a cookie', (right) => [`Cookie: token=${right}`], false],
  ];

  test.each(OFFERS)('offered: %s', async (_, offer, isRight) => {
    for (const way of WAYS.filter(({ path }) => path !== '/healthz')) {
      const { status } = await ask(guarded().port, way, good, offer(token()));
      expect([way.name, status]).toEqual([way.name, isRight ? way.passed : 401]);
    }
  });

  test('/healthz needs no token, and is checked for its origin all the same', async () => {
    const health = WAYS.find(({ path }) => path === '/healthz')!;

    expect(await ask(guarded().port, health, ['Host: localhost:PORT'])).toMatchObject({ status: 200 });
    expect(await ask(guarded().port, health, ['Host: evil.example'])).toMatchObject({ status: 421 });
    expect(await ask(guarded().port, health, ['Host: localhost:PORT', 'Origin: null'])).toMatchObject({
      status: 403,
    });
  });

  test('nothing that names it in the path or the query goes for /healthz', async () => {
    const get = WAYS[0]!;
    for (const path of ['/healthz/', '/healthz/../api/usage', '/HEALTHZ', '/api/usage?/healthz', '//healthz']) {
      expect((await ask(guarded().port, { ...get, path }, good)).status).toBe(401);
    }
  });

  test('a refusal tells where the token is and not what it is', async () => {
    const { text } = await guarded().get('/api/usage');

    expect(text).toContain('token');
    expect(text).not.toContain(token());
    expect(text).not.toContain(guarded().folder);
  });

  test('a WebSocket works with it, and the same token holds after a restart', async () => {
    const headers = { authorization: `Bearer ${token()}` };
    await expect(guarded().connect()).rejects.toThrow('401');
    const socket = await guarded().connect({ headers });
    expect(await socket.call('usage.get')).toMatchObject({ used: 0 });

    const first = await startDaemon({ args: ['--auth', 'token'] });
    const secret = first.read('token');
    await first.stop();
    const second = await startDaemon({ args: ['--auth', 'token'], folder: first.folder });
    expect(second.read('token')).toBe(secret);
  });
});

describe('on an address that others reach', () => {
  test('a daemon on an address that others reach asks for a token by itself', async () => {
    const open = await startDaemon({ args: ['--host', '0.0.0.0'] });

    expect((await open.get('/api/usage')).status).toBe(401);
    expect((await open.get('/healthz')).status).toBe(200);
    const headers = { authorization: `Bearer ${open.read('token').trim()}` };
    expect((await open.get('/api/usage', headers)).status).toBe(200);
    const socket = await RpcSocket.open(open.url, { headers });
    expect(await socket.call('daemon.info')).toMatchObject({ url: open.url });
  });

  test.each([
    ['by flags', { args: ['--host', '0.0.0.0', '--auth', 'none', '--lang', 'en'] }],
    ['by the file', { config: { host: '::', auth: 'none' } }],
    ['by the environment', { env: { TOKEN_SYNC_HOST: '192.0.2.1', TOKEN_SYNC_AUTH: 'none' } }],
  ])('a daemon on an address that others reach does not start without a token, told so %s', async (_, options) => {
    const { code, stderr, stdout } = await runDaemon(options);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('auth: token');
  });
});
