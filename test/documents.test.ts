import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, test } from 'vitest';
import { startDaemon } from './support/daemon.ts';
import { spawnSync } from './support/programs.ts';
import { until } from './support/until.ts';

const root = join(import.meta.dirname, '..');

test('has PROTOCOL.md in step with the schemas that validate', () => {
  const run = spawnSync(process.execPath, ['scripts/write-protocol-docs.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});

test('has both READMEs in step: headings, tables and commands', () => {
  const shape = (name: string) => {
    const lines = readFileSync(join(root, name), 'utf8').split('\n');
    return {
      headings: lines.filter((line) => line.startsWith('#')).map((line) => line.replace(/[^#].*/, '')),
      rows: lines.filter((line) => line.startsWith('|')).length,
      commands: lines
        .filter((line) => /^(?:scripts\/token-sync|npm)\b/.test(line))
        .map((line) => line.replace(/ ".*"/, '')),
    };
  };
  expect(shape('README.zh-CN.md')).toEqual(shape('README.md'));
});

test('has everything that a data folder holds in the README', async () => {
  const daemon = await startDaemon({ config: {}, args: ['--auth', 'token'] });
  const headers = { authorization: `Bearer ${daemon.read('token').trim()}` };
  await daemon.rpc('usage.set_total', { total: 1_000_000 }, headers);
  await daemon.post('/api/record_token_usage', { tokens: 850_000 }, headers);
  daemon.write('architect_monitor.json', '[]');
  // But for what is on its way to another name.
  const names = () => readdirSync(daemon.folder).filter((name) => !name.endsWith('.token-sync'));
  await until(
    () => names().includes('alerts.json') && names().some((name) => name.includes('.invalid-')),
    'it has alerted, and has set the edit aside',
  );
  const [, section = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('The data folder holds:');
  const listed = [...section.matchAll(/^\| `([^`]+?)\/?` \|/gm)].map(([, name]) => name!);
  expect(names().filter((name) => !listed.some((pattern) => matchesGlob(name, pattern)))).toEqual([]);
});
