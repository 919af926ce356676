import { globSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from './folders.ts';
import { locate, packagesOf, toolsOf } from './needs.ts';
import { runFixtures } from './run-vitest.ts';

const ROOT = join(import.meta.dirname, '../..');

describe('where the tools are missing', () => {
  test('tests that ask for a missing tool are skipped, and the run tells the tools with their packages', () => {
    const { status, told } = runWithoutTools({});
    expect(status).toBe(0);
    expect(told).toMatch(/Tests +1 passed \| 4 skipped/);
    expect(told).toMatch(/^ {2}Xvfb +xvfb +3$/m);
    expect(told).toMatch(/^ {2}xclip +xclip +1$/m);
    expect(told).toMatch(/^ {2}tar +tar +1$/m);
    expect(told).toMatch(/apt-get install tar xclip xvfb$/m);
  });

  test('a run in CI fails where a tool is missing', () => {
    const { status, told } = runWithoutTools({ CI: 'true' });
    expect(status).toBe(1);
    expect(told).toContain('4 of them should have run here');
  });
});

describe('a program that a test starts', () => {
  test.each(['node', 'sh', process.execPath, join(ROOT, 'scripts/token-sync'), join(tmpdir(), 'a-test/hook')])(
    'may be %s',
    (program) => {
      expect(locate(program)).toBe(program);
    },
  );

  test.each(['nonesuch', '/usr/bin/python3', '/bin/sh', './curl'])(
    'must not be %s, which nobody has asked for',
    (program) => {
      expect(() => locate(program)).toThrow('system-tools.json');
    },
  );
});

/** Not written out where this file itself would be found. */
const MODULE = ['child', 'process'].join('_');

describe('no file of the tests', () => {
  const STARTS = /(?:from|import|require|getBuiltinModule)\s*\(?\s*['"`](?:node:)?child_process['"`]/;
  const files = globSync('test/**/*.{ts,mjs,js}', { cwd: ROOT });

  test('no file of the tests starts a program in another way than by `programs.ts`', () => {
    const others = files.filter((file) => STARTS.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(others.toSorted()).toEqual(['test/support/needs.ts', 'test/support/programs.ts']);
  });

  test.each([
    `import { spawn } from 'node:${MODULE}';`,
    `import * as system from "${MODULE}"`,
    `const { spawn } = await import('node:${MODULE}');`,
    `const { spawn } = require('${MODULE}');`,
    `process.getBuiltinModule('node:${MODULE}')`,
  ])('a program started in another way is seen: %s', (text) => {
    expect(text).toMatch(STARTS);
  });
});

describe('the README', () => {
  test.each(['README.md', 'README.zh-CN.md'])('the README names what the tests of npm test need (%s)', (name) => {
    const [, line = ''] = /^sudo apt-get install (.*)$/m.exec(readFileSync(join(ROOT, name), 'utf8')) ?? [];
    expect(line.split(' ')).toEqual(packagesOf(toolsOf('npm test')));
  });
});

/** Runs tests that need tools on a PATH with Node alone. */
function runWithoutTools(env: Readonly<Record<string, string>>): { status: number | null; told: string } {
  const folder = temporaryFolder();
  symlinkSync(process.execPath, join(folder, 'node'));
  return runFixtures('needs', { PATH: folder, ...env });
}
