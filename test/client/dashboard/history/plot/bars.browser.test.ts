import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { openWindow, useBrowser } from '../../../../support/browser.ts';
import { startDaemon, type TestDaemon } from '../../../../support/daemon.ts';
import { until } from '../../../../support/until.ts';

const browser = useBrowser();
const HOUR_MS = 3_600_000;

const summary = (page: Page) => page.locator('.history-by-time .history-readout').textContent();
const says = (page: Page, text: string) => until(async () => (await summary(page))?.includes(text), `it says ${text}`);

async function open(daemon: TestDaemon, prepare: (page: Page) => Promise<void> = async () => {}): Promise<Page> {
  const page = await openWindow(browser(), { language: 'en' });
  await prepare(page);
  await page.goto(`${daemon.url}/`);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  return page;
}

/** The bars that hold something, as rows of their table. */
async function rows(page: Page): Promise<string[]> {
  const table = page.locator('.history-by-time details');
  if ((await table.getAttribute('open')) === null) await table.locator('summary').click();
  const texts = await table.locator('tbody tr').allInnerTexts();
  return texts.filter((row) => !row.endsWith('\t0'));
}

describe('the bars', () => {
  test('the bars of a window in the past take in no present reading', async () => {
    const daemon = await startDaemon();
    const timestamp = new Date(Date.now() - 30 * HOUR_MS).toISOString();
    await daemon.rpc('usage.import', { sessions: [{ tokens: 1_000, timestamp }] });
    const page = await open(daemon);
    await page.getByRole('button', { name: '24 hours' }).click();
    for (let step = 0; step < 2; step++) await page.getByRole('button', { name: 'Earlier' }).click();
    await says(page, '1,000 in 1 reading');
    await daemon.rpc('usage.record', { tokens: 700, sync_type: 'auto', event: 'now' });
    await page.getByTestId('event-row').filter({ hasText: 'now' }).waitFor();
    expect(await summary(page)).toContain('1,000 in 1 reading');
  });

  test('the bars of a short history tell the hour of each reading, also when all of it is shown', async () => {
    const daemon = await startDaemon();
    const reading = new Date(Date.now() - 26 * HOUR_MS);
    reading.setHours(reading.getHours() || 1);
    await daemon.rpc('usage.import', { sessions: [{ tokens: 1_000, timestamp: reading.toISOString() }] });
    const page = await open(daemon);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await says(page, '1,000 in 1 reading');
    await page.getByRole('heading', { name: 'Per hour' }).waitFor();
    const hour = `${String(reading.getHours()).padStart(2, '0')}:00`;
    await until(async () => (await rows(page)).some((row) => row.includes(hour)), `the hour is ${hour}`);
  });

  test('the bars of seven days hold today and the six days before, and so do the sums by conversation', async () => {
    const daemon = await startDaemon();
    const reading = (tokens: number, days: number, hours: number, minutes: number) => {
      const at = new Date();
      at.setDate(at.getDate() - days);
      at.setHours(hours, minutes, 0, 0);
      return { tokens, conversation_id: 'one', timestamp: at.toISOString() };
    };
    const within = [reading(1_000, 6, 0, 1), reading(200, 1, 12, 0)];
    const before = [reading(30, 7, 23, 59), reading(4, 7, 0, 1)];
    await daemon.rpc('usage.import', { sessions: [...within, ...before] });
    const page = await open(daemon);
    await page.getByRole('button', { name: '7 days' }).click();
    await says(page, '1,200 in 2 readings');
    expect(await rows(page)).toHaveLength(2);
    await page.getByRole('button', { name: /^one\s*1,200\s*2 readings$/ }).waitFor();
  });

  test('the bars go on with the next hour when no reading comes', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.record', { tokens: 1_000, sync_type: 'auto' });
    const page = await open(daemon, (window) => window.clock.install());
    await says(page, '1,000 in 1 reading');
    await page.locator('.history-by-time summary').click();
    const bars = page.locator('.history-by-time tbody tr');
    const last = await bars.first().innerText();
    await page.clock.fastForward(HOUR_MS);
    await until(async () => (await bars.first().innerText()) !== last, 'the next hour is there');
  });
});
