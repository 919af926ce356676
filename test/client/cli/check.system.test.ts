import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startDaemon, type TestDaemon } from '../../support/daemon.ts';
import { freshFolder } from '../../support/folders.ts';
import { CLI, runCli, runJson } from '../../support/run-cli.ts';

const DAY_MS = 86_400_000;

/** A daemon whose budget resets in ten days, with as much used on each of the last twenty days. */
async function withPace(tokensPerDay: number, total: number): Promise<TestDaemon> {
  const end = new Date(Date.now() + 9 * DAY_MS);
  const last = [end.getFullYear(), end.getMonth() + 1, end.getDate()].map((part) => String(part).padStart(2, '0'));
  const daemon = await startDaemon({ config: { budget: { period: last.join('-') } } });
  const sessions = Array.from({ length: 20 }, (_, day) => ({
    tokens: tokensPerDay,
    timestamp: new Date(Date.now() - (20 - day) * DAY_MS).toISOString(),
  }));
  await daemon.rpc('usage.import', { sessions });
  await daemon.rpc('usage.record', { tokens: 1, sync_type: 'auto' });
  await daemon.rpc('usage.set_total', { total });
  return daemon;
}

describe('with a daemon', () => {
  test('check ends with 7 above the share, and with 0 within it', async () => {
    const daemon = await startDaemon();
    await daemon.rpc('usage.set_total', { total: 1_000_000 });
    await daemon.rpc('usage.record', { tokens: 350_000 });
    const at = { folder: daemon.folder };
    expect(await runCli(['check', '--lang', 'zh'], at)).toEqual({
      code: 0,
      stdout: '✅ 已使用 35%，未超过 100%\n',
      stderr: '',
    });
    expect(await runCli(['check', '--max', '30', '--lang', 'en'], at)).toEqual({
      code: 7,
      stdout: '❌ 35% is used, which is over 30%\n',
      stderr: '',
    });
    expect(await runJson(['check', '--max', '30'], at)).toEqual({
      code: 7,
      json: { success: false, used: 350_000, total: 1_000_000, percent: 35, max: 30 },
    });
  });

  test.each([
    ['not last', 10_000, 250_000, 7, 'short'],
    ['last', 10_000, 2_000_000, 0, 'lasts'],
  ])(
    'check --lasts of a budget that will %s at %i a day of %i ends with %i',
    async (_, perDay, total, code, verdict) => {
      const { folder } = await withPace(perDay, total);
      expect(await runJson(['check', '--lasts'], { folder })).toMatchObject({
        code,
        json: { success: code === 0, verdict },
      });
      expect((await runCli(['check', '--lasts'], { folder })).code).toBe(code);
    },
  );

  test('check --lasts that cannot know it ends with 0 and a line on standard error', async () => {
    const { folder } = await startDaemon();
    const { code, stdout, stderr } = await runCli(['check', '--lasts', '--lang', 'en'], { folder });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '✅ 0% is used, which is within 100%\n' });
    expect(stderr.match(/\n/g)).toHaveLength(1);
    expect(stderr).toContain('not known');
  });

  test('check --lasts of the room in a conversation ends with 2 and its reason, and check --max goes on', async () => {
    const { folder } = await startDaemon({ config: { budget: { kind: 'context' } } });
    const { code, stdout, stderr } = await runCli(['check', '--lasts', '--lang', 'en'], { folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('one conversation');
    expect((await runCli(['check', '--max', '50'], { folder })).code).toBe(0);
  });

  test('check shows its token to a daemon that asks for it', async () => {
    const { folder } = await startDaemon({ args: ['--auth', 'token'] });
    expect(await runJson(['check', '--lasts'], { folder })).toMatchObject({ code: 0, json: { success: true } });
  });

  test('check gives a silent daemon up after two seconds', async () => {
    const daemon = await startDaemon();
    daemon.process.kill('SIGSTOP');
    const { code, json } = await runJson(['check'], { folder: daemon.folder });
    expect({ code, json }).toMatchObject({ code: 5, json: { success: false, kind: 'unreachable' } });
    expect(json.error).toMatch(/ 2 s$/);
  });
});

test.each([[[]], [['--no-spawn']]])('check %j where no daemon runs ends with 5 and starts none', async (flags) => {
  const folder = freshFolder();
  expect(await runJson(['check', '--max', '50', ...flags], { folder })).toMatchObject({
    code: 5,
    json: { success: false, kind: 'unreachable', hint: expect.stringContaining('token-sync start') },
  });
  expect(existsSync(folder)).toBe(false);
});

test('check loads what every command loads and its own file, for it is waited for at each prompt', () => {
  const dist = dirname(CLI);
  const importsOf = (name: string) => {
    const [file = ''] = globSync(name, { cwd: dist });
    return [
      ...readFileSync(join(dist, file), 'utf8').matchAll(/(?:from|import)"\.\/(cli\.[\w-]+?)-[\w-]{8}\.js"/g),
    ].map(([, from]) => from);
  };
  expect(importsOf('cli.check-*.js')).toEqual(['cli.core']);
  expect(importsOf('cli.main-*.js')).toEqual(['cli.core']);
  expect(importsOf('cli.core-*.js')).toEqual([]);
});
