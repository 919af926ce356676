import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../support/browser.ts';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();

async function openBudget(daemon: TestDaemon) {
  const page = await openDashboard(browser(), daemon.url, { language: 'zh' });
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await page.getByTestId('budget-open').click();
  await page.getByTestId('budget-resets').waitFor();
  return page;
}

async function periodOf(daemon: TestDaemon) {
  return (await daemon.rpc('daemon.info')).budget?.period;
}

test('the budget dialog sets the day of the reset, and refuses one that no month has', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const page = await openBudget(daemon);
  expect(await page.getByTestId('budget-resets').inputValue()).toBe('never');

  await page.getByTestId('budget-resets').selectOption('monthly');
  await page.getByTestId('budget-resets-number').fill('32');
  expect(await page.getByTestId('budget-submit').getAttribute('aria-disabled')).toBe('true');
  await page.getByTestId('budget-resets-number').fill('15');
  await page.keyboard.press('Enter');

  await until(async () => (await periodOf(daemon)) === '15', 'the period is set');
  expect((await daemon.rpc('usage.get')).total).toBe(1_000_000);
});

test('another budget leaves a period as it is, days that go on counting with it', async () => {
  const daemon = await startDaemon({ config: { budget: { period: '2020-01-01/10d' } } });
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  const page = await openBudget(daemon);
  await until(async () => (await page.getByTestId('budget-resets').inputValue()) === 'every', 'it shows what stands');
  expect(await page.getByTestId('budget-resets-number').inputValue()).toBe('10');

  await page.getByTestId('budget-value').fill('200万');
  await page.keyboard.press('Enter');
  await until(async () => (await daemon.rpc('usage.get')).total === 2_000_000, 'the budget is set');
  expect(await periodOf(daemon)).toBe('2020-01-01/10d');
});
