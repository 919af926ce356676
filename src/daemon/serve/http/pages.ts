import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpAnswer, HttpCall } from './http-answer.ts';
import type { Route } from './routes.ts';
import { spelledInHtml } from './spelled-in-html.ts';

/** Figures that are put into the page, so that its first picture shows true ones. */
export interface FirstState {
  readonly usage: unknown;
  readonly sessions: readonly unknown[];
  readonly total_is_set: boolean | undefined;
  /** How the command line is called. */
  readonly command: string;
  /** Whose local time the sessions tell. */
  readonly time_zone: string;
}

/** The dashboard at `/` and what it is made of, from the build as it is at the start: no path of a request reaches the disk. */
export function pageRoutes(firstState: () => FirstState, folder = builtDashboard()): Route[] {
  const page = readIfBuilt(join(folder, 'index.html'))?.toString('utf8');
  if (page === undefined) return [{ method: 'GET', path: '/', handle: () => notBuilt(firstState().command) }];
  const assets = readAssets(join(folder, 'assets'));
  return [
    { method: 'GET', path: '/', handle: (call) => pageAnswer(page, firstState(), call) },
    ...[...assets].map(
      ([name, asset]): Route => ({
        method: 'GET',
        path: `/assets/${name}`,
        handle: (call) => assetAnswer(asset, call),
      }),
    ),
  ];
}

/** Beside the bundle; for a daemon that runs from its sources, what this checkout has built. */
function builtDashboard(): string {
  const place = import.meta.url.endsWith('.ts') ? '../../../../dist/dashboard' : './dashboard';
  return fileURLToPath(new URL(place, import.meta.url));
}

/**
 * Scripts, styles and connections of our own only, and nobody frames us. Text can become script in no way at all:
 * not in the page, and by Trusted Types not through the DOM either.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const MIME: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** More than this of sessions, which other programs may have made as large as they like, is left to the connection. */
const MAX_STATE_LENGTH = 256 * 1024;

function pageAnswer(page: string, first: FirstState, call: HttpCall): HttpAnswer {
  const whole = toScriptText(first);
  const state = whole.length <= MAX_STATE_LENGTH ? whole : toScriptText({ ...first, sessions: [] });
  const end = page.lastIndexOf('</body>');
  const words = spelledInHtml(page.slice(0, end), first.command);
  const body = `${words}<script type="application/json" id="state">${state}</script>${page.slice(end)}`;
  return answer(call, Buffer.from(body), etagOf(body), {
    type: 'text/html; charset=utf-8',
    headers: {
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'cross-origin-opener-policy': 'same-origin',
    },
  });
}

/** JSON that no text in it can end early: the only way out of a script element begins with `<`. */
function toScriptText(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

interface Asset {
  readonly type: string;
  readonly etag: string;
  /** By content coding, the smallest first. */
  readonly forms: readonly (readonly [coding: 'br' | 'gzip' | 'identity', bytes: Buffer])[];
}

const SUFFIXES = [
  ['br', '.br'],
  ['gzip', '.gz'],
  ['identity', ''],
] as const;

function readAssets(folder: string): Map<string, Asset> {
  const names = readdirSync(folder);
  const assets = new Map<string, Asset>();
  for (const name of names) {
    const type = MIME[extname(name)];
    if (type === undefined) continue;
    const forms = SUFFIXES.filter(([, suffix]) => names.includes(name + suffix)).map(
      ([coding, suffix]) => [coding, readFileSync(join(folder, name + suffix))] as const,
    );
    assets.set(name, { type, etag: etagOf(forms.at(-1)![1]), forms });
  }
  return assets;
}

function assetAnswer({ type, etag, forms }: Asset, call: HttpCall): HttpAnswer {
  const accepted = call.header('accept-encoding') ?? '';
  const [coding, bytes] = forms.find(([name]) => name === 'identity' || accepts(accepted, name))!;
  // Of each form its own tag: a strong one stands for the very bytes.
  return answer(call, bytes, coding === 'identity' ? etag : etag.replace(/"$/, `-${coding}"`), {
    type,
    headers: {
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      ...(coding !== 'identity' && { 'content-encoding': coding }),
    },
  });
}

function answer(call: HttpCall, body: Buffer, etag: string, rest: Pick<HttpAnswer, 'type' | 'headers'>): HttpAnswer {
  const headers = { ...rest.headers, etag };
  const known = (call.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag)) return { status: 304, type: rest.type, body: '', headers };
  return { status: 200, type: rest.type, body, headers };
}

/** Whether `Accept-Encoding` names a coding and does not forbid it (RFC 9110 §12.5.3). */
function accepts(header: string, coding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.toLowerCase().split(';');
    return name.trim() === coding && !parameters.some((parameter) => /^\s*q=0(?:\.0*)?\s*$/.test(parameter));
  });
}

function etagOf(content: string | Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`;
}

function readIfBuilt(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function notBuilt(command: string): HttpAnswer {
  return { status: 503, type: 'text/html; charset=utf-8', body: spelledInHtml(NOT_BUILT, command) };
}

const NOT_BUILT = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title>token-sync</title>
<p>仪表盘还没有构建。请在项目文件夹运行 <code>npm run build</code>，然后重启守护进程：<code>token-sync restart</code>。</p>
<p lang="en">The dashboard has not been built. Run <code>npm run build</code> in the project's folder, then restart the daemon: <code>token-sync restart</code>.</p>
</html>
`;
