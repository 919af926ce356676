import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../../support/browser.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { until } from '../../../support/until.ts';

const browser = useBrowser();

const rowOf = async (page: Page, testId: string, text: string) =>
  (await page.getByTestId(testId).filter({ hasText: text }).first().innerText()).replaceAll(/\s+/g, ' ');

/** What the stream tells as the time of something, with the instant that it stands for. */
async function toldTime(page: Page, text: string) {
  const time = page.getByTestId('event-row').filter({ hasText: text }).locator('time');
  return { instant: new Date((await time.getAttribute('datetime'))!), shown: await time.getAttribute('title') };
}

/** `2026-11-02 04:30:00`, as a session tells a time. */
const inShanghai = (instant: Date) => instant.toLocaleString('sv', { timeZone: 'Asia/Shanghai' });

test('the page shows all times in the browser’s zone, says that the daemon has another, and leaves other programs’ times as written', async () => {
  const daemon = await startDaemon({
    env: { TZ: 'UTC' },
    state: {
      token_usage: {
        used: 5,
        total: 1_000,
        sessions: [{ session_id: 'x', start_time: '2026-10-31T22:15:00', tokens: 5, task: 'foreign', at: 'noon' }],
      },
      last_updated: '2026-10-31T22:15:00',
    },
  });
  const recordedMs = Date.now();
  await daemon.rpc('usage.record', { tokens: 7, event: 'dated', timestamp: '2026-11-01T20:30:00Z', sync_type: 'auto' });
  const page = await openDashboard(browser(), daemon.url, { language: 'en', timezoneId: 'Asia/Shanghai' });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();

  await until(async () => (await rowOf(page, 'session-row', 'dated')).includes('04:30:00'), "the browser's zone");
  expect(await rowOf(page, 'session-row', 'dated')).toContain('11-02');
  expect(await rowOf(page, 'session-row', 'foreign')).toContain('22:15:00');
  // The stream tells when each was recorded.
  const dated = await toldTime(page, 'dated');
  expect(dated.shown).toBe(inShanghai(dated.instant));
  expect(Math.abs(dated.instant.getTime() - recordedMs)).toBeLessThan(60_000);
  expect(await page.getByTestId('time-zone').innerText()).toMatch(/zone \(Asia\/Shanghai\).* use UTC/);

  await daemon.rpc('usage.record', { tokens: 1, event: 'live', timestamp: '2026-11-02T20:45:00Z', sync_type: 'auto' });
  await page.getByTestId('session-row').filter({ hasText: 'live' }).waitFor();
  await until(async () => (await rowOf(page, 'session-row', 'live')).includes('04:45:00'), 'its time');
  const live = await toldTime(page, 'live');
  expect(live.shown).toBe(inShanghai(live.instant));
  await page.getByRole('button', { name: 'Undo last' }).click();
  await page.getByRole('dialog').getByText('2026-11-03 04:45:00').waitFor();
});

test('the page says nothing of zones where both are the same', async () => {
  const daemon = await startDaemon({ env: { TZ: 'Asia/Chongqing' } });
  await daemon.rpc('usage.record', { tokens: 7, event: 'mine' });
  const page = await openDashboard(browser(), daemon.url, { language: 'en', timezoneId: 'Asia/Shanghai' });
  await page.getByTestId('session-row').filter({ hasText: 'mine' }).waitFor();
  await page.getByText(daemon.path('architect_monitor.json')).waitFor();
  expect(await page.getByTestId('time-zone').count()).toBe(0);
});
