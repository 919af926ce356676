import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TokenCheck } from '../../../../src/daemon/serve/auth/token-check.ts';
import { startDaemon, type TestDaemon } from '../../../support/daemon.ts';

const TOKEN = 't'.repeat(43);
const PORT = 8877;
const bearer = (token: string) => ['Authorization', `Bearer ${token}`];
const cookieOf = (setCookie: string) => setCookie.split(';')[0]!;
const kindOf = (tokenCheck: TokenCheck, rawHeaders: readonly string[]) => tokenCheck.refusal(rawHeaders, PORT)?.kind;

/** An tokenCheck whose clock is set by hand. */
function withClock() {
  const clock = { ms: Date.UTC(2026, 0, 1) };
  return { clock, tokenCheck: new TokenCheck(TOKEN, () => clock.ms) };
}

function redeemed(tokenCheck: TokenCheck, code: string): string {
  try {
    return tokenCheck.redeem(code, PORT);
  } catch (error) {
    return (error as { kind: string }).kind;
  }
}

describe('a one-time code', () => {
  test('a one-time code gives one cookie and no second', () => {
    const { tokenCheck } = withClock();
    const code = tokenCheck.newCode();

    const cookie = redeemed(tokenCheck, code);

    expect(cookie).toMatch(/^token_sync_8877=[\w.-]+; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(TOKEN);
    expect(kindOf(tokenCheck, ['Cookie', `theme=dark; ${cookieOf(cookie)}; x=y`])).toBeUndefined();
    expect(redeemed(tokenCheck, code)).toBe('unauthorized');
  });

  test('a one-time code is worth nothing after a minute', () => {
    const { tokenCheck, clock } = withClock();
    const codes = [tokenCheck.newCode(), tokenCheck.newCode()];

    clock.ms += 60_000;
    expect(redeemed(tokenCheck, codes[0]!)).toContain('HttpOnly');
    clock.ms += 1;
    expect(redeemed(tokenCheck, codes[1]!)).toBe('unauthorized');
  });

  test('a one-time code makes room for the sixteen that follow it', () => {
    const { tokenCheck } = withClock();
    const codes = Array.from({ length: 17 }, () => tokenCheck.newCode());

    expect(redeemed(tokenCheck, codes[0]!)).toBe('unauthorized');
    expect(codes.slice(1).every((code) => redeemed(tokenCheck, code).includes('HttpOnly'))).toBe(true);
  });
});

describe('a cookie', () => {
  test.each<[string, (value: string, other: string) => string[], string | undefined]>([
    ['as it was given', (value) => ['Cookie', value], undefined],
    ['beside a wrong one of the same name', (value) => ['Cookie', `token_sync_8877=x; ${value}`], undefined],
    ['of a service at another port', (value) => ['Cookie', value.replace('8877', '8878')], 'unauthorized'],
    ['of another token', (_, other) => ['Cookie', other], 'unauthorized'],
    [
      'that would last longer',
      (value) => ['Cookie', value.replace(/=\d/, (text) => `=${Number(text[1]) + 1}`)],
      'unauthorized',
    ],
    ['cut short', (value) => ['Cookie', value.slice(0, -1)], 'unauthorized'],
    ['beside a wrong token', (value) => [...bearer('wrong'), 'Cookie', value], 'unauthorized'],
    ['sent as a token', (value) => bearer(value.split('=')[1]!), 'unauthorized'],
  ])('%s', (_, headers, kind) => {
    const { tokenCheck, clock } = withClock();
    const other = new TokenCheck('another token of the same length, more or less', () => clock.ms);
    const cookie = cookieOf(redeemed(tokenCheck, tokenCheck.newCode()));

    expect(kindOf(tokenCheck, headers(cookie, cookieOf(redeemed(other, other.newCode()))))).toBe(kind);
  });

  test('a cookie holds for a week, and across a restart with the same token', () => {
    const { tokenCheck, clock } = withClock();
    const cookie = ['Cookie', cookieOf(redeemed(tokenCheck, tokenCheck.newCode()))];
    const restarted = new TokenCheck(TOKEN, () => clock.ms);

    clock.ms += 7 * 24 * 3_600_000 - 1;
    expect(kindOf(restarted, cookie)).toBeUndefined();
    clock.ms += 1;
    expect(kindOf(restarted, cookie)).toBe('unauthorized');
  });
});

describe('failures', () => {
  test('wrong tokens are answered a hundred times a minute, while the right one passes', () => {
    const { tokenCheck, clock } = withClock();
    const guesses = Array.from({ length: 110 }, (_, index) => kindOf(tokenCheck, bearer(`guess-${index}`)));

    expect(guesses).toEqual([...Array(100).fill('unauthorized'), ...Array(10).fill('too_many_failures')]);
    expect(kindOf(tokenCheck, bearer(TOKEN))).toBeUndefined();
    clock.ms += 60_000;
    expect(kindOf(tokenCheck, bearer('guess'))).toBe('unauthorized');
  });

  test('wrong codes count as failures too, and lock out nobody who has the right one', () => {
    const { tokenCheck } = withClock();
    const code = tokenCheck.newCode();
    for (let times = 0; times < 100; times++) redeemed(tokenCheck, 'wrong');

    expect(redeemed(tokenCheck, 'wrong')).toBe('too_many_failures');
    expect(redeemed(tokenCheck, code)).toContain('HttpOnly');
  });

  test('a request without a token is not counted as a failure', () => {
    const { tokenCheck } = withClock();
    for (let times = 0; times < 200; times++) expect(kindOf(tokenCheck, ['Accept', '*/*'])).toBe('unauthorized');
  });
});

describe('a daemon that asks for a token', () => {
  const guarded = () => startDaemon({ args: ['--auth', 'token', '--log-level', 'debug'] });
  const withToken = (daemon: TestDaemon) => ({ authorization: `Bearer ${daemon.read('token').trim()}` });
  const codeOf = async (daemon: TestDaemon) => (await daemon.rpc('dashboard.code', {}, withToken(daemon))).code!;
  const redeem = (daemon: TestDaemon, body: unknown, headers = {}) => daemon.post('/api/session', body, headers);

  test('a caller without a token is shown the sign-in page and nothing else', async () => {
    const daemon = await guarded();
    await daemon.rpc('usage.record', { tokens: 123_456, event: 'secret' }, withToken(daemon));

    const page = await daemon.get('/');

    expect(page.status).toBe(401);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'sha256-"),
      'www-authenticate': 'Bearer',
    });
    expect(page.text).toContain('token-sync open');
    expect(page.text).not.toMatch(/123.?456|secret/);
    expect((await daemon.get('/assets/main.js')).status).toBe(401);
    expect((await daemon.post('/rpc', {})).headers).toMatchObject({ 'www-authenticate': 'Bearer' });
  });

  test('signing in trades a code for a cookie that opens every address and the WebSocket', async () => {
    const daemon = await guarded();
    const code = await codeOf(daemon);

    const answer = await redeem(daemon, { code }, { origin: daemon.url });

    expect([answer.status, answer.text]).toEqual([204, '']);
    const cookie = { cookie: answer.headers['set-cookie']!.split(';')[0]! };
    expect((await daemon.get('/api/usage', cookie)).status).toBe(200);
    expect((await daemon.get('/', cookie)).status).toBe(200);
    const socket = await daemon.connect({ headers: { ...cookie, origin: daemon.url } });
    expect(await socket.call('usage.get')).toMatchObject({ used: 0 });
    expect((await redeem(daemon, { code })).json()).toMatchObject({ success: false, kind: 'unauthorized' });
  });

  test('the cookie is taken from our own page only', async () => {
    const daemon = await guarded();
    const answer = await redeem(daemon, { code: await codeOf(daemon) });
    const cookie = answer.headers['set-cookie']!.split(';')[0]!;

    for (const headers of [
      { origin: 'http://localhost:1' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    ]) {
      expect((await daemon.get('/api/history', { ...headers, cookie })).status).toBe(403);
    }
    const own = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
    expect((await daemon.get('/api/history', { ...own, cookie })).status).toBe(200);
  });

  test.each([
    ['a wrong code', { code: 'x' }, {}, 401],
    ['no code', {}, {}, 401],
    ['a code that is no text', { code: ['x'] }, {}, 401],
    ['a list', [], {}, 400],
    ['a code from another page', { code: 'x' }, { origin: 'https://evil.example' }, 403],
    ['a form', 'code=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('signing in with %s is refused', async (_, body, headers, status) => {
    const daemon = await guarded();
    const answer = await redeem(daemon, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  test('many failures are answered by 429, and the owner is let in all the same', async () => {
    const daemon = await guarded();
    for (let times = 0; times < 100; times++) await daemon.get('/api/usage', { authorization: 'Bearer wrong' });

    expect((await daemon.get('/api/usage', { authorization: 'Bearer wrong' })).json()).toMatchObject({
      kind: 'too_many_failures',
    });
    expect((await redeem(daemon, { code: 'wrong' })).status).toBe(429);
    expect((await daemon.get('/api/usage', withToken(daemon))).status).toBe(200);
  });

  test('neither token nor code is written into a log', async () => {
    const daemon = await guarded();
    const code = await codeOf(daemon);
    await redeem(daemon, { code });
    await daemon.get(`/api/usage?token=${daemon.read('token').trim()}`);
    await daemon.stop();

    const logs = readdirSync(daemon.path('logs')).map((name) => readFileSync(join(daemon.path('logs'), name), 'utf8'));
    expect(logs.join('')).toContain('started');
    for (const secret of [daemon.read('token').trim(), code]) {
      expect(logs.join('') + daemon.stdout + daemon.stderr).not.toContain(secret);
    }
  });
});

test('a daemon that asks for no token has no codes and no address for signing in', async () => {
  const daemon = await startDaemon();
  expect(await daemon.rpc('dashboard.code')).toEqual({});
  expect((await daemon.post('/api/session', { code: 'x' })).status).toBe(404);
});
