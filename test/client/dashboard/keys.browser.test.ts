import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../support/browser.ts';
import { startDaemon } from '../../support/daemon.ts';

const browser = useBrowser();

test('single keys sync, search and undo where nothing is typed, and a figure pasted into the search is offered for syncing', async () => {
  const daemon = await startDaemon();
  const page = await openDashboard(browser(), daemon.url, { language: 'en' });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  // Before the first reading there is an example, and a field for it.
  await page.getByTestId('first-value').fill('350,000 tokens used');
  await page.keyboard.press('Enter');
  await page.getByTestId('sync-preview').filter({ hasText: '= 350,000' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByTestId('session-row').waitFor();

  await page.keyboard.press('s');
  await page.getByTestId('sync-value').waitFor();
  await page.keyboard.type('sus');
  expect(await page.getByTestId('sync-value').inputValue()).toBe('sus');
  await page.keyboard.press('Escape');
  await page.keyboard.press('u');
  await page.getByTestId('undo-confirm').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('search');
  await page.keyboard.type('s/u');
  expect(await page.getByTestId('search').inputValue()).toBe('s/u');

  await page.getByTestId('search').evaluate((field) => {
    const data = new DataTransfer();
    data.setData('text/plain', '360,000 tokens used');
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await page.getByRole('button', { name: 'Sync 360,000?' }).click();
  await page.getByTestId('sync-preview').filter({ hasText: '= 360,000' }).waitFor();
  expect(await page.getByTestId('search').inputValue()).toBe('');
});
