import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWindow, useBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { temporaryFolder } from '../support/folders.ts';
import { spawnSync } from '../support/programs.ts';
import { until } from '../support/until.ts';

const browser = useBrowser();

/** Calls by which a process speaks to an address of the internet, name servers included. */
function outboundIn(trace: string): string[] {
  return trace.split('\n').filter((line) => /\b(?:connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_INET/.test(line));
}

function traceFile(): string {
  const folder = temporaryFolder();
  return join(folder, 'trace');
}

test('the daemon opens no connection, whatever it is asked', async () => {
  const trace = traceFile();
  const daemon = await startDaemon({ under: `exec strace -D -f -s 64 -e trace=%network -o '${trace}' "$0" "$@"` });

  await daemon.rpc('usage.record', { tokens: 350_000, event: 'https://example.com/' });
  await daemon.rpc('conversation.estimate', { user_message: 'http://example.com/', assistant_message: 'b' });
  await daemon.rpc('usage.import', { sessions: [{ tokens: 5 }] });
  await daemon.rpc('usage.forecast');
  await daemon.post('/api/clipboard', {});
  daemon.write('drop/value.txt', '360000 http://example.com/\n');
  await until(() => daemon.state().token_usage.used === 360_000, 'the drop-file is taken');
  const page = await openWindow(browser());
  await page.goto(`${daemon.url}/`);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await daemon.stop();

  const traced = readFileSync(trace, 'utf8');
  expect(traced).toContain('accept4(');
  expect(outboundIn(traced)).toEqual([]);
});

test('a connection would have been seen', () => {
  const trace = traceFile();
  // Nobody listens there, which makes no difference to the call.
  const program = "require('node:net').connect(9, '127.0.0.1').on('error', () => undefined)";

  spawnSync('strace', ['-f', '-e', 'trace=%network', '-o', trace, process.execPath, '-e', program], {
    stdio: 'ignore',
  });

  expect(outboundIn(readFileSync(trace, 'utf8')).join('\n')).toContain('htons(9)');
});

test('the dashboard asks nobody but the daemon, and could not', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 1_000, event: '<img src="http://example.com/x.png">' });
  const page = await openWindow(browser(), { mayComplain: /Content Security Policy|ERR_/ });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('websocket', (socket) => asked.push(socket.url().replace('ws:', 'http:')));

  await page.goto(`${daemon.url}/`);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await page.getByTestId('session-row').first().waitFor();

  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((url) => new URL(url).origin !== daemon.url)).toEqual([]);
  const escapes = await page.evaluate(async () => {
    const elsewhere = 'http://127.0.0.1:9/';
    const image = new Image();
    const blocked = new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective));
    });
    image.src = elsewhere;
    const directive = await blocked;
    return [directive, await fetch(elsewhere).catch((error: Error) => error.name)];
  });
  expect(escapes).toEqual(['img-src', 'TypeError']);
});
