import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import {
  accessibilityFaults,
  openDashboard,
  openWindow,
  type PageOptions,
  useBrowser,
} from '../../../support/browser.ts';
import { startDaemon, type TestDaemon, useDaemon } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';

const browser = useBrowser();

async function open(daemon: TestDaemon, options: PageOptions = {}): Promise<Page> {
  const page = await openDashboard(browser(), daemon.url, options);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  return page;
}

const rowsOf = (page: Page) => page.getByTestId('session-row').allInnerTexts();
const chartSays = (page: Page) => page.getByTestId('chart').getAttribute('aria-valuetext');

/** Sessions of the past, `session 1` the newest. */
function pastSessions(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    id: `past-${index}`,
    tokens: 10 + (index % 7),
    event: `session ${index + 1}`,
    conversation_id: `conversation ${index % 12}`,
    timestamp: new Date(Date.now() - (index + 1) * 1_500_000).toISOString(),
  }));
}

describe('a recording', () => {
  test('a recording, hostile or not, stands at once on top of stream and table and at the end of the line', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 1_000, event: 'first' });
    const page = await open(daemon, { language: 'en', viewport: { width: 390, height: 800 } });
    await until(async () => (await rowsOf(page)).length === 1, 'the first row');
    const hostile = '<img src=x onerror=alert(1)>';
    await daemon.rpc('usage.record', { tokens: 3_500, event: hostile });
    await until(async () => (await rowsOf(page))[0]?.includes(hostile), 'the table shows it');
    await until(
      async () => (await page.getByTestId('event-row').first().innerText()).includes(hostile),
      'so does the stream',
    );
    await until(async () => (await chartSays(page))?.includes('3,500 / 1,000,000 (0.4%)'), 'and the line');
    expect(await page.locator('img[src=x]').count()).toBe(0);

    const endless = 'y'.repeat(1_000);
    await daemon.rpc('usage.record', { tokens: 4_000, event: endless });
    await until(async () => (await rowsOf(page))[0]?.includes('yyy'), 'the endless text');
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await page.getByTestId('session-row').first().getByRole('button', { name: 'more' }).click();
    expect(await page.getByTestId('session-row').first().innerText()).toContain(endless);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test('an undone recording is struck out in the table, told in the stream and taken from the line', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 1_000, event: 'kept' });
    await daemon.rpc('usage.record', { tokens: 9_000, event: 'slip' });
    const page = await open(daemon);
    await page.getByRole('button', { name: '撤销上一条' }).click();
    await page.getByTestId('undo-confirm').click();
    const undone = page.getByTestId('session-row').filter({ hasText: '已撤销' });
    await undone.locator('del').getByText('slip').waitFor();
    expect(await undone.count()).toBe(1);
    await page.getByTestId('event-row').filter({ hasText: '撤销了：slip' }).waitFor();
    await until(async () => (await chartSays(page))?.includes('1,000 / 1,000,000'), 'the line falls');
  });

  test('a recording without a text says so in the stream, in the table and in the undo dialog', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 1_000, event: '' });
    const page = await open(daemon, { language: 'en' });
    await page.getByTestId('event-row').getByText('(no description)').waitFor();
    await page.getByTestId('session-row').getByText('(no description)').waitFor();
    await page.getByTestId('undo').click();
    await page.locator('dialog').getByText('(no description)').waitFor();
  });

  test('a recording that restarts the counter is marked as a restart', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 8_000 });
    await daemon.rpc('usage.record', { tokens: 9_000 });
    await daemon.rpc('usage.record', { tokens: 400, event: 'new counter' });
    const page = await open(daemon, { language: 'en' });
    const row = page.getByTestId('session-row').filter({ hasText: 'new counter' });
    await row.getByText('Counter restarted').waitFor();
    expect(await row.innerText()).toContain('+400');
  });
});

describe('the event stream', () => {
  test('the event stream tells of undo, budget, correction, import, edit and alert, the same after a reload and in two windows', async () => {
    const daemon = await startDaemon();
    const early = await open(daemon, { language: 'en' });
    await daemon.rpc('usage.set_total', { total: 500_000 });
    await daemon.rpc('usage.record', { tokens: 1_000, event: 'kept' });
    await daemon.rpc('usage.record', { tokens: 450_000, event: 'slip' });
    await daemon.rpc('usage.undo');
    await daemon.rpc('usage.record', { tokens: 900, event: 'put right', sync_type: 'correction' });
    await daemon.rpc('usage.import', { sessions: [{ tokens: 5, timestamp: '2025-01-01' }] });
    const state = daemon.state();
    daemon.write('architect_monitor.json', { ...state, token_usage: { ...state.token_usage, used: 700 } });
    const told = (page: Page) => page.getByTestId('event-row').allInnerTexts();
    const shown = [
      /The state file was edited/,
      /1 past reading imported/,
      /put right.*Correction/s,
      /Undone: slip.*-449,000/s,
      /90% has been reached/,
      /80% has been reached/,
      /slip/,
      /kept/,
      /The budget is now 500,000/,
    ];
    const isAll = async (page: Page) => {
      const rows = await told(page);
      return rows.length === shown.length && shown.every((pattern, index) => pattern.test(rows[index]!));
    };
    await until(() => isAll(early), 'the window that was there');
    const late = await open(daemon, { language: 'en' });
    await until(() => isAll(late), 'the window that came later');
    await early.reload();
    await until(async () => (await told(early)).join('|') === (await told(late)).join('|'), 'both tell the same');
    expect(await told(early)).toHaveLength(shown.length);
  });
});

describe('five thousand sessions', () => {
  const daemon = useDaemon();
  const filled = async () => {
    if ((await daemon().rpc('usage.get')).used === 0)
      await daemon().rpc('usage.import', { sessions: pastSessions(5_000) });
    return daemon();
  };
  const status = (page: Page) => page.getByTestId('sessions-count').innerText();

  test('of five thousand sessions twenty are shown at first and more on demand, and only the page scrolls', async () => {
    const page = await open(await filled(), { language: 'en' });
    await until(async () => (await status(page)) === '20 of 5,000 readings', 'the first rows');
    for (const count of [40, 80, 160]) {
      await page.getByTestId('sessions-more').click();
      await until(async () => (await rowsOf(page)).length === count, `${count} rows`);
    }
    const rows = await rowsOf(page);
    expect(rows.map((row) => Number(/session (\d+)\n/.exec(row)?.[1]))).toEqual(rows.map((_, index) => index + 1));
    const nested = await page.evaluate(() =>
      [...document.querySelectorAll('main *')]
        .filter((element) => element.clientHeight > 0 && element.scrollHeight > element.clientHeight + 2)
        .filter((element) => /auto|scroll/.test(getComputedStyle(element).overflowY))
        .map((element) => element.className),
    );
    expect(nested).toEqual([]);
  });

  test('a search finds sessions that are not shown yet, and filters narrow it down by type and by conversation', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByRole('searchbox').fill('SESSION 4321');
    await until(async () => (await rowsOf(page)).join().includes('session 4321'), 'the one');
    expect(await rowsOf(page)).toHaveLength(1);
    await until(async () => (await status(page)).startsWith('1 reading · '), 'how many and how much');
    await page.getByRole('combobox', { name: 'Type' }).selectOption('manual');
    await page.getByText('No reading matches').waitFor();
    await page.getByRole('combobox', { name: 'Type' }).selectOption('import');
    await page.getByRole('searchbox').fill('');
    await until(async () => (await rowsOf(page)).length === 20, 'all of them');
  });

  test('the table of a conversation lists the readings that its sum counts, until all time is asked for', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByRole('button', { name: '7 days' }).click();
    const conversation = page.getByRole('button', { name: /^conversation 3\b/ });
    await page.getByRole('button', { name: /Show all time again/ }).waitFor();
    const [, tokens, readings] = /\n?([\d,]+)\n+([\d,]+) readings?/.exec(await conversation.innerText())!;
    await conversation.click();
    await until(
      async () => (await status(page)).endsWith(`${readings} readings · ${tokens} tokens`),
      `${readings} readings of ${tokens} tokens`,
    );
    expect((await rowsOf(page)).every((row) => row.includes('conversation 3'))).toBe(true);
    await page.getByRole('button', { name: /Show all time again/ }).click();
    await until(async () => (await status(page)).startsWith('20 of 417 readings'), 'all time');
    await page.getByRole('button', { name: /Show every conversation again/ }).click();
    await until(async () => (await rowsOf(page)).some((row) => row.includes('conversation 4')), 'every conversation');
  });

  test('a stretch that is chosen while another is loading shows its own rows alone', async () => {
    const { url } = await filled();
    const page = await openWindow(browser(), { language: 'en' });
    const { held } = await holdFirstAnswer(page, 'usage.conversations');
    await page.goto(`${url}/`);
    const release = await held;
    await page.getByRole('button', { name: '7 days' }).click();
    release();
    await page.getByRole('button', { name: /Show all time again/ }).waitFor();
    const sums = await page.locator('.history-by-conversation').innerText();
    const readings = [...sums.matchAll(/(\d+) readings/g)].map(([, count]) => Number(count));
    expect(readings.length).toBeGreaterThan(0);
    // One each 25 minutes, of twelve conversations in turn.
    expect(Math.max(...readings.slice(0, 8))).toBeLessThanOrEqual((7 * 24 * 60) / 25 / 12 + 1);
  });

  test('a click on the bar of a day shows the sessions of that day', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByRole('button', { name: '30 days' }).click();
    const bars = page.getByRole('img', { name: /^Per day: / });
    await bars.waitFor();
    const { width, height } = (await bars.boundingBox())!;
    await bars.click({ position: { x: (width * 20.5) / 30, y: height - 5 } });
    await page.getByRole('heading', { name: 'Per hour' }).waitFor();
    const day = new Date();
    day.setDate(day.getDate() - 9);
    const text = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' }).format(day);
    await page.getByRole('button', { name: `Show all time again, not only ${text}` }).waitFor();
    const monthAndDay = `${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
    await until(
      async () => (await page.locator('.history-time').allInnerTexts()).every((time) => time.includes(monthAndDay)),
      'the rows are of that day',
    );
  });

  test('rows that were loaded on demand stay in view when a reading comes', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByTestId('sessions-more').click();
    await until(async () => (await rowsOf(page)).length === 40, 'more rows');
    await daemon().rpc('usage.record', { tokens: 1, sync_type: 'auto', event: 'brand new' });
    await until(async () => (await rowsOf(page))[0]?.includes('brand new'), 'the new one');
    expect(await rowsOf(page)).toHaveLength(40);
    await daemon().rpc('usage.undo');
  });

  test('an export holds the sessions that match the filter', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByRole('searchbox').fill('session 12');
    await until(async () => {
      const rows = await rowsOf(page);
      const link = await page.getByRole('link', { name: 'CSV' }).getAttribute('href');
      return rows.length > 0 && rows.every((row) => row.includes('session 12')) && link?.includes('query=');
    }, 'the filter');
    const expected = [];
    for (let number = 1; number <= 5_000; number++)
      if (`session ${number}`.includes('session 12')) expected.push(number);
    const csv = await downloaded(page, 'CSV');
    expect(csv.name).toBe('token-history.csv');
    expect(csv.text.startsWith('\uFEFFid,timestamp,')).toBe(true);
    expect(csv.text.trim().split('\r\n')).toHaveLength(expected.length + 1);
    const { sessions } = JSON.parse((await downloaded(page, 'JSON')).text);
    expect(sessions.map(({ event }: { event: string }) => event)).toEqual(
      expected.map((number) => `session ${number}`),
    );
  });

  test('five thousand sessions make bars and a list of conversations', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByRole('button', { name: '30 days' }).click();
    const bars = page.getByRole('img', { name: /^Per day: / });
    await bars.waitFor();
    expect(await bars.locator('rect').count()).toBe(30);
    await page.getByText(/^[45] others$/).waitFor();
  });
});

async function downloaded(page: Page, name: string): Promise<{ name: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
  return { name: download.suggestedFilename(), text: readFileSync(await download.path(), 'utf8') };
}

describe('the chart', () => {
  const daemon = useDaemon();
  const filled = async () => {
    for (const tokens of [100_000, 250_000, 420_000]) await daemon().rpc('usage.record', { tokens });
    return daemon();
  };

  test('the chart describes itself, is read and zoomed by keyboard, and returns', async () => {
    const page = await open(await filled(), { language: 'en' });
    const chart = page.getByTestId('chart');
    await until(
      async () => (await chart.getAttribute('aria-label'))?.includes('now 420,000 of 1,000,000 tokens'),
      'label',
    );
    await chart.focus();
    await page.keyboard.press('Home');
    const said = new Set<string>();
    for (let step = 0; step < 4; step++) {
      said.add((await chartSays(page))!.replace(/^.*?: /, ''));
      await page.keyboard.press('ArrowRight');
    }
    expect([...said]).toContain('250,000 / 1,000,000 (25.0%)');
    const span = () => page.locator('.history-span').innerText();
    const whole = await span();
    const reset = page.getByRole('button', { name: 'Reset' });
    await page.keyboard.press('+');
    expect(await span()).not.toBe(whole);
    await reset.waitFor();
    await page.keyboard.press('0');
    await reset.waitFor({ state: 'detached' });
  });

  test('the chart zooms by a drag and by Ctrl with the wheel, and tells the figure under the pointer', async () => {
    const page = await open(await filled(), { language: 'en' });
    const chart = page.getByTestId('chart');
    await until(async () => (await chartSays(page))?.includes('420,000'), 'the line');
    const { x, y, width } = (await chart.boundingBox())!;
    const reset = page.getByRole('button', { name: 'Reset' });
    await page.mouse.move(x + width * 0.5, y + 100);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.9, y + 100, { steps: 5 });
    await page.mouse.up();
    await reset.click();
    await page.mouse.move(x + width * 0.9, y + 100);
    await page.mouse.wheel(0, 50);
    expect(await reset.count()).toBe(0);
    await page.mouse.move(x + width * 0.8, y + 100);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -200);
    await page.keyboard.up('Control');
    await reset.waitFor();
  });

  test('the chart is not stretched by a mistake that was undone, be it the first reading or a later one', async () => {
    const own = await startDaemon();
    for (const before of [0, 300_000]) {
      if (before > 0) await own.rpc('usage.record', { tokens: before });
      await own.rpc('usage.record', { tokens: 3_500_000 });
      await own.rpc('usage.undo');
    }
    await own.rpc('usage.record', { tokens: 350_000 });
    const page = await open(own, { language: 'en' });
    await until(async () => (await chartSays(page))?.includes('350,000 / '), 'the line');
    await page.getByTestId('chart').focus();
    await page.keyboard.press('Home');
    const outside: string[] = [];
    for (let step = 0; step < 6; step++) {
      const said = (await chartSays(page))!.replace(/^.*?: | \/.*/g, '');
      if ((await page.locator('.history-point').count()) === 0) outside.push(said);
      await page.keyboard.press('ArrowRight');
    }
    expect(outside).toEqual(['3,500,000', '3,500,000']);
  });

  test('the chart is there as a table too', async () => {
    const page = await open(await filled(), { language: 'en' });
    await page.getByText('Show as a table').first().click();
    const table = page.getByRole('table', { name: 'Usage over time, table' });
    await table.getByRole('cell', { name: '250,000' }).first().waitFor();
    expect(await table.getByRole('row').last().innerText()).toMatch(/100,000/);
  });

  test('the chart of an empty history says how to sync', async () => {
    const page = await open(await startDaemon());
    await page.getByText('还没有记录').first().waitFor();
    await page.getByText('同步一次，走势就从这里开始。').waitFor();
    expect(await page.getByTestId('chart').getAttribute('aria-label')).toBe('用量图：还没有记录');
    expect(await page.locator('.history-legend').isVisible()).toBe(false);
    // Beside it there is nothing yet that would leave a gap.
    await page.setViewportSize({ width: 3840, height: 2160 });
    const [chart, stream] = await Promise.all(
      ['.history-usage', '.history-stream'].map((name) => page.locator(name).boundingBox()),
    );
    expect(stream!.y).toBe(chart!.y);
    expect(stream!.x - chart!.x - chart!.width).toBeLessThan(40);
  });
});

describe('a daemon that goes away', () => {
  test('a page whose daemon is away keeps its rows, says that more cannot be read, and loads again on its return', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 1_000, event: 'before' });
    const page = await open(daemon);
    await until(async () => (await chartSays(page))?.includes('1,000 / '), 'the line');
    await daemon.kill();
    await page.locator('[data-testid=connection][data-state=lost]').waitFor();
    await page.getByRole('button', { name: '7 天' }).click();
    const failure = page.getByRole('button', { name: '读取失败，重试' });
    await failure.waitFor();
    expect(await chartSays(page)).toContain('1,000 / ');
    expect(await rowsOf(page)).toHaveLength(1);
    const again = await startDaemon({ folder: daemon.folder, port: daemon.port });
    await again.rpc('usage.record', { tokens: 2_000, event: 'after' });
    await until(async () => (await rowsOf(page))[0]?.includes('after'), 'the table shows it');
    await until(async () => (await chartSays(page))?.includes('2,000 / '), 'and the line');
    await failure.waitFor({ state: 'detached' });
  });
});

describe('a flood of changes', () => {
  test('a flood of changes leaves the page small and the last figure right', async () => {
    const daemon = await startDaemon();
    const page = await open(daemon, { language: 'en' });
    const flood = async (count: number) => {
      const socket = await daemon.connect();
      for (let sent = 0; sent < count; sent += 250) {
        const calls = Array.from({ length: 250 }, () =>
          socket.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'flood' }),
        );
        await Promise.all(calls);
      }
      await socket.close();
      const used = (await daemon.rpc('usage.get')).used.toLocaleString('en');
      await until(async () => (await chartSays(page))?.includes(`${used} / `), `the line shows ${used}`);
      await until(async () => (await rowsOf(page))[0]?.includes(used), 'and the table');
    };
    await flood(1_500);
    const before = await heapOf(page);
    await flood(3_000);
    expect(await page.getByTestId('event-row').count()).toBeLessThanOrEqual(100);
    expect(await page.getByTestId('session-row').count()).toBe(20);
    const grown = (await heapOf(page)) - before;
    expect(grown).toBeLessThan(4 * 1024 * 1024);
  });
});

/** Keeps the first answer to a method on its way; resolves when it is there, with what lets it go on. */
async function holdFirstAnswer(page: Page, method: string): Promise<{ readonly held: Promise<() => void> }> {
  const { promise, resolve } = Promise.withResolvers<() => void>();
  let asked: unknown;
  await page.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const call = JSON.parse(String(message));
      if (call.method === method) asked ??= call.id;
      server.send(message);
    });
    server.onMessage((message) => {
      if (asked !== undefined && JSON.parse(String(message)).id === asked) resolve(() => socket.send(message));
      else socket.send(message);
    });
  });
  return { held: promise };
}

/** What the page holds in memory after a collection, in bytes. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

describe('axe finds nothing wrong with the history', () => {
  const daemon = useDaemon();
  test.each([
    { language: 'zh', colorScheme: 'light' },
    { language: 'en', colorScheme: 'dark', viewport: { width: 360, height: 700 } },
  ] as const)('axe finds no fault with the history in any state, %j', async (options) => {
    if ((await daemon().rpc('usage.get')).used === 0) {
      await daemon().rpc('usage.import', { sessions: pastSessions(120) });
      await daemon().rpc('usage.record', { tokens: 50_000, event: 'x'.repeat(1_000) });
      await daemon().rpc('usage.record', { tokens: 300, event: 'restart' });
      await daemon().rpc('usage.record', { tokens: 9_000, event: 'slip' });
      await daemon().rpc('usage.undo');
    }
    const page = await open(daemon(), { ...options, reducedMotion: 'reduce' });
    await until(async () => (await rowsOf(page)).length === 20, 'the rows');
    for (const summary of await page.locator('summary').all()) await summary.click();
    await page.getByRole('button', { name: /^conversation 3/ }).click();
    await page.getByTestId('chart').focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.history-tooltip').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});

test('a line below the table says how many entries of the ledger cannot be read', async () => {
  const first = await startDaemon();
  for (const id of ['one', 'two', 'three']) await first.rpc('usage.record', { tokens: 10, id, sync_type: 'auto' });
  await first.stop();
  first.write('ledger/000001.jsonl', first.read('ledger/000001.jsonl').replace('"id":"two"', '"id":"t o"'));
  const daemon = await startDaemon({ folder: first.folder });
  const page = await open(daemon, { language: 'en' });

  const missing = page.getByTestId('history-missing');
  expect(await missing.innerText()).toBe('1 entry of the ledger cannot be read and may be missing here');
  expect(await accessibilityFaults(page)).toEqual([]);
});
