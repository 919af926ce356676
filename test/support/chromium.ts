import { type Browser, chromium } from 'playwright-core';
import { has, needs } from './needs.ts';

/** Whether there is a browser at all. */
export function hasBrowser(): boolean {
  return process.env.CHROMIUM !== undefined || has('chromium');
}

/** Debian's browser, or what `CHROMIUM` names, which looks for no updates. */
export function launchBrowser(moreArgs: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? needs('chromium'),
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...moreArgs,
    ],
  });
}
