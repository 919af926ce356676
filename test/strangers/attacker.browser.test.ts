import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../support/chromium.ts';
import { type DaemonOptions, startDaemon, type TestDaemon } from '../support/daemon.ts';
import { attack, type Plan } from './attack.ts';
import { buildWithOriginCheck, type ORIGIN_CHECK_MUTANTS } from './origin-check-mutants.ts';

const SECRET = 'only-for-the-owner';
const USED = 4_242;

const READS = [
  '/',
  '/healthz?only-for-the-owner',
  '/metrics',
  '/openrpc.json',
  '/api/usage',
  '/api/token_sessions',
  '/api/architect_events',
  '/api/architect_monitor',
  '/api/history?format=json',
  '/api/history?format=csv',
];
const call = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
const WRITES: Plan['writes'] = [
  ['/api/record_token_usage', JSON.stringify({ tokens: 1 })],
  ['/api/import', JSON.stringify({ sessions: [{ tokens: 1 }] })],
  ['/api/clipboard', '{}'],
  ['/api/estimate', JSON.stringify({ user_message: 'a', assistant_message: 'b' })],
  ['/api/session', JSON.stringify({ code: 'x' })],
  ['/rpc', call('usage.record', { tokens: 1, sync_type: 'auto' })],
  ['/rpc', call('usage.set_total', { total: 1 })],
];

let browser: Browser;
let elsewhere: Server;
beforeAll(async () => {
  browser = await launchBrowser([
    '--host-resolver-rules=MAP evil.example 127.0.0.1, MAP rebound.example 127.0.0.1',
    // The daemon must hold without what newer browsers do for it.
    '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights',
  ]);
  elsewhere = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<!doctype html>'));
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await browser.close();
  elsewhere.closeAllConnections();
  elsewhere.close();
});

const portElsewhere = () => (elsewhere.address() as AddressInfo).port;

/** Opens the attacking page in its place: returns the frame that attacks, and the daemon's address as it sees it. */
const PLACES = {
  'another origin': async (context: BrowserContext, daemon: TestDaemon) => {
    const page = await context.newPage();
    await page.goto(`http://evil.example:${portElsewhere()}/`);
    return { frame: page.mainFrame(), base: daemon.url };
  },
  'another port of localhost': async (context: BrowserContext, { port }: TestDaemon) => {
    const page = await context.newPage();
    await page.goto(`http://localhost:${portElsewhere()}/`);
    return { frame: page.mainFrame(), base: `http://localhost:${port}` };
  },
  'another port of 127.0.0.1': async (context: BrowserContext, daemon: TestDaemon) => {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${portElsewhere()}/`);
    return { frame: page.mainFrame(), base: daemon.url };
  },
  'a sandboxed frame': async (context: BrowserContext, daemon: TestDaemon) => {
    const page = await context.newPage();
    await page.goto(`http://localhost:${portElsewhere()}/`);
    await page.setContent('<iframe sandbox="allow-scripts allow-forms" srcdoc="<!doctype html>"></iframe>');
    const frame = page.frames()[1]!;
    await frame.waitForLoadState();
    return { frame, base: daemon.url };
  },
  'a name that was rebound to us': async (context: BrowserContext, { port }: TestDaemon) => {
    const page = await context.newPage();
    const base = `http://rebound.example:${port}`;
    // The page came from the attacker's machine, while the name still stood for that.
    await page.route(`${base}/attack`, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
    await page.goto(`${base}/attack`);
    return { frame: page.mainFrame(), base };
  },
} as const satisfies Record<
  string,
  (context: BrowserContext, daemon: TestDaemon) => Promise<{ frame: Frame; base: string }>
>;

/** The secrets that an attack from a place has learned, and the state of the daemon after it. */
async function attackFrom(place: keyof typeof PLACES, options: DaemonOptions = {}) {
  const daemon = await startDaemon(options);
  const isGuarded = options.args?.includes('token') ?? false;
  const headers = isGuarded ? { authorization: `Bearer ${daemon.read('token').trim()}` } : {};
  await daemon.rpc('usage.record', { tokens: USED, event: SECRET }, headers);
  const before = await daemon.rpc('usage.get', {}, headers);
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  if (isGuarded) {
    // The owner has the dashboard open in the same browser.
    const { code } = await daemon.rpc('dashboard.code', {}, headers);
    for (const url of [daemon.url, `http://localhost:${daemon.port}`]) {
      const { 'set-cookie': cookie = '' } = (await daemon.post('/api/session', { code }, headers)).headers;
      const [, name = '', value = ''] = /^(\w+)=([^;]*)/.exec(cookie) ?? [];
      if (name) await context.addCookies([{ name, value, url, httpOnly: true, sameSite: 'Strict' }]);
    }
  }
  const { frame, base } = await PLACES[place](context, daemon);
  const learned = await frame.evaluate(attack, { base, reads: READS, writes: WRITES, secret: SECRET });
  // A call sent without waiting for its answer has arrived when a later one has.
  await frame.evaluate((url) => fetch(url, { mode: 'no-cors' }).catch(() => undefined), `${base}/healthz`);
  const after = await daemon.rpc('usage.get', {}, headers);
  return { learned, hasChanged: after.revision !== before.revision, before, after };
}

describe.each(Object.keys(PLACES) as (keyof typeof PLACES)[])('a page at %s', (place) => {
  test('learns and changes nothing', async () => {
    const { learned, before, after } = await attackFrom(place);
    expect(learned).toEqual([]);
    expect(after).toEqual(before);
  });

  test('learns and changes nothing where the owner’s browser has been let in with a token', async () => {
    const { learned, before, after } = await attackFrom(place, { args: ['--auth', 'token'] });
    expect(learned).toEqual([]);
    expect(after).toEqual(before);
  });
});

describe('the same attacks', () => {
  test.each<[keyof typeof ORIGIN_CHECK_MUTANTS, keyof typeof PLACES, string[]]>([
    ['no-check', 'another origin', ['WebSocket /rpc']],
    ['no-check', 'another port of localhost', ['WebSocket /rpc']],
    ['no-check', 'another port of 127.0.0.1', ['WebSocket /rpc']],
    ['no-check', 'a sandboxed frame', ['WebSocket /rpc']],
    ['no-check', 'a name that was rebound to us', ['WebSocket /rpc', 'fetch /api/history?format=json']],
    ['any-origin', 'another origin', ['WebSocket /rpc']],
    ['any-origin', 'a sandboxed frame', ['WebSocket /rpc']],
    ['any-host', 'a name that was rebound to us', ['fetch /api/history?format=json']],
  ])('succeed against the mutant %s from %s', async (mutant, place, ways) => {
    const { learned, hasChanged } = await attackFrom(place, { main: await buildWithOriginCheck(mutant) });
    expect(learned).toEqual(expect.arrayContaining(ways));
    // Without its Host alone, a rebound page is still known by its Origin when it writes.
    expect(hasChanged).toBe(mutant !== 'any-host');
  });
});

test('our own page and the older program pass the origin check that stops attackers', async () => {
  const daemon = await startDaemon();
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  for (const base of [daemon.url, `http://localhost:${daemon.port}`]) {
    await page.goto(`${base}/`);
    const own = await page.evaluate(async () => {
      const body = JSON.stringify({ tokens: 5 });
      const headers = { 'content-type': 'application/json' };
      const recorded = await fetch('/api/record_token_usage', { method: 'POST', headers, body });
      return [recorded.status, (await fetch('/api/usage')).status];
    });
    expect(own).toEqual([200, 200]);
  }
  const body = { tokens: 1, event: '手动同步', conversation_id: 'manual-001', sync_type: 'auto' };
  expect((await daemon.post('/api/record_token_usage', body)).json()).toMatchObject({ success: true, total_used: 11 });
});
