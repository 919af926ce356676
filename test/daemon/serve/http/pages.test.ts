import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { pageRoutes } from '../../../../src/daemon/serve/http/pages.ts';
import { type TestDaemon, useDaemon } from '../../../support/daemon.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { RawConnection } from '../../../support/http.ts';

const assets = join(import.meta.dirname, '../../../../dist/dashboard/assets');
const daemon = useDaemon();

const assetOf = (extension: string) => readdirSync(assets).find((name) => name.endsWith(extension))!;

describe('the page', () => {
  test('the page is served at / and never kept without asking', async () => {
    const { status, headers, text } = await daemon().get('/');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers.etag).toMatch(/^"[\w-]+"$/);
    expect(text).toContain('<div id="app">');
  });

  test('the page lets in no script, style or connection but our own, and nobody frames it', async () => {
    const policy = (await daemon().get('/')).headers['content-security-policy']!;
    const directives = new Map(policy.split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1)]));
    expect(directives.get('default-src')).toEqual(["'none'"]);
    expect(directives.get('script-src')).toEqual(["'self'"]);
    expect(directives.get('style-src')).toEqual(["'self'"]);
    expect(directives.get('connect-src')).toEqual(["'self'"]);
    expect(directives.get('frame-ancestors')).toEqual(["'none'"]);
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });

  test('the page asks no other host for anything', async () => {
    const { text } = await daemon().get('/');
    const addresses = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThanOrEqual(3);
    expect(addresses.filter((address) => !address.startsWith('/assets/'))).toEqual([]);
    expect(text).not.toMatch(/<script(?![^>]*(?:src=|application\/json))/);
  });

  test('the page carries the figures of its moment, whatever an event says', async () => {
    const event = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)>';
    await daemon().rpc('usage.record', { tokens: 123_456, event });
    const { text } = await daemon().get('/');
    const [, json] = /<script type="application\/json" id="state">(.*?)<\/script>/s.exec(text)!;
    const state = JSON.parse(json!);
    expect(state.usage).toMatchObject({ used: 123_456, total: 1_000_000 });
    expect(state.sessions[0].event).toBe(event);
    expect(json).not.toContain('<');
  });

  test('the page is not sent again while nothing has changed', async () => {
    const first = await daemon().get('/');
    const again = await daemon().get('/', { 'if-none-match': first.headers.etag! });
    expect(again).toMatchObject({ status: 304, text: '' });
    await daemon().rpc('usage.record', { tokens: 1, sync_type: 'auto' });
    expect((await daemon().get('/', { 'if-none-match': first.headers.etag! })).status).toBe(200);
  });

  test('HEAD of the page is answered with the head alone', async () => {
    const whole = await daemon().get('/');
    const connection = await RawConnection.open(daemon().port);
    connection.sendHead(['HEAD / HTTP/1.1', `Host: 127.0.0.1:${daemon().port}`]);
    const { status, headers, text } = (await connection.response(false))!;
    connection.close();
    expect({ status, text }).toEqual({ status: 200, text: '' });
    expect(headers['content-length']).toBe(String(Buffer.byteLength(whole.text)));
  });

  test('a page is checked for its origin like everything else', async () => {
    expect((await daemon().get('/', { host: 'evil.example' })).status).toBe(421);
    expect((await daemon().get('/', { origin: 'http://evil.example' })).status).toBe(403);
  });
});

describe('an asset', () => {
  test.each([
    ['.js', 'text/javascript; charset=utf-8'],
    ['.css', 'text/css; charset=utf-8'],
    ['.svg', 'image/svg+xml'],
  ])('an asset %s has its type and is kept for ever, as its name tells its content', async (extension, type) => {
    const { status, headers } = await daemon().get(`/assets/${assetOf(extension)}`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    });
  });

  test.each([
    ['br, gzip', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ['identity', undefined, (bytes: Buffer) => bytes],
  ] as const)('an asset comes in the smallest form that %s allows', async (accepted, coding, unpack) => {
    const name = assetOf('.js');
    const { headers, bytes } = await fetchBytes(daemon(), `/assets/${name}`, { 'accept-encoding': accepted });
    expect(headers['content-encoding']).toBe(coding);
    expect(unpack(bytes).equals(readFileSync(join(assets, name)))).toBe(true);
    const again = await daemon().get(`/assets/${name}`, {
      'accept-encoding': accepted,
      'if-none-match': String(headers.etag),
    });
    expect(again.status).toBe(304);
  });

  test('an asset has another tag in each form', async () => {
    const path = `/assets/${assetOf('.js')}`;
    const tags = await Promise.all(
      ['br', 'gzip', 'identity'].map(
        async (coding) => (await daemon().get(path, { 'accept-encoding': coding })).headers.etag,
      ),
    );
    expect(new Set(tags).size).toBe(3);
  });

  test.each([
    '/assets/',
    '/assets/../index.html',
    '/assets/%2e%2e/index.html',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/nothing.js',
    '//assets/',
    '/index.html',
    '/assets/\\..\\index.html',
  ])('the address %s is refused as not found', async (path) => {
    const connection = await RawConnection.open(daemon().port);
    connection.sendHead([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${daemon().port}`]);
    const response = await connection.response();
    connection.close();
    expect(response?.status).toBe(404);
  });
});

test('the page says in both languages what to do where nothing has been built', () => {
  const [route, ...others] = pageRoutes(
    () => ({ usage: undefined, sessions: [], total_is_set: false, command: 'token-sync', time_zone: 'UTC' }),
    join(temporaryFolder(), 'missing'),
  );
  expect(others).toEqual([]);
  const answer = route!.handle(undefined as never) as { status: number; body: string };
  expect(answer.status).toBe(503);
  expect(answer.body).toMatch(/仪表盘还没有构建[\s\S]*has not been built/);
  expect(answer.body).toContain('npm run build');
});

function fetchBytes(target: TestDaemon, path: string, headers: Record<string, string>) {
  return new Promise<{ headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
    request(`${target.url}${path}`, { headers, agent: false }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve({ headers: response.headers, bytes: Buffer.concat(chunks) });
    })
      .on('error', reject)
      .end();
  });
}
