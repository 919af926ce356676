import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../../support/browser.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';

const browser = useBrowser();
const DAY_MS = 86_400_000;

test('an alert tells of a crossing in both languages, once and for as long as it holds', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const [zh, en] = await Promise.all([
    openDashboard(browser(), daemon.url),
    openDashboard(browser(), daemon.url, { language: 'en' }),
  ]);
  for (const page of [zh, en]) await page.locator('[data-testid=connection][data-state=live]').waitFor();
  const tokens = (figure: number) => daemon.rpc('usage.record', { tokens: figure, sync_type: 'correction' });

  await tokens(850_000);
  await Promise.all([
    zh.locator('[data-testid=alert]', { hasText: '使用率已达到 80%（现为 85.0%）' }).waitFor(),
    en.locator('[data-testid=alert]', { hasText: '80% has been reached (now 85.0%)' }).waitFor(),
  ]);
  // A page that was opened after the crossing knows of it too.
  await zh.reload();
  await zh.locator('[data-testid=alert]', { hasText: '80%' }).waitFor();

  await tokens(950_000);
  await en.locator('[data-testid=alert]', { hasText: '90% has been reached (now 95.0%)' }).waitFor();
  expect(await en.getByTestId('alert').count()).toBe(1);
  await tokens(100_000);
  await until(async () => (await en.getByTestId('alert').count()) === 0, 'what no longer holds is gone');
});

test('an alert tells of a forecast in its own words, without taking it for a budget that is used up', async () => {
  const lastDay = new Date(Date.now() + 20 * DAY_MS).toLocaleDateString('sv');
  const daemon = await startDaemon({ config: { alerts: { desktop: false, period: lastDay } } });
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const page = await openDashboard(browser(), daemon.url);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  const sessions = Array.from({ length: 10 }, (_, day) => ({
    tokens: 60_000,
    timestamp: new Date(Date.now() - (day + 0.5) * DAY_MS).toISOString(),
  }));
  await daemon.rpc('usage.import', { sessions });
  const foretold = page.locator('[data-testid=alert]', { hasText: `早于周期的最后一天 ${lastDay}（现为 60.0%）` });
  await foretold.waitFor();

  await daemon.rpc('usage.record', { tokens: 820_000, sync_type: 'correction' });
  await page.locator('[data-testid=alert]', { hasText: '使用率已达到 80%' }).waitFor();
  expect(await page.getByTestId('alert').count()).toBe(2);
});

test('an alert stands beside the notice of the reading that caused it, which can still be undone there', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const page = await openDashboard(browser(), daemon.url, { language: 'en' });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await page.getByTestId('sync-open').click();
  await page.getByTestId('sync-value').fill('850,000');
  await page.keyboard.press('Enter');
  await Promise.all([page.getByTestId('notice').waitFor(), page.getByTestId('alert').waitFor()]);
  expect(await page.getByTestId('notice').textContent()).toContain('Recorded: 850,000');
  await page.getByTestId('notice-action').click();
  await until(async () => (await page.getByTestId('used').textContent()) === '0', 'it is undone from the notice');
});

test('an alert is told once, in the colour and with the share of the figure, and stays put away until it comes again', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const page = await openDashboard(browser(), daemon.url, { language: 'en' });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  const tokens = (figure: number) => daemon.rpc('usage.record', { tokens: figure, sync_type: 'correction' });
  await tokens(1_202_849);
  const alert = page.locator('[data-testid=alert][data-tone=bad]', { hasText: '100% has been reached (now 120.3%)' });
  await alert.waitFor();
  expect(await page.getByTestId('percent').textContent()).toBe('120.3%');
  expect(await page.getByTestId('alert').count()).toBe(1);
  expect(await page.getByTestId('notice').count()).toBe(0);
  await tokens(1_300_000);
  await page.getByTestId('alert').filter({ hasText: 'now 130.0%' }).waitFor();

  await page.getByTestId('alert-close').click();
  await page.getByTestId('alert').waitFor({ state: 'detached' });
  await page.reload();
  await page.getByTestId('event-row').filter({ hasText: '100% has been reached' }).waitFor();
  expect(await page.getByTestId('alert').count()).toBe(0);

  await tokens(100_000);
  await until(async () => (await daemon.rpc('daemon.info')).alerts.length === 0, 'it no longer holds');
  await page.getByTestId('used').filter({ hasText: '100,000' }).waitFor();
  await until(
    () => page.evaluate(() => localStorage.getItem('token-sync.alerts-put-away') === null),
    'it is forgotten',
  );
  await tokens(850_000);
  await page.getByTestId('alert').filter({ hasText: '80% has been reached' }).waitFor();
});
