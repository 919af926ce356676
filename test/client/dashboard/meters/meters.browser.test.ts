import type { Page, WebSocketRoute } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Meter, Meters } from '../../../../src/protocol/methods.ts';
import { accessibilityFaults, openWindow, type PageOptions, useBrowser } from '../../../support/browser.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { counterAt, gaugeAt, instant, metersAt, windowAt } from '../../../support/told-meters.ts';
import { until } from '../../../support/until.ts';

const browser = useBrowser();

/** A page whose daemon is a real one but for its meters, which the test tells. */
interface MetersPage {
  readonly page: Page;
  tell(...meters: Meter[]): void;
  /** The connection breaks, and the next one leads to a daemon of these meters. */
  restart(told: Meters): Promise<void>;
}

async function openWith(told: Meters, options: PageOptions = {}): Promise<MetersPage> {
  const daemon = await startDaemon();
  const page = await openWindow(browser(), { language: 'en', ...options });
  let { seq } = told;
  let now = told;
  let subscribed: WebSocketRoute | undefined;
  await page.routeWebSocket('**/rpc', (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => socket.send(text));
    socket.onMessage((text) => {
      const { id, method } = JSON.parse(String(text));
      if (method !== 'meters.subscribe') return server.send(text);
      subscribed = socket;
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: now }));
    });
  });
  await page.goto(`${daemon.url}/`);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  return {
    page,
    tell(...meters) {
      seq += 1;
      const params = { epoch: now.epoch, seq, meters };
      subscribed!.send(JSON.stringify({ jsonrpc: '2.0', method: 'meters.changed', params }));
    },
    async restart(next) {
      now = next;
      await subscribed!.close();
    },
  };
}

/** As much of an entry of the browser’s as is asked for here. */
interface Shift {
  readonly sources: readonly { readonly node: Node | null }[];
}

const row = (page: Page, meter: string) => page.locator(`[data-testid=meter-row][data-meter="${meter}"]`);

async function shows(page: Page, meter: string, text: string | RegExp): Promise<void> {
  await row(page, meter).filter({ hasText: text }).first().waitFor();
}

describe('a row for each meter', () => {
  test('a row tells figure, limit, age, provenance and the state of its source, in both languages', async () => {
    const { page } = await openWith(metersAt(Date.now()));
    await shows(page, 'cursor.context', /84,000 \/ 200,000 \(42\.0%\).*a-model · web.*exact, 1 min ago.*degraded/);
    await shows(page, 'claude', /fresh 1,000,000.*all 10,000,000 \(with cache reads\) · 321 requests.*live/);
    await shows(page, 'claude.5h', /57%.*85% of the window gone: fine · resets .*, in 44 min/);
    expect(await page.getByTestId('meter-fault').textContent()).toMatch(
      /^Cursor: degraded since .* · state\.vscdb has no table cursorDiskKV→ update token-sync$/,
    );
    await page.getByTestId('language').click();
    await shows(page, 'claude.5h', /窗口已过 85%：正常/);
    await shows(page, 'cursor.context', /确切，1 分钟前.*读取异常/);
  });

  test('a change is shown without a reload, and after a restart of the daemon only what it tells', async () => {
    const now = Date.now();
    const { page, tell, restart } = await openWith(metersAt(now));
    await shows(page, 'claude', /321 requests/);
    tell(counterAt(now, { calls: 322 }), gaugeAt(now, { conversation: 'other', used: 7 }));
    await shows(page, 'claude', /322 requests/);
    expect(await row(page, 'cursor.context').count()).toBe(2);
    await restart({ ...metersAt(now), epoch: 'e2', seq: 1, meters: [counterAt(now, { calls: 400 })] });
    await shows(page, 'claude', /400 requests/);
    expect(await page.getByTestId('meter-row').count()).toBe(1);
    tell(counterAt(now, { calls: 401 }));
    await shows(page, 'claude', /401 requests/);
  });

  test('the age of a figure counts up by itself', async () => {
    const { page, tell } = await openWith(metersAt(Date.now()));
    await page.getByTestId('meter-row').first().waitFor();
    tell(gaugeAt(Date.now(), { observed_at: new Date().toISOString(), used: 5 }));
    await shows(page, 'cursor.context', /^.* 5 \/.*exact, \d+ s ago/);
    const age = async () => Number(/(\d+) s ago/.exec((await row(page, 'cursor.context').textContent())!)?.[1]);
    const first = await age();
    await until(async () => (await age()) > first, 'the age has grown');
  });

  test('an old gauge keeps its figure and says how old it is, and a window past its reset that it is the one before', async () => {
    const now = Date.now();
    const meters = [
      gaugeAt(now, { observed_at: instant(now, -200) }),
      windowAt(now, { used_percent: 97, resets_at: instant(now, -5) }),
    ];
    const { page } = await openWith({ ...metersAt(now), meters });
    await shows(page, 'cursor.context', /84,000 .*as it was 3 h ago/);
    await shows(page, 'claude.5h', /the window before used 97%; it reset /);
  });

  test('a machine without a tool sees nothing of meters', async () => {
    const { page } = await openWith({ epoch: 'e', seq: 0, meters: [], sources: [{ name: 'qwen', state: 'absent' }] });
    await page.getByTestId('sessions').waitFor();
    expect(await page.getByTestId('meters').count()).toBe(0);
  });
});

describe('what a person can do', () => {
  test('where nothing feeds the budget the page says how to let it, and elsewhere not', async () => {
    const told = metersAt(Date.now());
    const { page, restart } = await openWith(told);
    const offer = page.getByTestId('meters-offer');
    await offer.locator('summary').click();
    const commands = await offer.locator('code').allTextContents();
    expect(commands.map((command) => command.split('/').at(-1))).toEqual([
      'token-sync settings budget.kind context',
      'token-sync settings meters.main cursor.context',
      'token-sync settings meters.main claude',
    ]);
    await restart({ ...told, feeding: { main: ['claude'], count: 'fresh' } });
    await offer.waitFor({ state: 'detached' });
  });

  test('the page says what is read from where, what is kept, and how to switch it off', async () => {
    const { page } = await openWith(metersAt(Date.now()));
    const places = page.getByTestId('meters-places');
    await places.locator('summary').click();
    expect(await places.locator('code').allTextContents()).toContain('/home/me/.claude/projects');
    expect(await places.textContent()).toMatch(/never what was said.*settings meters\.sources off/);
  });
});

describe('everywhere', () => {
  const now = Date.now();
  const ten = [
    ...['claude', 'codex'].map((meter) => counterAt(now, { meter })),
    ...['claude.5h', 'claude.7d', 'codex.5h', 'codex.7d'].map((meter) => windowAt(now, { meter })),
    ...['a', 'b', 'c'].map((conversation) => gaugeAt(now, { conversation })),
    gaugeAt(now, { meter: 'codex.context' }),
  ];

  test.each([
    ['dark on a desk', { colorScheme: 'dark' }],
    ['light on a phone', { viewport: { width: 390, height: 800 }, language: 'zh' }],
  ] as const)('nothing is in the way of a reader: %s', async (_, options) => {
    const { page } = await openWith({ ...metersAt(now), meters: ten }, options);
    await page.getByTestId('meter-row').nth(9).waitFor();
    for (const name of ['meters-offer', 'meters-places']) await page.getByTestId(name).locator('summary').click();
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  });

  test('ten meters that change four times a second move nothing', async () => {
    const { page, tell } = await openWith({ ...metersAt(now), meters: ten });
    await page.getByTestId('meter-row').nth(9).waitFor();
    await page.evaluate(() => {
      const shifts: string[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        const nodes = (list.getEntries() as unknown as Shift[]).flatMap(({ sources }) =>
          sources.map(({ node }) => node),
        );
        // The plot settles by itself at that time.
        const own = nodes.filter((node) =>
          node?.parentElement?.closest('[data-testid=meters], [data-testid=sessions]'),
        );
        shifts.push(...own.map((node) => node!.textContent!));
      }).observe({ type: 'layout-shift' });
    });
    const topsOf = () =>
      page.getByTestId('meter-row').evaluateAll((rows) => rows.map((each) => each.getBoundingClientRect().top));
    const before = await topsOf();
    for (let round = 1; round <= 20; round += 1) {
      const observed_at = new Date().toISOString();
      tell(
        ...ten.map((meter): Meter => {
          if (meter.kind === 'counter') return { ...meter, observed_at, calls: 10 ** (round % 6) };
          if (meter.kind === 'window') return { ...meter, observed_at, used_percent: round * 5 };
          return { ...meter, observed_at, used: 12 ** (round % 6) };
        }),
      );
      const last = ten.length - 1;
      const figure = (12 ** (round % 6)).toLocaleString('en-US');
      await page
        .getByTestId('meter-row')
        .nth(last)
        .filter({ hasText: `${figure} / ` })
        .waitFor();
    }
    await until(async () => (await row(page, 'claude.5h').textContent())!.includes('100%'), 'the last change is shown');
    expect(await topsOf()).toEqual(before);
    expect(await page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts)).toEqual([]);
  });
});
