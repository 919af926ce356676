import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../support/browser.ts';
import { startDaemon } from '../../support/daemon.ts';

const browser = useBrowser();

test('the page asks for the budget in one line until somebody has set it, and makes nothing of a share of the default', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 8_000_000 });
  const page = await openDashboard(browser(), daemon.url, { language: 'en' });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  expect(await page.getByTestId('budget-ask').textContent()).toContain(
    'The budget is still the default. What is yours?',
  );
  expect(await page.locator('.headline').getAttribute('data-level')).toBe('calm');
  expect(await page.getByTestId('alert').count()).toBe(0);

  // The figure that stands there may be the right one.
  await page.getByTestId('budget-ask-open').click();
  await page.getByTestId('budget-submit').click();

  await page.getByTestId('budget-ask').waitFor({ state: 'detached' });
  await page.locator('.headline[data-level=over]').waitFor();
  await page.locator('[data-testid=alert]', { hasText: '100%' }).waitFor();
});
