import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openDashboard, openWindow, useBrowser } from '../../../support/browser.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';

const browser = useBrowser();

/** How much of the plot is drawn in the very colour of the figure's line. */
function inkOfLine(page: Page): Promise<number> {
  return page.evaluate(() => {
    const ink = getComputedStyle(document.querySelector('.history-ink-used')!).color.match(/\d+/g)!.map(Number);
    const canvas = document.querySelector<HTMLCanvasElement>('.history-canvas canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let pixels = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (ink.every((part, index) => data[at + index] === part) && data[at + 3] === 255) pixels++;
    }
    return pixels;
  });
}

test('the first reading is seen at once: in the plot, and in the sum of those without a conversation', async () => {
  const daemon = await startDaemon();
  const page = await openDashboard(browser(), daemon.url, { language: 'en', mayComplain: /willReadFrequently/ });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  // The table below says the same, and may do so before the plot.
  await page.locator('.history-placeholder').getByText('No readings yet').waitFor();
  expect(await page.locator('.history-conversations').count()).toBe(0);
  expect(await inkOfLine(page)).toBe(0);
  await daemon.rpc('usage.record', { tokens: 350_000, sync_type: 'auto' });
  await until(async () => (await inkOfLine(page)) > 20, 'the plot shows the figure');
  await page.locator('.history-conversations').getByText('350,000').waitFor();
});

test('an empty history never shows bars or conversations, not even before the daemon has answered', async () => {
  const daemon = await startDaemon();
  const page = await openWindow(browser(), { language: 'en' });
  await page.addInitScript(() => {
    const shown = new Set<string>();
    Object.assign(globalThis, { shown });
    const look = () => {
      for (const name of ['history-usage', 'history-by-time', 'history-by-conversation']) {
        if (document.querySelector(`.${name}`)) shown.add(name);
      }
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${daemon.url}/`);
  await page.locator('.history-placeholder').getByText('No readings yet').waitFor();
  const shown = await page.evaluate(() => [...(globalThis as unknown as { shown: Set<string> }).shown]);
  expect(shown).toEqual(['history-usage']);
});

test('a history shows its bars and conversations from the first, in the room that they take', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 1_000 });
  const page = await openWindow(browser(), { language: 'en' });
  // The answers are held back until the page has been looked at.
  await page.routeWebSocket(/.*/, () => undefined);
  await page.goto(`${daemon.url}/`);
  await page.locator('.history-by-time').waitFor();
  await page.locator('.history-by-conversation').waitFor();
  expect(await page.locator('.history-none').allInnerTexts()).not.toContain('Nothing was used in this time');
});
