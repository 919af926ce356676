import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { hasBrowser, launchBrowser } from '../test/support/chromium.ts';
import { type BenchDaemon, startDaemon } from './daemon-process.ts';
import { medians, timed } from './measure.ts';
import type { Row } from './row.ts';
import { connectRpc } from './rpc-client.ts';

const ROUNDS = 15;

/** The waits of a person who opens the dashboard, and the time until a change is seen; nothing where there is no browser. */
export async function dashboardBenches(): Promise<Row[]> {
  if (!hasBrowser()) return [];
  const daemon = await startDaemon();
  const browser = await launchBrowser();
  const peer = await connectRpc(daemon.url);
  const record = () => peer.call('usage.record', { tokens: 1, sync_type: 'auto', event: 'bench' });
  // As many sessions as the page ever begins with.
  await Promise.all(Array.from({ length: 150 }, record));
  const plain = await plainPage();
  const watched = await watchedWindow(browser, daemon);
  const [paint, floor, live, durable] = (await medians(
    [
      { name: 'paint', run: () => firstPaintMs(browser, `${daemon.url}/`) },
      { name: 'floor', run: () => firstPaintMs(browser, plain.url) },
      { name: 'live', run: () => watched.changeMs(record) },
      { name: 'durable', run: () => timed(record) },
    ],
    ROUNDS,
  )) as [number, number, number, number];
  peer.close();
  plain.close();
  await browser.close();
  await daemon.stop();
  return [
    {
      what: 'first paint of the dashboard, with its figures',
      ours: paint,
      floorName: 'a line of text',
      floor,
      unit: 'ms',
    },
    {
      what: 'from the call to the figure in the page',
      ours: live,
      floorName: 'one durable record',
      floor: durable,
      unit: 'ms',
    },
  ];
}

/** From the navigation to the first paint in a fresh profile; the dashboard paints nothing before its figures. */
async function firstPaintMs(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  const ms = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        new PerformanceObserver((list) => {
          const paint = list.getEntries().find(({ name }) => name === 'first-contentful-paint');
          if (paint) resolve(paint.startTime);
        }).observe({ type: 'paint', buffered: true });
      }),
  );
  await context.close();
  return ms;
}

/** A window in which a change of the figure is timed, by the clock that it shares with this process. */
async function watchedWindow(browser: Browser, daemon: BenchDaemon) {
  const page = await browser.newPage();
  await page.goto(`${daemon.url}/`);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  return {
    async changeMs(change: () => Promise<unknown>): Promise<number> {
      const shown = page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            const observer = new MutationObserver(() => {
              observer.disconnect();
              resolve(performance.timeOrigin + performance.now());
            });
            observer.observe(document.querySelector('[data-testid=used]')!, { characterData: true, subtree: true });
            document.title = 'watching';
          }),
      );
      await page.waitForFunction(() => document.title === 'watching');
      const startMs = performance.timeOrigin + performance.now();
      await change();
      return (await shown) - startMs;
    },
  };
}

/** The least that a page can be. */
async function plainPage(): Promise<{ url: string; close: () => void }> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<!doctype html><p>350,000');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
