import { copyFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../support/daemon.ts';
import { runCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';

const STATE_FILE = 'architect_monitor.json';

function markOf(daemon: TestDaemon): string {
  return JSON.parse(daemon.read(STATE_FILE)).token_usage.mark;
}

test('an older copy that is put back is kept and told, and `restore` goes back to it', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 100_000, id: 'a' });
  const edited = { ...daemon.state(), status: { text: 'then', done: '#1.0#' } };
  writeFileSync(daemon.path(STATE_FILE), JSON.stringify(edited, undefined, 2).replace('"#1.0#"', '1.0'));
  await until(() => markOf(daemon).startsWith('2:'), 'the edit is adopted');
  copyFileSync(daemon.path(STATE_FILE), daemon.path('backup.json'));
  const later = { ...daemon.state(), status: { text: 'now' }, newer: true };
  writeFileSync(daemon.path(STATE_FILE), JSON.stringify(later, undefined, 2));
  await until(() => markOf(daemon).startsWith('3:'), 'the later edit is adopted');
  await daemon.rpc('usage.record', { tokens: 5_000, id: 'b', sync_type: 'auto' });
  await daemon.rpc('usage.set_total', { total: 2_000_000 });

  copyFileSync(daemon.path('backup.json'), daemon.path(STATE_FILE));
  await until(() => daemon.state().token_usage.used === 105_000, 'the latest is back in place');
  const { warnings } = await daemon.rpc('daemon.info');
  expect(warnings.map(({ code }: { code: string }) => code)).toEqual(['state_file_older']);

  const run = await runCli(['restore', daemon.path('backup.json'), '--lang', 'en'], { folder: daemon.folder });
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('✅ Restored: 100,000 / 1,000,000 (10.0%)') });
  expect(daemon.state()).toMatchObject({
    status: { text: 'then', done: 1 },
    newer: true,
    token_usage: { used: 100_000 },
  });
  expect(daemon.read(STATE_FILE)).toContain('"done": 1.0');
  const [newest, ...others] = daemon.state().token_usage.sessions;
  expect(newest).toMatchObject({ sync_type: 'correction', tokens: -5_000, event: 'Restored from a copy' });
  expect(others.map(({ id }) => id)).toEqual(['b', 'a']);
});

test.each([
  ['is no JSON', 'x'],
  ['is no state file', '{"used": 5}'],
  ['has a figure that is none', '{"token_usage":{"used":"5"}}'],
])('a copy that %s is refused with a word on what to choose, and nothing is recorded', async (_, content) => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 7, id: 'a' });
  const refused = await runCli(['restore', '-', '--lang', 'zh'], { folder: daemon.folder, input: content });

  expect(refused).toMatchObject({ code: 3, stdout: '' });
  expect(refused.stderr).toContain('architect_monitor.older-');
  expect(await daemon.rpc('usage.get')).toMatchObject({ used: 7, revision: 1 });
});

test('a copy in another encoding is read as what it says, and one that nobody can read is refused', async () => {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: 7, id: 'a' });
  const copy = JSON.stringify({ status: '完成', token_usage: { used: 5, total: 1_000_000, sessions: [] } });
  const restored = (input: Uint8Array) => runCli(['restore', '-'], { folder: daemon.folder, input });

  const latin1 = Buffer.from(copy.replace('完成', 'terminé'), 'latin1');
  expect(await restored(latin1)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the encoding of the file'),
  });
  expect(await daemon.rpc('usage.get')).toMatchObject({ used: 7, revision: 1 });
  expect((await restored(Buffer.from(`\uFEFF${copy}`, 'utf16le'))).code).toBe(0);
  expect(daemon.state()).toMatchObject({ status: '完成', token_usage: { used: 5 } });
});
