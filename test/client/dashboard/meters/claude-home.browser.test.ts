import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { makeClaudeHome } from '../../../../bench/meters/claude-home.ts';
import type { Truth } from '../../../../bench/meters/truth.ts';
import { openDashboard, useBrowser } from '../../../support/browser.ts';
import { startDaemon } from '../../../support/daemon.ts';
import { temporaryFolder } from '../../../support/folders.ts';

const browser = useBrowser();

test('the page shows what the transcripts of a Claude Code home hold, and each line that is added, over a restart of the daemon', async () => {
  const home = temporaryFolder();
  const { truth } = makeClaudeHome(home, 7, { sessions: 3, nowMs: Date.now() });
  const env = { HOME: home, XDG_CONFIG_HOME: join(home, '.config'), TOKEN_SYNC_METERS_SOURCES: 'auto' };
  const daemon = await startDaemon({ env });
  const page = await openDashboard(browser(), daemon.url, { language: 'en' });
  const row = page.locator('[data-testid=meter-row][data-meter=claude]');
  const shows = (fresh: number) => row.filter({ hasText: `fresh ${fresh.toLocaleString('en-US')}` }).waitFor();
  const before = freshOf(truth);
  expect(before).toBeGreaterThan(1_000);
  await shows(before);
  expect(await row.textContent()).toMatch(/exact/);

  const transcript = join(home, '.claude/projects/-home-me-web/added.jsonl');
  mkdirSync(dirname(transcript), { recursive: true });
  appendFileSync(transcript, answerLine('m1', 1_000));
  await shows(before + 1_000);
  appendFileSync(transcript, answerLine('m1', 1_000) + answerLine('m2', 500));
  await shows(before + 1_500);

  const port = Number(new URL(daemon.url).port);
  await daemon.stop();
  await page.locator('[data-testid=connection][data-state=lost]').waitFor();
  appendFileSync(transcript, answerLine('m3', 250));
  await startDaemon({ folder: daemon.folder, port, env });
  await shows(before + 1_750);
});

/** The tokens of the home that came from no cache, as its generator counted them. */
function freshOf(truth: Truth): number {
  const { input, cache_write, output } = truth.by('meter').get('["claude"]')!;
  return input + cache_write + output;
}

/** A line of a transcript that tells of so many tokens of output. */
function answerLine(id: string, output_tokens: number): string {
  const usage = { input_tokens: 0, output_tokens };
  const message = { id, type: 'message', role: 'assistant', model: 'claude-opus-4-6', usage };
  const timestamp = new Date().toISOString();
  return `${JSON.stringify({ type: 'assistant', sessionId: 's1', cwd: '/home/me/web', timestamp, uuid: `u-${id}`, message })}\n`;
}
