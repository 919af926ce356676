import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useBrowser, useDashboard } from '../../support/browser.ts';
import { useDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();
const daemon = useDaemon();

const dashboard = useDashboard(browser, daemon);

/** The window, without a dialog, on a known figure. */
async function openAt(used: number): Promise<Page> {
  const page = dashboard();
  await page.keyboard.press('Escape');
  await daemon().rpc('usage.set_total', { total: 1_000_000 });
  await daemon().rpc('usage.record', { tokens: used, sync_type: 'correction' });
  await shows(page, 'used', used.toLocaleString('en'));
  await shows(page, 'total', '1,000,000');
  return page;
}

const textOf = (page: Page, id: string) => page.getByTestId(id).textContent();
const shows = (page: Page, id: string, text: string) =>
  until(async () => (await textOf(page, id)) === text, `${id} shows ${text}`);
const last = () => daemon().state().token_usage.sessions[0]!;
const paste = (page: Page, text: string) =>
  page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    const target = document.activeElement ?? document.body;
    target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);

describe('the line', () => {
  test('the line stands literally in the page, in Chinese and in English', async () => {
    const page = await openAt(350_000);
    await page.getByText('▸ Token余量: 350,000 / 1,000,000 (35.0%)', { exact: true }).waitFor();
    expect(await textOf(page, 'sync-open')).toBe('🔄 同步');
    await page.getByTestId('language').click();
    await page.getByText('▸ Tokens: 350,000 / 1,000,000 (35.0%)', { exact: true }).waitFor();
    expect(await textOf(page, 'used')).toBe('350,000');
    expect(await textOf(page, 'total')).toBe('1,000,000');
    expect(await textOf(page, 'percent')).toBe('35.0%');
    expect(await page.title()).toBe('35.0% · token-sync');
    await page.getByTestId('language').click();
  });
});

describe('the dialog', () => {
  test('the dialog records by keyboard alone, says so for three seconds, and gives the focus back', async () => {
    const page = await openAt(335_000);
    await page.getByTestId('sync-open').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('350,000 tokens used');
    await shows(page, 'sync-preview', '= 350,000 +15,000');
    await page.keyboard.press('Tab');
    await page.keyboard.type('完成架构设计');
    await page.keyboard.press('Enter');
    await page.getByTestId('notice').waitFor();
    const shownAt = Date.now();
    expect(await textOf(page, 'notice')).toContain('Token已更新: 350,000 / 1,000,000 (35.0%)');
    expect(await textOf(page, 'notice')).toContain('+15,000');
    await shows(page, 'used', '350,000');
    expect(last()).toMatchObject({ tokens: 15_000, event: '完成架构设计', sync_type: 'manual' });
    expect(await page.getByTestId('sync-value').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('sync-open');
    await page.getByTestId('notice').waitFor({ state: 'detached' });
    expect(Date.now() - shownAt).toBeGreaterThan(2_500);
    expect(Date.now() - shownAt).toBeLessThan(5_000);
  });

  test('the preview tells while typing how a value is understood, or why not', async () => {
    const page = await openAt(335_000);
    await page.getByTestId('sync-open').click();
    for (const [value, preview] of [
      ['350000', '= 350,000 +15,000'],
      ['35万', '= 350,000 +15,000'],
      ['335000', '= 335,000 +0'],
      ['300K', '= 300,000 +300,000'],
      ['350.5', 'Token 必须是整数'],
      ['-3', 'Token 数值不能是负数'],
      ['between 300000 and 350000', '有多个可能的数值，无法确定是哪一个'],
      ['35,00,0', '数字分组有误：请每三位一组，只用一种分隔符，小数点不用于分组'],
    ] as const) {
      await page.getByTestId('sync-value').fill(value);
      await shows(page, 'sync-preview', preview);
    }
  });

  test('the dialog records nothing that it does not understand', async () => {
    const page = await openAt(335_000);
    const { revision } = await daemon().rpc('usage.get');
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('abc');
    await page.keyboard.press('Enter');
    await page.getByTestId('sync-submit').click({ force: true });
    expect(await page.getByTestId('sync-value').getAttribute('aria-invalid')).toBe('true');
    expect((await daemon().rpc('usage.get')).revision).toBe(revision);
  });

  test('the dialog is left by Escape and by its button, with the focus where it was', async () => {
    const page = await openAt(335_000);
    const { revision } = await daemon().rpc('usage.get');
    for (const leave of [() => page.keyboard.press('Escape'), () => page.getByTestId('sync-cancel').click()]) {
      await page.getByTestId('sync-open').click();
      await page.getByTestId('sync-value').fill('999');
      await leave();
      await page.getByTestId('sync-value').waitFor({ state: 'detached' });
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('sync-open');
    }
    expect((await daemon().rpc('usage.get')).revision).toBe(revision);
  });

  test.each([
    ['sync-manual', { sync_type: 'manual', tokens: 12_000, reset: true }],
    ['sync-correction', { sync_type: 'correction', tokens: -323_000 }],
  ])('the dialog asks what a lower value means: %s', async (choice, session) => {
    const page = await openAt(335_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('12000');
    await page.getByTestId(choice).check();
    await page.getByTestId('sync-submit').click();
    await shows(page, 'used', '12,000');
    expect(last()).toMatchObject(session);
  });

  test('the dialog asks for no meaning of a value that is only rounded', async () => {
    const page = await openAt(350_400);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('350K');
    await shows(page, 'sync-preview', '= 350,000 +0 是当前数值的约数');
    expect(await page.getByTestId('sync-manual').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByTestId('notice').waitFor();
    expect(await textOf(page, 'used')).toBe('350,400');
  });

  test('the dialog takes the budget beside a value only when told to', async () => {
    const page = await openAt(335_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('340,000 / 2,000,000 tokens');
    await page.keyboard.press('Enter');
    await shows(page, 'used', '340,000');
    expect(await textOf(page, 'total')).toBe('1,000,000');
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('345,000 / 2,000,000 tokens');
    await page.getByTestId('sync-total').check();
    await page.getByTestId('sync-submit').click();
    await shows(page, 'total', '2,000,000');
  });

  test('the dialog keeps any event exactly', async () => {
    const page = await openAt(0);
    for (const event of ['<img src=x onerror=alert(1)>', `${'长'.repeat(998)}🎉!`, '"\'`&amp;$(x)']) {
      await page.getByTestId('sync-open').click();
      await page.getByTestId('sync-value').fill(String((await daemon().rpc('usage.get')).used + 1));
      await page.getByTestId('sync-event').fill(event);
      await page.keyboard.press('Enter');
      await page.getByTestId('sync-value').waitFor({ state: 'detached' });
      expect(last().event).toBe(event);
    }
  });

  test('the dialog takes no more of an event than the daemon does: 1,000 characters, of which an emoji is one', async () => {
    const page = await openAt(0);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('5000');
    await page.getByTestId('sync-event').fill(`${'x'.repeat(999)}🎉🎉`);
    expect(await page.getByTestId('sync-event').inputValue()).toBe(`${'x'.repeat(999)}🎉`);
    await page.getByTestId('sync-event').press('End');
    await page.keyboard.type('y');
    await page.keyboard.press('Enter');
    await shows(page, 'used', '5,000');
    expect(last().event).toBe(`${'x'.repeat(999)}🎉`);
  });

  test('the dialog shows the daemon’s refusal, and keeps its entry', async () => {
    const page = await openAt(0);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('5000');
    await page.getByTestId('sync-event').fill('ding\u0007');
    await page.keyboard.press('Enter');
    expect(await textOf(page, 'sync-failure')).toContain('控制字符');
    expect(await page.getByTestId('sync-value').inputValue()).toBe('5000');
    await page.getByTestId('sync-event').fill('x');
    await page.keyboard.press('Enter');
    await shows(page, 'used', '5,000');
  });

  test('the dialog shows a refusal in the language of the page, whatever the browser asks for', async () => {
    const page = await openAt(0);
    await page.getByTestId('language').click();
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('5000');
    await page.getByTestId('sync-event').fill('ding\u0007');
    await page.keyboard.press('Enter');
    await shows(page, 'sync-failure', '“What for” holds a control character (only tab and newline are allowed)');
    await page.keyboard.press('Escape');
    await page.getByTestId('language').click();
  });
});

describe('a paste anywhere', () => {
  test('a value pasted anywhere opens the dialog with it', async () => {
    const page = await openAt(335_000);
    await paste(page, '  350,000 tokens used\n');
    expect(await page.getByTestId('sync-value').inputValue()).toBe('350,000 tokens used');
    await shows(page, 'sync-preview', '= 350,000 +15,000');
    await page.keyboard.press('Enter');
    await shows(page, 'used', '350,000');
    expect(last().event).toBe('从剪贴板同步');
  });

  test.each(['\r', '\u2028', '\f'])(
    'a paste whose line ends at %j opens the dialog with the value of that line alone',
    async (end) => {
      const page = await openAt(335_000);
      await paste(page, `350,000 tokens used${end}done`);
      expect(await page.getByTestId('sync-value').inputValue()).toBe('350,000');
    },
  );

  test.each([
    ['35,00,0 tokens', '数字分组有误'],
    ['350.000 Tokens', '数字分组有误'],
    ['-5', '不能是负数'],
    ['350\r\n400\n', '有多个可能的数值'],
  ])('a refused value pasted anywhere opens the dialog, which says why: %j', async (text, reason) => {
    const page = await openAt(335_000);
    await paste(page, text);
    await until(async () => (await textOf(page, 'sync-preview'))?.includes(reason), 'the reason');
    expect(await page.getByTestId('sync-value').inputValue()).toBe(text.trim().replace('\r\n', ' ⏎\u2028'));
    expect(await page.getByTestId('sync-submit').getAttribute('aria-disabled')).toBe('true');
  });

  test('a text without a value, or one pasted into a field, opens no dialog', async () => {
    const page = await openAt(335_000);
    await paste(page, 'not a figure');
    await page.getByTestId('budget-open').click();
    await page.getByTestId('budget-value').focus();
    await paste(page, '350,000');
    await paste(page, '35,00,0 tokens');
    await paste(page, 'User: how do I sort?\n\nAssistant: use sort()');
    expect(await page.getByTestId('sync-value').count()).toBe(0);
  });
});

describe('undo and budget', () => {
  test('the notice undoes the reading that was just recorded', async () => {
    const page = await openAt(335_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('350000');
    await page.keyboard.press('Enter');
    await shows(page, 'used', '350,000');
    await page.getByTestId('notice-action').click();
    await shows(page, 'used', '335,000');
    await until(async () => (await textOf(page, 'notice'))?.includes('已撤销'), 'the notice tells of the undo');
  });

  test('the notice undoes no reading that somebody else has recorded since', async () => {
    const page = await openAt(335_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('350000');
    await page.keyboard.press('Enter');
    await page.getByTestId('notice-action').waitFor();
    await daemon().rpc('usage.record', { tokens: 360_000 });
    await shows(page, 'used', '360,000');
    await page.getByTestId('notice-action').click();
    await until(async () => (await textOf(page, 'notice'))?.includes('没有撤销'), 'the notice tells why not');
    expect((await daemon().rpc('usage.get')).used).toBe(360_000);
  });

  test('the undo dialog shows the last reading, and undoes it', async () => {
    const page = await openAt(335_000);
    await daemon().rpc('usage.record', { tokens: 350_000, event: '完成架构设计' });
    await shows(page, 'used', '350,000');
    await page.getByTestId('undo').click();
    expect(await page.locator('dialog').textContent()).toContain('+15,000 完成架构设计');
    await page.getByTestId('undo-confirm').click();
    await shows(page, 'used', '335,000');
  });

  test('the undo dialog shows and undoes the last reading also where another is newer by its time', async () => {
    const page = await openAt(335_000);
    await daemon().rpc('usage.import', { sessions: [{ tokens: 70, event: '去年的', timestamp: '2025-01-02' }] });
    await shows(page, 'used', '335,070');
    await page.getByTestId('undo').click();
    await page.locator('dialog').getByText('去年的').waitFor();
    await page.getByTestId('undo-confirm').click();
    await shows(page, 'used', '335,000');
  });

  test('the budget is changed by a figure as people write it', async () => {
    const page = await openAt(350_000);
    await page.getByTestId('budget-open').click();
    await page.getByTestId('budget-value').fill('0');
    expect(await textOf(page, 'budget-preview')).toContain('必须是从 1 起的整数');
    await page.getByTestId('budget-value').fill('200万');
    expect(await textOf(page, 'budget-preview')).toBe('= 2,000,000 (17.5%)');
    await page.keyboard.press('Enter');
    await shows(page, 'total', '2,000,000');
    await shows(page, 'percent', '17.5%');
  });
});

describe('an implausible value', () => {
  const QUESTION = '13,800,138,000 是总额度 1,000,000 的 13,800 倍';

  test('an implausible value is shown in red while it is typed, and recorded once, after a yes', async () => {
    const page = await openAt(350_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('13800138000');
    await page.getByTestId('sync-odd').waitFor();
    expect(await textOf(page, 'sync-odd')).toContain(QUESTION);
    await page.keyboard.press('Enter');
    // Enter leads to the box, and records nothing.
    await until(
      () => page.getByTestId('sync-anyway').evaluate((box) => box === document.activeElement),
      'the box has the focus',
    );
    expect(daemon().state().token_usage.used).toBe(350_000);
    await page.keyboard.press('Space');
    await page.getByTestId('sync-submit').click();
    await shows(page, 'used', '13,800,138,000');
    await daemon().rpc('usage.undo');
  });

  test('a plausible value after an implausible one needs no yes', async () => {
    const page = await openAt(350_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill('13800138000');
    await page.getByTestId('sync-odd').waitFor();
    await page.getByTestId('sync-value').fill('360,000');
    await page.getByTestId('sync-odd').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await shows(page, 'used', '360,000');
  });
});

describe('a conversation', () => {
  test.each([
    ['in a field', '350,001', '', '网页', { conversation_id: '网页', event: '手动同步' }],
    ['at the end of the event', '350,002', '完成 #设计', '', { conversation_id: '设计', event: '完成' }],
    ['at the end of the value', '350,003 tokens used #docs', '', '', { conversation_id: 'docs', event: '手动同步' }],
    ['nowhere', '350,004', 'fix #123', '', { conversation_id: '', event: 'fix #123' }],
  ])('a conversation is named %s', async (_, value, event, conversation, expected) => {
    const page = await openAt(350_000);
    await page.getByTestId('sync-open').click();
    await page.getByTestId('sync-value').fill(value);
    await page.getByTestId('sync-event').fill(event);
    await page.getByTestId('sync-conversation').fill(conversation);
    await page.keyboard.press('Enter');
    await until(() => last().tokens !== 0 && last().event === expected.event, 'it is recorded');
    expect(last()).toMatchObject(expected);
  });

  test('a conversation is offered among the last ones', async () => {
    const page = await openAt(350_000);
    await daemon().rpc('usage.record', { tokens: 351_000, conversation_id: 'offered' });
    await shows(page, 'used', '351,000');
    await page.getByTestId('sync-open').click();
    const offered = await page
      .locator('datalist option')
      .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
    expect(offered[0]).toBe('offered');
    await page.keyboard.press('Escape');
  });
});
