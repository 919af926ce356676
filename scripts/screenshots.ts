// Makes pictures of the dashboard's main states into test/screenshots/, for people to look at; with --readme, the one of the READMEs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type BenchDaemon, startDaemon } from '../bench/daemon-process.ts';
import { setup } from '../test/support/build.ts';
import { launchBrowser } from '../test/support/chromium.ts';
import { httpRequest } from '../test/support/http.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'test/screenshots');

interface Look {
  readonly name: string;
  readonly language?: 'zh' | 'en';
  readonly colorScheme?: 'light' | 'dark';
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly isWhole?: boolean;
  /** Brings the page into the state that is looked at. */
  act?(page: Page, daemon: BenchDaemon): Promise<void>;
  /** That state is without a daemon. */
  readonly isAlone?: true;
}

const PHONE = { width: 390, height: 844 };

const LOOKS: readonly Look[] = [
  { name: 'home-zh', isWhole: true },
  { name: 'home-en', language: 'en', isWhole: true },
  { name: 'home-dark', colorScheme: 'dark', isWhole: true },
  { name: 'phone-zh', viewport: PHONE, isWhole: true },
  { name: 'phone-en-dark', language: 'en', colorScheme: 'dark', viewport: PHONE, isWhole: true },
  { name: 'small-320', viewport: { width: 320, height: 568 }, isWhole: true },
  { name: 'screen-4k', viewport: { width: 3840, height: 2160 } },
  { name: 'dialog', act: (page) => enter(page, '365,000 tokens used') },
  { name: 'dialog-refused', language: 'en', act: (page) => enter(page, 'between 300000 and 350000') },
  { name: 'dialog-lower', act: (page) => enter(page, '12K / 2M') },
  { name: 'dialog-lower-phone-dark', colorScheme: 'dark', viewport: PHONE, act: (page) => enter(page, '12,000') },
  {
    name: 'notice',
    async act(page) {
      await enter(page, '365,000');
      await page.keyboard.press('Enter');
      await page.getByTestId('notice').waitFor();
    },
  },
  {
    name: 'notice-phone',
    viewport: PHONE,
    async act(page) {
      await enter(page, '365,000');
      await page.keyboard.press('Enter');
      await page.getByTestId('notice').waitFor();
    },
  },
  { name: 'undo', act: (page) => page.getByTestId('undo').click() },
  { name: 'budget', language: 'en', act: (page) => page.getByTestId('budget-open').click() },
  {
    name: 'over',
    async act(page, daemon) {
      await call(daemon, 'usage.set_total', { total: 1_000_000 });
      await record(daemon, { tokens: 1_050_000 });
      await page.locator('[data-level=over]').waitFor();
    },
  },
  { name: 'lost', isAlone: true, act: loseDaemon },
  { name: 'lost-phone', isAlone: true, language: 'en', viewport: PHONE, act: loseDaemon },
];

/** The one that stands in the READMEs. */
const README: Look = { name: 'dashboard', language: 'en', viewport: { width: 1280, height: 940 } };

async function shoot(browser: Browser, look: Look, place: string): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'token-sync-screenshots-'));
  await fill(data, look.language ?? 'zh');
  const daemon = await startDaemon(data);
  const context = await browser.newContext({
    locale: look.language === 'en' ? 'en-US' : 'zh-CN',
    colorScheme: look.colorScheme ?? 'light',
    viewport: look.viewport ?? { width: 1280, height: 860 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(`${daemon.url}/`);
  await page.locator('[data-testid=connection][data-state=live]').waitFor();
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(1_200);
  await look.act?.(page, daemon);
  await page.screenshot({ path: join(place, `${look.name}.png`), fullPage: look.isWhole ?? false });
  await context.close();
  if (!look.isAlone) await daemon.stop();
  rmSync(data, { recursive: true, force: true });
}

/** Two weeks of a person's work, lived through on a clock that is set before each reading. */
async function fill(data: string, language: 'zh' | 'en'): Promise<void> {
  const clock = join(data, 'clock');
  const events = EVENTS[language];
  const readings = Array.from({ length: 36 }, (_, step) => ({
    ago: (36 - step) * 9 * 3_600_000 + (step % 5) * 1_900_000,
    params: {
      tokens: 4_000 + ((step * 7_919) % 11_000),
      sync_type: step % 4 === 0 ? 'estimate' : 'auto',
      event: events[step % events.length],
      conversation_id: CONVERSATIONS[language][step % 4],
    },
  }));
  writeFileSync(clock, String(readings[0]!.ago));
  process.env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(LATE_CLOCK)}`;
  process.env.LATE_CLOCK = clock;
  const daemon = await startDaemon(data, {}, false);
  process.env.NODE_OPTIONS = '';
  for (const { ago, params } of readings) {
    writeFileSync(clock, String(ago));
    await record(daemon, params);
  }
  writeFileSync(clock, '60000');
  await record(daemon, { tokens: 350_000, event: events[0], conversation_id: CONVERSATIONS[language][0] });
  await daemon.stop();
}

/** A process that begins with this lives as many milliseconds in the past as the file says at each moment. */
const LATE_CLOCK = `
import { readFileSync } from 'node:fs';
const RealDate = Date;
const now = () => RealDate.now() - Number(readFileSync(process.env.LATE_CLOCK, 'utf8'));
globalThis.Date = class extends RealDate {
  constructor(...parts) { parts.length > 0 ? super(...parts) : super(now()); }
  static now() { return now(); }
};
`;

const EVENTS = {
  zh: [
    '完成架构设计',
    '修复登录页面的并发问题',
    '代码评审',
    '编写数据库迁移脚本',
    '重构支付模块',
    '补充单元测试',
    '整理文档',
  ],
  en: [
    'Architecture done',
    'Fixed a race on the login page',
    'Code review',
    'Wrote the migration',
    'Reworked payments',
    'More unit tests',
    'Documents',
  ],
};

const CONVERSATIONS = {
  zh: ['架构-001', '登录-修复', '支付-重构', '文档'],
  en: ['architecture-001', 'login-fix', 'payments', 'documents'],
};

function record(daemon: BenchDaemon, params: object): Promise<unknown> {
  return call(daemon, 'usage.record', params);
}

function call(daemon: BenchDaemon, method: string, params: object): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  return httpRequest(daemon.url, { method: 'POST', path: '/rpc', body });
}

async function enter(page: Page, value: string): Promise<void> {
  await page.getByTestId('sync-open').click();
  await page.getByTestId('sync-value').fill(value);
}

async function loseDaemon(page: Page, daemon: BenchDaemon): Promise<void> {
  await daemon.stop();
  await page.locator('[data-testid=connection][data-state=lost]').waitFor();
}

setup();
const isForReadme = process.argv.includes('--readme');
const place = isForReadme ? join(root, 'docs') : folder;
mkdirSync(place, { recursive: true });
const browser = await launchBrowser();
for (const look of isForReadme ? [README] : LOOKS) await shoot(browser, look, place);
await browser.close();
console.log(place);
