import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../../../src/client/cli/version.ts';
import { EMPTY, usageOf } from '../../../src/daemon/rules/snapshot.ts';
import { startDaemon } from '../../support/daemon.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { type Answers, serveStub, stubInfo } from '../../support/json-rpc-stub.ts';
import { runCli, runJson } from '../../support/run-cli.ts';
import { metersAt, tokens } from '../../support/told-meters.ts';

/** A folder whose daemon is a stand-in that tells of tools which this machine has not. */
async function folderWith(answers: Answers): Promise<string> {
  const folder = temporaryFolder();
  const stub = await serveStub({
    'daemon.info': () => ({ ...stubInfo(), version: VERSION, data_dir: folder, url: 'http://127.0.0.1' }),
    ...answers,
  });
  writeFileSync(join(folder, 'daemon.json'), JSON.stringify(stub.file(folder)));
  return folder;
}

test('meters tells what the daemon tells, as text and as one object', async () => {
  const told = metersAt(Date.now());
  const folder = await folderWith({ 'meters.get': () => told });
  const { code, stdout, stderr } = await runCli(['meters', '--lang', 'en'], { folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('claude.5h: 57% used');
  expect((await runJson(['meters'], { folder })).json).toEqual({ success: true, ...told });
});

test('meters --by asks for sums of local days, and shows them as a table', async () => {
  const asked: unknown[] = [];
  const stats = { rows: [{ day: '2026-11-20', tokens, calls: 3 }], unpriced: [] };
  const folder = await folderWith({
    'meters.stats': (params) => {
      asked.push(params);
      return stats;
    },
  });
  const env = { TZ: 'Asia/Shanghai' };
  const { stdout } = await runCli(['meters', '--by', 'day', '--lang', 'en'], { folder, env });
  expect(stdout).toMatch(/^Day .*\n2026-11-20 +1,000,000 /);
  expect((await runJson(['meters', '--by', 'model'], { folder, env })).json).toEqual({ success: true, ...stats });
  const time_zone = 'Asia/Shanghai';
  expect(asked).toEqual([
    { by: ['day'], time_zone },
    { by: ['model'], time_zone },
  ]);
});

test('meters --by with a word that is none names those that are', async () => {
  const { code, stderr } = await runCli(['meters', '--by', 'hour', '--lang', 'en'], { folder: temporaryFolder() });
  expect(code).toBe(2);
  expect(stderr).toContain('known values: tool, model, project, day');
});

test('the meters of a real daemon are told, with each source that it knows', async () => {
  const daemon = await startDaemon();
  const [told, { json }] = await Promise.all([daemon.rpc('meters.get'), runJson(['meters'], daemon)]);
  expect(json).toMatchObject({ success: true, epoch: told.epoch, sources: told.sources });
  const { code, stdout } = await runCli(['meters', '--lang', 'zh'], daemon);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^📟 实时用量\n/);
});

const usage = usageOf({ ...EMPTY, used: 350_000, total: 700_000 }, '0:00000000');
const forecast = { tokens_per_day: 0, exhausts_at: null, basis_days: 0, reason: 'no_usage' };
const figures = {
  'usage.get': () => usage,
  'usage.forecast': () => forecast,
  'usage.estimate_accuracy': () => ({ comparisons: 0, error_percent: null }),
};

test('status shows a line for each meter after its own lines, and none where there are no meters', async () => {
  const told = metersAt(Date.now());
  const [folder, without] = await Promise.all([
    folderWith({ ...figures, 'meters.get': () => told }),
    folderWith({ ...figures, 'meters.get': () => ({ ...told, meters: [] }) }),
  ]);
  const plain = await runCli(['status', '--lang', 'zh'], { folder: without });
  const { stdout } = await runCli(['status', '--lang', 'zh'], { folder });
  expect(plain.stdout.split('\n')).toHaveLength(9);
  expect(stdout.startsWith(plain.stdout)).toBe(true);
  expect(stdout.slice(plain.stdout.length)).toMatch(
    /^ {3}claude: fresh 1,000,000 .*\n {3}claude\.5h: 已用 57%.*\n {3}cursor\.context: 84,000 .*\n$/,
  );
  expect((await runJson(['status'], { folder })).json.meters).toEqual(told.meters);
  expect((await runJson(['status'], { folder: without })).json).not.toHaveProperty('meters');
});

test('doctor names a source that is degraded with the reason and the way out, and what is read where', async () => {
  const folder = await folderWith({ 'meters.get': () => metersAt(Date.now()) });
  const { json } = await runJson(['doctor', '--lang', 'en'], { folder, env: { HOME: temporaryFolder() } });
  const told = json.checks.filter(({ name }: { name: string }) => name.startsWith('source'));
  expect(told).toEqual([
    {
      name: 'source:cursor',
      ok: false,
      text: expect.stringMatching(/^Cursor: degraded since .*, state\.vscdb has no table cursorDiskKV; read only: \//),
      hint: 'update token-sync',
    },
    { name: 'source:claude', ok: true, text: 'Claude Code: live; read only: /home/me/.claude/projects' },
    { name: 'sources', ok: true, text: 'not read: Codex, Qwen Code, Kimi CLI (not found here, or switched off)' },
  ]);
});
