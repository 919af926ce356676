import { rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openWindow, useBrowser } from '../../support/browser.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();
const guarded = (folder?: string) => startDaemon({ args: ['--auth', 'token'], ...(folder && { folder }) });
const withToken = (daemon: TestDaemon) => ({ authorization: `Bearer ${daemon.read('token').trim()}` });
const codeOf = async (daemon: TestDaemon) => (await daemon.rpc('dashboard.code', {}, withToken(daemon))).code!;
/** The sign-in page is a refusal, which a browser tells in its console. */
const newPage = () => openWindow(browser(), { mayComplain: /status of 401|Unexpected response code: 401/ });
const isLive = (page: Page) => page.locator('[data-testid=connection][data-state=live]').waitFor();
const showsSignIn = (page: Page) => page.getByText('token-sync open').first().waitFor();

describe('with a token, the dashboard', () => {
  test('a link signs in once, and the page stays signed in across reloads and a restart of the daemon', async () => {
    const daemon = await guarded();
    const page = await newPage();
    const code = await codeOf(daemon);

    await page.goto(`${daemon.url}/#${code}`);
    await isLive(page);
    await daemon.rpc('usage.record', { tokens: 1_234 }, withToken(daemon));
    await until(async () => (await page.getByTestId('used').textContent()) === '1,234', 'the figure is live');
    expect(page.url()).toBe(`${daemon.url}/`);

    await page.reload();
    await isLive(page);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('2000');
    await page.keyboard.press('Enter');
    await until(async () => (await page.getByTestId('used').textContent()) === '2,000', 'the page records');

    const { folder, port } = daemon;
    await daemon.stop();
    await page.locator('[data-testid=connection][data-state=lost]').waitFor();
    await startDaemon({ folder, port, args: ['--auth', 'token'] });
    await isLive(page);

    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: `token_sync_${port}`, httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate(() => document.cookie)).toBe('');
  });

  test('a changed token shows the sign-in page, and a new link signs in', async () => {
    const daemon = await guarded();
    const page = await newPage();
    await page.goto(`${daemon.url}/#${await codeOf(daemon)}`);
    await isLive(page);

    const { folder, port } = daemon;
    await daemon.stop();
    rmSync(daemon.path('token'));
    const again = await startDaemon({ folder, port, args: ['--auth', 'token'] });
    await showsSignIn(page);

    const opened = await page.context().newPage();
    await opened.goto(`${again.url}/#${await codeOf(again)}`);
    await isLive(opened);
  });

  test('a link opened on the sign-in page itself signs in', async () => {
    const daemon = await guarded();
    const page = await newPage();
    await page.goto(`${daemon.url}/`);
    await showsSignIn(page);
    await page.goto(`${daemon.url}/#${await codeOf(daemon)}`);
    await isLive(page);
    expect(page.url()).toBe(`${daemon.url}/`);
  });

  test('a window forgets a code that it has not needed', async () => {
    const daemon = await guarded();
    const page = await newPage();
    await page.goto(`${daemon.url}/#${await codeOf(daemon)}`);
    await isLive(page);

    const second = await page.context().newPage();
    await second.goto(`${daemon.url}/#${await codeOf(daemon)}`);
    await isLive(second);

    expect(second.url()).toBe(`${daemon.url}/`);
  });

  test.each([
    ['without a code', async () => ''],
    ['with a wrong code', async () => '#wrong'],
    [
      'with a code that was used',
      async (daemon: TestDaemon) => {
        const code = await codeOf(daemon);
        await daemon.post('/api/session', { code });
        return `#${code}`;
      },
    ],
  ])('the sign-in page says how to get in %s', async (_, fragment) => {
    const daemon = await guarded();
    const page = await newPage();
    const asked: string[] = [];
    page.on('response', (response) => asked.push(`${response.status()} ${new URL(response.url()).pathname}`));

    await page.goto(`${daemon.url}/${await fragment(daemon)}`);
    await showsSignIn(page);
    await until(() => asked.some((line) => line.startsWith('401 /api/')), 'the sign-in page has tried the cookie');

    expect(await page.getByTestId('used').count()).toBe(0);
    expect(page.url()).toBe(`${daemon.url}/`);
    expect(await page.context().cookies()).toEqual([]);
  });
});
