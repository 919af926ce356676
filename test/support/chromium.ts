import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const root = join(import.meta.dirname, '../..');

/** Where the browser is, unless `CHROMIUM` says otherwise. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Debian's browser, which looks for no updates. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Brings dist/ in step with the sources, as `npm test` does before it begins. */
export function buildDashboard(): void {
  const run = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs')], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
}
