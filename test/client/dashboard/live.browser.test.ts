import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openDashboard, openWindow, useBrowser } from '../../support/browser.ts';
import { startDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();

const stateIs = (page: Page, state: string) => page.locator(`[data-testid=connection][data-state=${state}]`).waitFor();
const usedOf = (page: Page) => page.getByTestId('used').textContent();
const eventsOf = (page: Page) => page.getByTestId('event-row').allTextContents();
const shows = (page: Page, used: string) => until(async () => (await usedOf(page)) === used, `${used} is shown`);

describe('every open window', () => {
  test('every open window shows a change from any way in, without a reload', async () => {
    const daemon = await startDaemon();
    const windows = await Promise.all([
      openDashboard(browser(), daemon.url),
      openDashboard(browser(), daemon.url, { language: 'en' }),
    ]);
    for (const page of windows) {
      await stateIs(page, 'live');
      await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    }
    const everywhere = (used: string) => Promise.all(windows.map((page) => shows(page, used)));

    await windows[0]!.getByTestId('sync-open').click();
    await windows[0]!.getByTestId('sync-value').fill('1000');
    await windows[0]!.keyboard.press('Enter');
    await everywhere('1,000');
    await daemon.rpc('usage.record', { tokens: 2_000, event: '<img src=x onerror=alert(1)>' });
    await everywhere('2,000');
    await daemon.post('/api/record_token_usage', { tokens: 500, event: 'x'.repeat(1_000) });
    await everywhere('2,500');
    const state = daemon.state();
    daemon.write('architect_monitor.json', { ...state, token_usage: { ...state.token_usage, used: 4_000 } });
    await everywhere('4,000');
    await daemon.rpc('usage.import', { sessions: [{ tokens: 100 }, { tokens: 200 }] });
    await everywhere('4,300');
    await daemon.rpc('usage.undo');
    await everywhere('4,100');

    for (const page of windows) {
      expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
      const [, tellsSessions] = await Promise.all([daemon.rpc('usage.get'), page.getByTestId('session-row').count()]);
      expect(tellsSessions).toBeGreaterThan(0);
      expect(await page.locator('img[src=x]').count()).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    }
  });
});

describe('sessions of other programs', () => {
  test('sessions of other programs break nothing, whatever they hold', async () => {
    const sessions = [
      { id: 7, timestamp: null, tokens: '12', event: null, total_used: null },
      { id: 'x', timestamp: 1_700_000_000, tokens: 1.5, event: { a: 1 }, total_used: '350,000', conversation_id: 5 },
      { id: 'x', event: 'the same id', tokens: -5, reset: 'yes', undone: 'no' },
      { session_id: 's', start_time: '2025-11-01', task: ['t'], method: { z: 1 } },
      ...[null, 5, 'text', [1], {}],
    ];
    const daemon = await startDaemon({ state: { token_usage: { used: 350_000, total: 1_000_000, sessions } } });
    const page = await openDashboard(browser(), daemon.url);
    await stateIs(page, 'live');
    await page.getByTestId('session-row').filter({ hasText: 'the same id' }).waitFor();
    await daemon.rpc('usage.record', { tokens: 360_000, event: 'ours' });
    await shows(page, '360,000');
    await page.getByTestId('event-row').filter({ hasText: 'ours' }).waitFor();
    // What another program wrote came as one change.
    expect(await page.getByTestId('event-row').count()).toBe(2);
    await page.getByTestId('session-row').filter({ hasText: 'ours' }).waitFor();
  });
});

describe('what goes wrong', () => {
  test('a budget that is refused beside a recorded value is told', async () => {
    const daemon = await startDaemon();
    const page = await openWindow(browser());
    await page.routeWebSocket('**/rpc', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => {
        const { id, method } = JSON.parse(String(message));
        if (method !== 'usage.set_total') return server.send(message);
        const error = { code: -32_004, message: '磁盘已满', data: { kind: 'storage_failed' } };
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, error }));
      });
    });
    await page.goto(`${daemon.url}/`);
    await stateIs(page, 'live');
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('345,000 / 2,000,000 tokens');
    await page.getByTestId('sync-total').check();
    await page.getByTestId('sync-submit').click();
    await page.getByTestId('notice').filter({ hasText: '总额度没有修改' }).waitFor();
    await shows(page, '345,000');
  });

  test('a fault of the page itself leaves no figure that is called live and is not', async () => {
    const daemon = await startDaemon();
    const page = await openDashboard(browser(), daemon.url, { mayComplain: /a bug/ });
    await stateIs(page, 'live');
    await page.evaluate(() => {
      Object.defineProperty(document, 'title', {
        configurable: true,
        set() {
          delete (document as Partial<Document>).title;
          throw new Error('a bug');
        },
      });
    });
    await daemon.kill();
    await until(async () => page.evaluate(() => !Object.hasOwn(document, 'title')), 'the bug has struck');
    const again = await startDaemon({ folder: daemon.folder, port: daemon.port });
    await again.rpc('usage.record', { tokens: 2_000 });
    await shows(page, '2,000');
    await stateIs(page, 'live');
  });
});

describe('a daemon that goes away', () => {
  test('a daemon that goes away shows as lost at once with the age of the figure, and after its return nothing is missing', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 100, event: 'before' });
    const windows = await Promise.all([
      openDashboard(browser(), daemon.url),
      openDashboard(browser(), daemon.url, { language: 'en' }),
    ]);
    await Promise.all(windows.map((page) => stateIs(page, 'live')));
    await daemon.kill();
    await Promise.all(windows.map((page) => stateIs(page, 'lost')));
    const [zh, en] = windows as [Page, Page];
    await until(
      async () => /数据是 [1-9] 秒前的/.test((await zh.getByTestId('connection').textContent())!),
      'the age in Chinese',
    );
    expect(await en.getByTestId('connection').textContent()).toMatch(/Connection lost, figures \d+ s old/);
    expect(await usedOf(zh)).toBe('100');

    const again = await startDaemon({ folder: daemon.folder, port: daemon.port });
    for (let number = 1; number <= 5; number++) {
      await again.rpc('usage.record', { tokens: 1, sync_type: 'auto', event: `while away ${number}` });
    }
    await Promise.all(windows.map((page) => stateIs(page, 'live')));
    await Promise.all(windows.map((page) => shows(page, '105')));
    for (const page of windows) {
      const events = await until(async () => {
        const rows = await eventsOf(page);
        return rows.some((row) => row.includes('while away 5')) && rows;
      }, 'the last event is there');
      for (let number = 1; number <= 5; number++) {
        expect(events.filter((row) => row.includes(`while away ${number}`))).toHaveLength(1);
      }
    }
  });

  test.each([1, 3])('the page shows another folder whose daemon has taken the port, at revision %s', async (count) => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 7_654 });
    const page = await openDashboard(browser(), daemon.url);
    await stateIs(page, 'live');
    await daemon.kill();
    await stateIs(page, 'lost');
    const other = await startDaemon({ port: daemon.port });
    for (let number = 1; number <= count; number++) await other.rpc('usage.record', { tokens: 900 + number });
    await stateIs(page, 'live');
    await shows(page, `${900 + count}`);
    await page
      .getByTestId('event-row')
      .nth(count - 1)
      .waitFor();
    expect((await eventsOf(page)).filter((row) => row.includes('7,654'))).toEqual([]);
  });

  test('a sync while the daemon is away is refused, keeps its entry, and is recorded once after the return', async () => {
    const daemon = await startDaemon();
    const page = await openDashboard(browser(), daemon.url);
    await stateIs(page, 'live');
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('7000');
    await daemon.kill();
    await stateIs(page, 'lost');
    await page.keyboard.press('Enter');
    await page.getByTestId('sync-failure').waitFor();
    expect(await page.getByTestId('sync-value').inputValue()).toBe('7000');
    const again = await startDaemon({ folder: daemon.folder, port: daemon.port });
    await stateIs(page, 'live');
    await page.keyboard.press('Enter');
    await shows(page, '7,000');
    expect(again.state().token_usage.sessions).toHaveLength(1);
  });

  test('a daemon that hangs shows as lost, and as live when it goes on', async () => {
    const daemon = await startDaemon();
    const page = await openDashboard(browser(), daemon.url);
    await stateIs(page, 'live');
    await until(async () => (await page.locator('.footer dd').count()) > 0, 'the daemon has told of itself');
    daemon.process.kill('SIGSTOP');
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await stateIs(page, 'lost');
    daemon.process.kill('SIGCONT');
    await stateIs(page, 'live');
  });

  test('a page that never reaches the daemon says so, with the figure that came with the page', async () => {
    const daemon = await startDaemon();
    const page = await openWindow(browser());
    await page.routeWebSocket('**/rpc', (socket) => void socket.close());
    await page.goto(`${daemon.url}/`);
    await stateIs(page, 'lost');
    expect(await usedOf(page)).toBe('0');
  });
});

describe('many changes', () => {
  test('many changes leave the page responsive, its lists bounded and its memory flat', async () => {
    const daemon = await startDaemon();
    const page = await openDashboard(browser(), daemon.url);
    await stateIs(page, 'live');
    const socket = await daemon.connect();
    const session = await page.context().newCDPSession(page);
    const burst = async (changes: number) => {
      for (let sent = 0; sent < changes; sent += 200) {
        const records = Array.from({ length: 200 }, (_, index) =>
          socket.call('usage.record', { tokens: 1, sync_type: 'auto', event: `change ${sent + index}` }),
        );
        await Promise.all(records);
      }
      const { used } = await daemon.rpc('usage.get');
      await shows(page, used.toLocaleString('en'));
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize / 1_048_576;
    };
    // The first fills every list to its bound.
    const before = await burst(2_000);
    const nodesBefore = await page.evaluate(() => document.querySelectorAll('*').length);
    const after = await burst(6_000);
    const nodesAfter = await page.evaluate(() => document.querySelectorAll('*').length);
    expect(nodesAfter).toBeLessThan(nodesBefore * 1.1);
    expect(after - before).toBeLessThan(4);
    // It answers a person in the midst of it.
    let isOver = false;
    const more = burst(4_000).finally(() => {
      isOver = true;
    });
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('1M');
    await page.keyboard.press('Escape');
    expect(isOver).toBe(false);
    await more;
  });
});
