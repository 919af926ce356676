import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWindow, useBrowser } from '../../support/browser.ts';
import { startDaemon } from '../../support/daemon.ts';

const browser = useBrowser();
const SCRIPT = join(import.meta.dirname, '../../../scripts/token-sync');

test('the page names the command that works on the daemon’s machine, also when the daemon is gone', async () => {
  const daemon = await startDaemon();
  const page = await openWindow(browser(), { mayComplain: /ERR_CONNECTION_REFUSED/ });
  await page.goto(daemon.url);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await page.getByTestId('sync-open').click();
  await page.getByTestId('sync-value').fill('350000');
  await daemon.kill();
  await page.keyboard.press('Enter');
  const hint = page.getByText('token-sync start', { exact: false }).first();
  await hint.waitFor();
  expect(await hint.textContent()).toContain(`${SCRIPT} start`);
});
