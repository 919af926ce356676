import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const SDK = join(import.meta.dirname, '../../../src/client/sdk');

/** The packages that are loaded with a file and whatever it imports, and the files; types and late imports are not. */
function loadedWith(entry: string): { packages: Set<string>; files: Set<string> } {
  const packages = new Set<string>();
  const files = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const specifier of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
      else packages.add(specifier);
    }
  };
  visit(join(SDK, entry));
  return { packages, files };
}

function importsOf(text: string): string[] {
  const statements = text.matchAll(/^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)';/gm);
  const builtins = text.matchAll(/getBuiltinModule\('([^']+)'\)/g);
  return [...statements, ...builtins].map(([, specifier]) => specifier!);
}

describe('the SDK', () => {
  test('loads nothing of Node, not ws and not the schemas in a browser', () => {
    const { packages } = loadedWith('browser.ts');
    expect([...packages].sort()).toEqual(['json-rpc-2.0', 'ulid']);
  });

  test('loads node:net and no package for one call of the command line', () => {
    expect([...loadedWith('daemon/http-call.ts').packages]).toEqual(['node:net']);
    const { packages, files } = loadedWith('daemon/daemon-finder.ts');
    expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual([]);
    expect(files).not.toContain(join(SDK, 'daemon/daemon-starter.ts'));
  });

  test('loads ws, node:net and node:fs in Node, which this check sees', () => {
    expect([...loadedWith('index.ts').packages]).toEqual(expect.arrayContaining(['ws', 'node:net', 'node:fs']));
  });
});
