import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spawnSync } from './programs.ts';

const ROOT = join(import.meta.dirname, '../..');

test('a test that fails once fails the run, so that a race is seen', () => {
  const { status, told } = runFixture({ CI: '' });
  expect(status).toBe(1);
  expect(told).not.toContain('second try, and');
});

test('in CI it may pass at the second try, and is named', () => {
  const { status, told } = runFixture({ CI: 'true' });
  expect(status).toBe(0);
  expect(told).toContain('1 passed only at the second try, and hide a race:');
  expect(told).toMatch(/second-try\.fixture\.ts > passes at the second try\n {4}the first try$/m);
});

function runFixture(env: Readonly<Record<string, string>>): { status: number | null; told: string } {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const config = 'test/fixtures/second-try/vitest.config.ts';
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--config', config], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  return { status, told: stdout + stderr };
}
