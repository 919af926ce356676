import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openDashboard, useBrowser } from '../../support/browser.ts';
import { startDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();

interface Translator {
  /** Puts a copy in the place of a text, as Chrome does, or puts the text itself into the new element. */
  readonly way: 'replaces' | 'wraps';
  /** Leaves alone what says that it is not to be translated. */
  readonly asks: boolean;
}

/** Does to the page what a translator of a browser does, now and whenever a text is added. */
async function translate(page: Page, translator: Translator): Promise<void> {
  await page.evaluate(({ way, asks }) => {
    const treat = (text: Node) => {
      const parent = text.parentElement;
      if (!parent || !text.textContent?.trim() || parent.closest('font, script, style')) return;
      if (asks && parent.closest('[translate=no]')) return;
      const font = document.createElement('font');
      const inner = font.appendChild(document.createElement('font'));
      if (way === 'replaces') inner.append(text.textContent);
      text.parentNode!.replaceChild(font, text);
      if (way === 'wraps') inner.append(text);
    };
    const treatAll = (root: Node) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const texts: Node[] = [];
      while (walker.nextNode()) texts.push(walker.currentNode);
      for (const text of root.nodeType === Node.TEXT_NODE ? [root] : texts) treat(text);
    };
    treatAll(document.body);
    new MutationObserver((records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) treatAll(node);
    }).observe(document.body, { childList: true, subtree: true });
  }, translator);
}

test.each<Translator>([
  { way: 'replaces', asks: true },
  { way: 'replaces', asks: false },
  { way: 'wraps', asks: false },
])('a page translated by %j goes on showing the present figures', async (translator) => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.set_total', { total: 1_000_000 });
  await daemon.rpc('usage.record', { tokens: 350_000, event: 'before' });
  const page = await openDashboard(browser(), daemon.url, { language: 'en' });
  await page.getByTestId('session-row').filter({ hasText: 'before' }).waitFor();
  await translate(page, translator);
  expect(await page.locator('font').count()).toBeGreaterThan(10);

  for (const [tokens, event] of [
    [365_432, 'first'],
    [876_543, 'second'],
    [1_234_567, 'third'],
  ] as const) {
    await daemon.rpc('usage.record', { tokens, event });
    const shown = tokens.toLocaleString('en');
    await until(async () => (await page.getByTestId('used').innerText()) === shown, `used shows ${shown}`);
    await page
      .getByTestId('event-row')
      .first()
      .filter({ hasText: `· ${shown}` })
      .waitFor();
    await page.getByTestId('session-row').first().filter({ hasText: event }).waitFor();
  }
  expect(await page.getByTestId('percent').innerText()).toBe('123.5%');
  expect(await page.getByTestId('remaining').innerText()).toBe('-234,567');
  await page.getByTestId('alert').filter({ hasText: '123.5%' }).waitFor();
  await daemon.rpc('usage.undo');
  await page.getByTestId('session-row').filter({ hasText: 'third' }).filter({ hasText: 'Undone' }).waitFor();
  await until(async () => (await page.getByTestId('percent').innerText()) === '87.7%', 'the share after the undo');
  await page.getByTestId('language').click();
  await page.getByRole('heading', { name: '事件流' }).waitFor();
  expect(await page.locator('main').innerText()).not.toContain('Remaining');
});
