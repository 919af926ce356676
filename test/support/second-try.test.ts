import { expect, test } from 'vitest';
import { runFixtures } from './run-vitest.ts';

test('a test that fails once fails the run, so that a race is seen', () => {
  const { status, told } = runFixtures('second-try', { ...process.env, CI: '' });
  expect(status).toBe(1);
  expect(told).not.toContain('second try, and');
});

test('in CI it may pass at the second try, and is named', () => {
  const { status, told } = runFixtures('second-try', { ...process.env, CI: 'true' });
  expect(status).toBe(0);
  expect(told).toContain('1 passed only at the second try, and hide a race:');
  expect(told).toMatch(/second-try\.fixture\.ts > passes at the second try\n {4}the first try$/m);
});
