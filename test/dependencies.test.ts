import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', name), 'utf8');
const manifest = JSON.parse(read('package.json'));
const lock: Record<string, { version?: string; integrity?: string; resolved?: string; dev?: boolean }> = JSON.parse(
  read('package-lock.json'),
).packages;

describe('what we are built on', () => {
  test('the program is built on at most twelve packages, each with its reason in docs/dependencies.md', () => {
    const told = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \| [^|]+ \| [^|]{20,} \|$/gm)].map(
      ([, name]) => name,
    );
    expect(told).toEqual(Object.keys(manifest.dependencies));
    expect(told.length).toBeLessThanOrEqual(12);
  });

  test('every dependency has an exact version, the same in the lockfile, with a checksum', () => {
    const direct = { ...manifest.dependencies, ...manifest.devDependencies };
    for (const [name, version] of Object.entries(direct)) {
      expect([name, version]).toEqual([name, lock[`node_modules/${name}`]?.version]);
    }
    const others = Object.entries(lock).filter(([path]) => path !== '');
    expect(others.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
    expect(others.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test('the package runs no script of ours when it is installed', () => {
    const hooks = Object.keys(manifest.scripts).filter((name) =>
      /^(?:pre|post)?install$|^prepare$|^preprepare$/.test(name),
    );
    expect(hooks).toEqual([]);
  });

  test("the bundles leave out the native helpers that other packages' test clients bring along", () => {
    for (const name of ['daemon', 'cli', 'sdk']) expect(read(`dist/${name}.js`)).not.toContain('node-gyp-build');
  });
});
