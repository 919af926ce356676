import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { accessibilityFaults, openDashboard, type PageOptions, useBrowser } from '../../support/browser.ts';
import { startDaemon, useDaemon } from '../../support/daemon.ts';
import { until } from '../../support/until.ts';

const browser = useBrowser();
const daemon = useDaemon();

const stateIs = (page: Page, state: string) => page.locator(`[data-testid=connection][data-state=${state}]`).waitFor();

async function open(options: PageOptions = {}): Promise<Page> {
  const page = await openDashboard(browser(), daemon().url, options);
  await stateIs(page, 'live');
  return page;
}

async function someHistory(): Promise<void> {
  const now = Date.now();
  for (let day = 6; day >= 1; day--) {
    await daemon().rpc('usage.record', {
      tokens: 20_000 + day * 1_000,
      sync_type: 'auto',
      event: day % 2 ? '<img src=x onerror=alert(1)>' : `${'a'.repeat(1_000)}`,
      conversation_id: `c-${day % 3}`,
      timestamp: new Date(now - day * 86_400_000).toISOString(),
    });
  }
}

describe('languages', () => {
  test.each([
    ['zh', '🔄 同步', 'zh-CN'],
    ['en', '🔄 Sync', 'en'],
  ] as const)('follow the browser: %s', async (language, button, tag) => {
    const page = await open({ language });
    expect(await page.getByTestId('sync-open').textContent()).toBe(button);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe(tag);
  });

  test('the language is switched by one button, and remembered', async () => {
    const page = await open();
    await page.getByTestId('language').click();
    expect(await page.getByTestId('sync-open').textContent()).toBe('🔄 Sync');
    await page.reload();
    expect(await page.getByTestId('sync-open').textContent()).toBe('🔄 Sync');
    await page.getByTestId('language').click();
    expect(await page.getByTestId('sync-open').textContent()).toBe('🔄 同步');
  });

  test('a page in one language holds no word of the other one', async () => {
    await someHistory();
    const page = await open({ language: 'en' });
    const words = await page.evaluate(() => document.body.innerText.replaceAll('中文', ''));
    expect(words.match(/\p{Script=Han}+/gu) ?? []).toEqual([]);
  });
});

describe('themes', () => {
  const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

  test('the theme follows the system, also when it changes', async () => {
    const page = await open({ colorScheme: 'dark' });
    const dark = await background(page);
    await page.emulateMedia({ colorScheme: 'light' });
    await until(async () => (await background(page)) !== dark, 'the page is light');
  });

  test('the theme is switched, and remembered', async () => {
    const page = await open({ colorScheme: 'light' });
    const light = await background(page);
    await page.getByTestId('theme').click();
    expect(await background(page)).toBe(light);
    await page.getByTestId('theme').click();
    const dark = await background(page);
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await background(page)).toBe(dark);
  });
});

describe('any size', () => {
  test.each(['zh', 'en'] as const)(
    'a page from 320 px to 4K shows everything without a scroll to the side, in %s',
    async (language) => {
      await someHistory();
      const page = await open({ language });
      await page.getByTestId('event-row').first().waitFor();
      const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      for (const [width, height] of [
        [320, 568],
        [390, 844],
        [768, 1024],
        [1440, 900],
        [3840, 2160],
      ] as const) {
        await page.setViewportSize({ width, height });
        await until(async () => (await overflow()) <= 0, `${width} px is wide enough`);
        if (width >= 768) {
          const [line, button] = await Promise.all(
            [page.locator('.headline-line'), page.getByTestId('sync-open')].map((part) => part.boundingBox()),
          );
          expect(button!.x).toBeGreaterThan(line!.x + line!.width);
        }
        await page.getByTestId('sync-open').click();
        await page.getByTestId('sync-value').fill('1');
        const { x, width: dialogWidth } = (await page.locator('dialog').boundingBox())!;
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + dialogWidth).toBeLessThanOrEqual(width);
        expect(await cutPlaceholders(page)).toEqual([]);
        await page.keyboard.press('Escape');
      }
    },
  );

  test.each(['zh', 'en'] as const)('a page on a phone gives a finger 44 pixels, in %s', async (language) => {
    await someHistory();
    const touched = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const page = await open({ ...touched, language });
    await page.getByTestId('session-row').first().waitFor();
    await page.getByRole('img', { name: /^(?:每|Per )/ }).waitFor();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('header button, main :is(button, a, input, select, summary)')]
        .filter((element) => element.checkVisibility() && !element.classList.contains('for-ears'))
        .map((element) => ({ text: element.outerHTML.slice(0, 90), box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.height > 1 && (box.height < 43.5 || box.width < 43.5))
        .map(({ text, box }) => `${Math.round(box.width)}×${Math.round(box.height)} ${text}`),
    );
    expect(small).toEqual([]);
  });

  test('a page from 1,900 px on shows side by side what belongs together', async () => {
    await someHistory();
    const wide = await open({ viewport: { width: 3840, height: 2160 } });
    await wide.getByTestId('event-row').first().waitFor();
    const [chart, bars, stream] = await Promise.all(
      ['.history-usage', '.history-by-time', '.history-stream'].map((name) => wide.locator(name).boundingBox()),
    );
    expect(chart!.x + chart!.width).toBeLessThan(bars!.x);
    expect(bars!.x + bars!.width).toBeLessThan(stream!.x);
    expect([bars!.y, stream!.y]).toEqual([chart!.y, chart!.y]);
    expect(stream!.x + stream!.width - chart!.x).toBeGreaterThan(3_000);
  });

  test.each(['zh', 'en'] as const)(
    'a page on a phone has one row for the header, the budget beside its share, and room for the events, in %s',
    async (language) => {
      const own = await startDaemon();
      const page = await openDashboard(browser(), own.url, { language });
      for (const [used, total] of [
        [360_000, 1_000_000],
        [120_000_000, 200_000_000],
      ] as const) {
        await own.rpc('usage.set_total', { total });
        await own.rpc('usage.record', { tokens: used, sync_type: 'correction', event: 'designed the architecture' });
        await until(async () => (await page.getByTestId('used').textContent()) === used.toLocaleString('en'), 'figure');
        await page
          .getByTestId('session-row')
          .filter({ hasText: used.toLocaleString('en') })
          .first()
          .waitFor();
        for (const width of [320, 360, 375]) {
          await page.setViewportSize({ width, height: 700 });
          const middleOf = async (selector: string) => {
            const { y, height } = (await page.locator(selector).boundingBox())!;
            return Math.round(y + height / 2);
          };
          expect(await middleOf('.header-tools')).toBe(await middleOf('.brand'));
          expect(await middleOf('[data-testid=percent]')).toBe(await middleOf('[data-testid=total]'));
          const event = (await page.locator('.history-event-cell').first().boundingBox())!;
          expect(event.width).toBeGreaterThan(width / 2);
        }
      }
    },
  );

  test('the page moves nothing when the first figures come', async () => {
    const page = await open();
    const shift = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => resolve(sum), 300);
        }),
    );
    expect(shift).toBeLessThan(0.1);
  });
});

/** What the fields of the dialog say while they are empty, where that is longer than the field. */
function cutPlaceholders(page: Page): Promise<string[]> {
  return page.locator('dialog input[placeholder]').evaluateAll((fields) => {
    const brush = document.createElement('canvas').getContext('2d')!;
    return (fields as HTMLInputElement[])
      .filter((field) => {
        const { font, paddingInlineStart, paddingInlineEnd } = getComputedStyle(field);
        brush.font = font;
        // A field that offers a list has an arrow at its end.
        const taken = [paddingInlineStart, paddingInlineEnd, field.list ? '20px' : '0px'].map(Number.parseFloat);
        return taken.reduce((sum, part) => sum + part, brush.measureText(field.placeholder).width) > field.clientWidth;
      })
      .map(({ placeholder }) => placeholder);
  });
}

describe('a screen reader', () => {
  test('a screen reader is told of a change, and of a lost connection', async () => {
    const own = await startDaemon();
    const page = await openDashboard(browser(), own.url, { language: 'en' });
    await stateIs(page, 'live');
    await own.rpc('usage.record', { tokens: 350_000, event: 'design done' });
    await page
      .getByRole('status')
      .getByText('Tokens: 350,000 / 1,000,000 (35.0%) +350,000 design done')
      .waitFor({ state: 'attached' });
    await own.kill();
    await page.getByRole('status').getByText('The connection to the daemon is lost').waitFor({ state: 'attached' });
  });
});

test('no text becomes script or style, by whatever way it came into the page', async () => {
  const page = await open({ mayComplain: /Content Security Policy|Trusted/ });
  const done = await page.evaluate(async () => {
    const results: Record<string, boolean> = {};
    const attempt = (name: string, work: () => void) => {
      try {
        work();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
      results[name] = 'isHacked' in globalThis;
    };
    attempt('markup', () => {
      document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="isHacked = 1">');
    });
    attempt('an inline script', () => {
      const script = document.createElement('script');
      script.append('globalThis.isHacked = 1');
      document.body.append(script);
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    results.later = 'isHacked' in globalThis;
    const style = document.createElement('style');
    style.append('body { display: none }');
    document.head.append(style);
    results.style = getComputedStyle(document.body).display === 'none';
    return results;
  });
  expect(Object.entries(done).filter(([, isHacked]) => isHacked)).toEqual([]);
});

test('the page moves nothing by itself where less motion is asked for', async () => {
  const page = await open({ reducedMotion: 'reduce' });
  await page.getByTestId('sync-open').click();
  await page.getByTestId('sync-value').fill('999,999');
  await page.keyboard.press('Enter');
  await page.getByTestId('notice').waitFor();
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
});

test('everything is reached by keyboard alone, in the order in which it is read', async () => {
  await someHistory();
  await daemon().rpc('usage.set_total', { total: 1_000_000 });
  const page = await open();
  const reached: string[] = [];
  for (let step = 0; step < 8; step++) {
    await page.keyboard.press('Tab');
    reached.push(await page.evaluate(() => document.activeElement?.getAttribute('data-testid') ?? ''));
  }
  // What earlier tests brought about may stand between them.
  const ours = reached.filter((name) => !name.startsWith('alert-'));
  expect(ours.slice(0, 5)).toEqual(['undo', 'theme', 'language', 'sync-open', 'budget-open']);
});

describe('axe finds nothing wrong', () => {
  const everything = /./;
  // Colours and words are what the others differ in.
  const variants = [
    [{ language: 'zh', colorScheme: 'light' }, everything],
    [{ language: 'en', colorScheme: 'dark' }, /^(?:with readings|dialog, lower|notice|over|warned|lost)/],
    [{ language: 'zh', colorScheme: 'dark', viewport: { width: 390, height: 844 } }, /^(?:with readings|lost)/],
  ] as const;

  test.each(variants)('axe finds no fault in any state, %j', async (options, wanted) => {
    const own = await startDaemon();
    const page = await openDashboard(browser(), own.url, { ...options, reducedMotion: 'reduce' });
    await stateIs(page, 'live');
    const faults: Record<string, string[]> = {};
    const look = async (state: string) => {
      if (!wanted.test(state)) return;
      const found = await accessibilityFaults(page);
      if (found.length > 0) faults[state] = found;
    };
    await look('empty');
    await own.rpc('usage.record', { tokens: 350_000, event: '完成架构设计' });
    await page.getByTestId('event-row').first().waitFor();
    await look('with readings');
    await page.getByTestId('sync-open').click();
    await look('dialog');
    await page.getByTestId('sync-value').fill('abc');
    await look('dialog, refused');
    await page.getByTestId('sync-value').fill('12,000 / 2,000,000 tokens');
    await look('dialog, lower, with a budget');
    await page.keyboard.press('Enter');
    await page.getByTestId('notice').waitFor();
    await look('notice');
    await page.getByTestId('budget-open').click();
    await look('budget');
    await page.keyboard.press('Escape');
    await page.getByTestId('undo').click();
    await look('undo');
    await page.keyboard.press('Escape');
    await own.rpc('usage.set_total', { total: 1_000_000 });
    await own.rpc('usage.record', { tokens: 850_000 });
    await page.locator('[data-level=near]').waitFor();
    await look('near the budget');
    await own.rpc('usage.record', { tokens: 1_050_000 });
    await page.locator('[data-level=over]').waitFor();
    await look('over the budget');
    writeFileSync(own.path('architect_monitor.json'), '{ broken');
    await until(async () => (await own.rpc('daemon.info')).warnings.length > 0, 'the daemon warns');
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    await page.locator('.warnings li', { hasText: 'architect_monitor' }).waitFor();
    await look('warned');
    await own.kill();
    await stateIs(page, 'lost');
    await look('lost');
    expect(faults).toEqual({});
  });
});
