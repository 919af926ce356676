import { join } from 'node:path';
import { spawnSync } from './programs.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Runs the tests of a folder of `test/fixtures` by themselves, in exactly this environment; what they told, without colours. */
export function runFixtures(name: string, env: NodeJS.ProcessEnv): { status: number | null; told: string } {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [vitest, 'run', '--config', `test/fixtures/${name}/vitest.config.ts`],
    { cwd: ROOT, env: { NO_COLOR: '1', ...env }, encoding: 'utf8' },
  );
  return { status, told: stdout + stderr };
}
