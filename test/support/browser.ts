import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { hasBrowser, launchBrowser } from './chromium.ts';
import type { TestDaemon } from './daemon.ts';
import { needs } from './needs.ts';

export interface PageOptions {
  /** Chinese unless said otherwise. */
  readonly language?: 'zh' | 'en';
  /** 1280 × 800 unless said otherwise. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** A device that is touched by fingers. */
  readonly hasTouch?: boolean;
  readonly isMobile?: boolean;
  readonly colorScheme?: 'light' | 'dark';
  readonly reducedMotion?: 'reduce' | 'no-preference';
  /** The machine's own unless said otherwise. */
  readonly timezoneId?: string;
  /** Lines that the browser may write to its console, besides those that a daemon that is away causes. */
  readonly mayComplain?: RegExp;
}

/** One browser for all the tests of a file, with the dashboard built as its sources are now. */
export function useBrowser(): () => Browser {
  if (!hasBrowser()) needs('chromium');
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, 120_000);
  afterAll(() => browser?.close());
  return () => {
    if (!browser) throw new Error('the browser starts with the first test');
    return browser;
  };
}

/** A window of its own on a daemon's dashboard, closed with the test; whatever its console complains of fails the test. */
export async function openDashboard(browser: Browser, url: string, options: PageOptions = {}): Promise<Page> {
  const page = await openWindow(browser, options);
  await page.goto(`${url}/`);
  return page;
}

/** One window on a daemon's dashboard for all the tests of a file. */
export function useDashboard(browser: () => Browser, daemon: () => TestDaemon, options: PageOptions = {}): () => Page {
  let page: Page | undefined;
  let complaints: () => string[] = () => [];
  beforeAll(async () => {
    ({ page, complaints } = await newWindow(browser(), options));
    await page.goto(`${daemon().url}/`);
    await page.locator('[data-testid=connection][data-state=live]').waitFor();
  });
  afterAll(async () => {
    await page?.context().close();
    expect(complaints()).toEqual([]);
  });
  return () => page!;
}

/** A window of its own that shows nothing yet. */
export async function openWindow(browser: Browser, options: PageOptions = {}): Promise<Page> {
  const { page, complaints } = await newWindow(browser, options);
  onTestFinished(async () => {
    await page.context().close();
    expect(complaints()).toEqual([]);
  });
  return page;
}

async function newWindow(browser: Browser, options: PageOptions): Promise<{ page: Page; complaints: () => string[] }> {
  const { language = 'zh', viewport = { width: 1280, height: 800 }, mayComplain, ...rest } = options;
  const context = await browser.newContext({
    locale: language === 'zh' ? 'zh-CN' : 'en-US',
    viewport,
    ...rest,
  } satisfies BrowserContextOptions);
  const said: string[] = [];
  const page = await context.newPage();
  page.on('pageerror', (error) => said.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
  });
  const complaints = () => said.filter((text) => !DAEMON_AWAY.test(text) && !mayComplain?.test(text));
  return { page, complaints };
}

/** The browser's own lines when a connection fails. */
const DAEMON_AWAY = /ERR_CONNECTION_(?:REFUSED|RESET)|ERR_EMPTY_RESPONSE|WebSocket connection to .* failed/;

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** The faults that axe finds in the page as it stands, a line each. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // The page's own policy lets no other script in, so it comes by the debugger.
  const context = page.context();
  const session = await context.newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: readFileSync(AXE, 'utf8') });
  await session.detach();
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
    const { violations: found } = await axe.run({ resultTypes: ['violations'] });
    return found.map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`,
    );
  });
  return violations;
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}
