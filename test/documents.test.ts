import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

it('has PROTOCOL.md in step with the schemas that validate', () => {
  const run = spawnSync(process.execPath, ['scripts/write-protocol-docs.ts', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});

it('has both READMEs in step: headings, tables and commands', () => {
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
