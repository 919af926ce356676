import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { accessibilityFaults, openDashboard, type PageOptions, useBrowser } from '../../support/browser.ts';
import { useDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();
const daemon = useDaemon();

const QUESTION = 'How do I sort a list of words by their length, the longest first, in Python?';
const ANSWER = 'Use `sorted(words, key=len, reverse=True)`.\n如果要保留原来的顺序，它是稳定的。';
const CONVERSATION = `${QUESTION}\n\n${ANSWER}\n`;

async function open(options: PageOptions = {}): Promise<Page> {
  const page = await openDashboard(browser(), daemon().url, options);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  return page;
}

const textOf = (page: Page, id: string) => page.getByTestId(id).textContent();
const shows = (page: Page, id: string, text: string) =>
  until(async () => (await textOf(page, id))?.includes(text) ?? false, `${id} shows ${text}`);
const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('data-testid'));
const last = () => daemon().state().token_usage.sessions[0]!;
const paste = (page: Page, text: string) =>
  page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);

async function tokensOf(text: string): Promise<string> {
  const messages = { user_message: text, assistant_message: '' };
  return (await daemon().rpc('conversation.estimate', messages)).total_tokens.toLocaleString('en');
}

describe('a pasted conversation', () => {
  test.each(['anywhere', 'for the value'])(
    'a conversation pasted %s is counted before it is recorded, and then recorded as shown',
    async (where) => {
      const page = await open();
      const { revision, used } = await daemon().rpc('usage.get');
      if (where === 'for the value') await page.getByTestId('sync-open').click();
      await paste(page, CONVERSATION);
      const tokens = await tokensOf(CONVERSATION);
      await shows(page, 'estimate-count', `= ${tokens} tokens +${tokens}`);
      expect(await page.getByTestId('estimate-text').inputValue()).toBe(CONVERSATION);
      expect(await focused(page)).toBe('estimate-text');
      expect((await daemon().rpc('usage.get')).revision).toBe(revision);
      await page.keyboard.press('Control+Enter');
      await shows(page, 'notice', `+${tokens}`);
      expect(last()).toMatchObject({ tokens: Number(tokens), event: '对话', sync_type: 'estimate' });
      expect((await daemon().rpc('usage.get')).used).toBe(used + Number(tokens));
    },
  );

  test.each(['User: how do I sort?\n\nAssistant: use sort()', '用户：怎么排序？\n\n助手：用 sort()'])(
    'is one however short it is: %j',
    async (text) => {
      const page = await open();
      await paste(page, text);
      await shows(page, 'estimate-count', `= ${await tokensOf(text)} tokens`);
      expect(await page.getByTestId('estimate-text').inputValue()).toBe(text);
    },
  );

  test('a pasted conversation of many requests is counted as one text', async () => {
    const page = await open();
    const text = `${CONVERSATION}x`.repeat(2_500);
    await paste(page, text);
    await shows(page, 'estimate-count', `= ${await tokensOf(text)} tokens`);
  });
});

describe('a conversation that is written', () => {
  test('a conversation is chosen by keyboard, and the count shown is always that of the latest text', async () => {
    const page = await open({ language: 'en' });
    await page.getByTestId('sync-open').click();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('ArrowRight');
    expect(await focused(page)).toBe('sync-as-conversation');
    await page.keyboard.press('Tab');
    await page.keyboard.type(QUESTION);
    await shows(page, 'estimate-count', `= ${await tokensOf(QUESTION)} tokens`);
    await page.getByTestId('estimate-text').fill(ANSWER);
    await shows(page, 'estimate-count', `= ${await tokensOf(ANSWER)} tokens`);
    await page.getByTestId('sync-event').fill('sorting');
    await page.keyboard.press('Enter');
    await page.getByTestId('notice').waitFor();
    expect(last()).toMatchObject({ event: 'sorting', sync_type: 'estimate' });
  });

  test('the form of a conversation records nothing while it is empty, nor when it is left by Escape', async () => {
    const page = await open();
    const { revision } = await daemon().rpc('usage.get');
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-as-conversation').check({ force: true });
    await page.getByTestId('sync-submit').click({ force: true });
    await page.getByTestId('estimate-text').fill(CONVERSATION);
    await shows(page, 'estimate-count', 'tokens');
    await page.keyboard.press('Escape');
    await page.getByTestId('estimate-text').waitFor({ state: 'detached' });
    expect((await daemon().rpc('usage.get')).revision).toBe(revision);
  });

  test.each([
    [{ language: 'zh', colorScheme: 'light' }, 'zh'],
    [{ language: 'en', colorScheme: 'dark', viewport: { width: 320, height: 568 } }, 'en'],
  ] as const)('is accessible, within the window and of one language: %j', async (options, language) => {
    const page = await open({ ...options, reducedMotion: 'reduce' });
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-as-conversation').check({ force: true });
    await page.getByTestId('estimate-text').fill('sorting words');
    await shows(page, 'estimate-count', '= 2 tokens');
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.locator('dialog').evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
    const words = await page.locator('dialog').innerText();
    expect(/\p{Script=Han}/u.test(words)).toBe(language === 'zh');
  });
});

test('the page tells how far estimates were off once an exact value has followed them', async () => {
  const page = await open({ language: 'en' });
  expect(await page.getByTestId('estimate-accuracy').count()).toBe(0);
  const { used } = await daemon()
    .rpc('usage.record', { tokens: 1_000, sync_type: 'correction' })
    .then(() => daemon().rpc('usage.get'));
  await daemon().rpc('usage.record', { tokens: 800, sync_type: 'estimate' });
  await daemon().rpc('usage.record', { tokens: used + 1_000 });
  await page.getByText('How good are the estimates?').click();
  await shows(page, 'estimate-accuracy', '20% too low (1 comparison)');
  await page.getByTestId('language').click();
  await shows(page, 'estimate-accuracy', '偏低 20% （1 次对比）');
});
