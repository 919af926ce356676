import { createHash } from 'node:crypto';
import { SIGN_IN_PATH } from '../../../protocol/addresses.ts';
import type { HttpAnswer } from './http-answer.ts';
import { spelledInHtml } from './spelled-in-html.ts';

/**
 * The page that stands in place of the dashboard until the browser is signed in: it trades the code of the address for a cookie.
 * `command` is how the command line is called.
 */
export function signInPage(command: string): HttpAnswer {
  return {
    status: 401,
    type: 'text/html; charset=utf-8',
    body: spelledInHtml(PAGE, command),
    headers: { 'content-security-policy': POLICY, 'www-authenticate': 'Bearer' },
  };
}

/**
 * The code leaves the address before anything else, so that neither the history nor a glance at the screen keeps it.
 * Without one the cookie may be there all the same: a browser keeps it back when a link of another site led here.
 * A link that is opened in this page's own tab changes the fragment only, which loads nothing by itself.
 */
const SCRIPT = `
const code = location.hash.slice(1);
history.replaceState(null, '', '/');
const signIn = code
  ? fetch('${SIGN_IN_PATH}', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ code }) })
  : fetch('/api/usage');
signIn.then(({ ok }) => ok && location.replace('/'), () => undefined);
addEventListener('hashchange', () => location.reload());
`;

const POLICY = [
  "default-src 'none'",
  `script-src 'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>token-sync</title>
<p>此仪表盘需要令牌。请在运行守护进程的机器上运行 <code>token-sync open</code>，它会打开一个只能用一次的链接。</p>
<p lang="en">This dashboard asks for a token. Run <code>token-sync open</code> on the daemon's machine; it opens a link that works once.</p>
<script>${SCRIPT}</script>
</html>
`;
