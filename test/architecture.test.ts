import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  codeOf,
  doubleNames,
  fullFolders,
  type House,
  importCircles,
  longFiles,
  MOST_FILES,
  MOST_LINES,
  packagesOf,
  readHouse,
  unopenedFolders,
  wrongImports,
} from './house.ts';

const house = readHouse();
const sources = codeOf(house);

const WRITES = /\bprocess\.(?:stdout|stderr)\b|^\s*(?!\*).*\bconsole[.[]|\bprocess\.emitWarning\b|\/dev\/(?:tty|std)/m;

const PRINTERS = [
  'src/client/cli/show/output.ts',
  // Hands the terminal to the editor of lines; what it asks is visible text.
  'src/client/cli/input/prompts.ts',
  // Warns as Node's libraries do, in visible text.
  'src/client/sdk/index.ts',
  // Leaves out one warning of Node.
  'src/daemon/disk/quiet-sqlite.ts',
  'src/daemon/process/output.ts',
  // Writes to the daemon, by a pipe.
  'src/daemon/estimate/worker.ts',
];

/** A house in which nothing is wrong, and what a case puts into it. */
function houseWith(files: Readonly<Record<string, string>>): House {
  return new Map(
    Object.entries({
      'src/protocol/README.md': '# protocol\n\nWords.\n\nMay import: nothing.\n\nNot here: deeds.\n',
      'src/protocol/word.ts': 'export const word = 1;\n',
      'src/daemon/README.md': '# daemon\n\nDeeds.\n\nMay import: `protocol`.\n\nNot here: words.\n',
      'src/daemon/main.ts': "import { word } from '../protocol/word.ts';\n",
      ...files,
    }),
  );
}

describe('every folder of the sources', () => {
  test('every folder opens with a README that says what it is, what it may import and what is not there', () => {
    expect(unopenedFolders(house)).toEqual([]);
  });

  test('every folder imports exactly what its README allows', () => {
    expect(wrongImports(house)).toEqual([]);
  });

  test(`every folder holds at most ${MOST_FILES} files at one level`, () => {
    expect(fullFolders(house)).toEqual([]);
  });

  test('clients and daemon never import each other, and the folders that both import import neither', () => {
    const sides = [...house].filter(([file]) => file.endsWith('README.md'));
    const permissions = sides.flatMap(([file, text]) =>
      [...(/^May import: .*/m.exec(text)?.[0] ?? '').matchAll(/`(\w+)/g)].map(
        ([, side]) => `${file.split('/')[1]} → ${side}`,
      ),
    );
    expect(new Set(permissions)).not.toContain('daemon → client');
    expect(new Set(permissions)).not.toContain('client → daemon');
    expect(permissions.filter((permission) => /^(?:protocol|shared) → (?:daemon|client)/.test(permission))).toEqual([]);
    expect(permissions.filter((permission) => /^protocol → shared/.test(permission))).toEqual([]);
  });
});

describe('the sources', () => {
  test('no files import each other in a circle, types included', () => {
    expect(importCircles(house)).toEqual([]);
  });

  test(`no file but the contract’s table has more than ${MOST_LINES} lines`, () => {
    expect(longFiles(house)).toEqual([]);
  });

  test('a place that a source names relative to itself is there', () => {
    const root = dirname(import.meta.dirname);
    const named = sources.flatMap((file) =>
      [...house.get(file)!.matchAll(/endsWith\('\.ts'\) \? '(\.[^']+)'/g)].map(([, place]) =>
        join(dirname(file), place!),
      ),
    );
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((place) => !existsSync(join(root, place)))).toEqual([]);
  });

  test('the daemon uses each file name once', () => {
    expect(doubleNames(house)).toEqual([]);
  });

  test('the protocol uses no package but zod, shared code none, and only shared/node uses Node', () => {
    const packages = sources
      .filter((file) => /^src\/(?:protocol|shared)\//.test(file))
      .flatMap((file) => packagesOf(house, file).map((name) => `${file} → ${name}`));
    expect(
      packages.filter((line) => !/^src\/protocol\/.*→ zod\/mini$|^src\/shared\/node\/.*→ node:/.test(line)),
    ).toEqual([]);
  });

  test('only entries read the environment and end the process', () => {
    const readers = sources.filter((file) => /process\.env\b/.test(house.get(file)!));
    const enders = sources.filter((file) => /process\.exit\(/.test(house.get(file)!));
    expect(readers.filter((file) => !/(?:main|config|environment|settings)\.ts$/.test(file))).toEqual([]);
    expect(enders.filter((file) => !/main\.ts$/.test(file))).toEqual([]);
  });

  test("only the printers write to a terminal, and only the log's file to a log", () => {
    const writers = sources.filter((file) => WRITES.test(house.get(file)!));
    expect(writers.filter((file) => !PRINTERS.includes(file))).toEqual([]);
    expect(PRINTERS.filter((file) => !writers.includes(file))).toEqual([]);
    expect(house.get('src/daemon/process/log.ts')).toContain('writeSync(this.#fd, visibleText(line))');
  });
});

describe('these checks', () => {
  test('the checks find nothing wrong in a house that is in order', () => {
    const small = houseWith({});
    const checks = [unopenedFolders, wrongImports, fullFolders, importCircles, longFiles, doubleNames];
    expect(checks.map((check) => check(small).length)).toEqual(checks.map(() => 0));
  });

  test('the checks find an import that is not allowed, of types too, and a permission that nobody uses', () => {
    const small = houseWith({
      'src/protocol/word.ts': "import type { deed } from '../daemon/main.ts';\n",
      'src/daemon/main.ts': '',
    });
    expect(wrongImports(small)).toEqual([
      'src/protocol/word.ts → src/daemon/main.ts',
      'src/daemon does not import protocol',
    ]);
  });

  test('the checks find a folder that does not say what it is', () => {
    const small = houseWith({ 'src/daemon/README.md': '# daemon\n\nMay import: `protocol`.\n' });
    expect(unopenedFolders(small)).toEqual(['src/daemon']);
  });

  test('the checks find a circle over three files', () => {
    const small = houseWith({
      'src/daemon/a.ts': "import type { B } from './b.ts';\n",
      'src/daemon/b.ts': "const c = await import('./c.ts');\n",
      'src/daemon/c.ts': "export { a } from './a.ts';\n",
    });
    expect(importCircles(small)).toEqual([['src/daemon/a.ts', 'src/daemon/b.ts', 'src/daemon/c.ts']]);
  });

  test('the checks find a file of one line too many, a folder of one file too many, and a name that is used twice', () => {
    const crowd = Object.fromEntries(Array.from({ length: MOST_FILES }, (_, index) => [`src/daemon/f${index}.ts`, '']));
    const small = houseWith({
      ...crowd,
      'src/daemon/disk/main.ts': '\n'.repeat(MOST_LINES + 1),
      'src/daemon/disk/most.ts': '\n'.repeat(MOST_LINES),
    });
    expect(longFiles(small)).toEqual(['src/daemon/disk/main.ts']);
    expect(fullFolders(small)).toEqual(['src/daemon']);
    expect(doubleNames(small)).toEqual(['main.ts']);
  });
});
