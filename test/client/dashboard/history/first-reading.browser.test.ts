import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../../support/browser.ts';
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

test('is to be seen at once: in the plot, and in the sum of those without a conversation', async () => {
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
