import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cleanEnvironment } from '../client/cli/run-cli.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');
const STAMP = 'node_modules/.token-sync-lockfile';
const LINK_TO_NODE = `fs.symlinkSync(process.execPath, 'bin/node')`;

/** As if everything had been built; it needs both kinds of dependencies that can be left out. */
const BUILD = `import 'binding';
import { mkdirSync, writeFileSync } from 'node:fs';
import { buildStampPath, sourcesHash } from './build-stamp.mjs';
mkdirSync('dist', { recursive: true });
writeFileSync(buildStampPath('.'), sourcesHash('.'));`;

test.each([
  ['nothing special', {}],
  ['NODE_ENV=production', { env: { NODE_ENV: 'production' } }],
  ['omit=dev', { npmrc: 'omit=dev' }],
  ['omit=optional', { npmrc: 'omit=optional' }],
  ['ignore-scripts=true', { npmrc: 'ignore-scripts=true' }],
  ['engine-strict=true', { npmrc: 'engine-strict=true' }],
] satisfies [string, Options][])('a checkout is set up under %s', (_, options) => {
  const checkout = freshCheckout();
  expect(setUp(checkout, options)).toMatchObject({ status: 0 });
  expect(existsSync(join(checkout, 'dist/.sources'))).toBe(true);
  expect(setUp(checkout, options)).toEqual({ status: 0, stderr: '' });
});

test('dependencies that have lost their Node are installed again', () => {
  const checkout = freshCheckout();
  setUp(checkout);
  rmSync(join(checkout, 'node_modules/node'), { recursive: true });
  rmSync(join(checkout, 'dist'), { recursive: true });
  expect(setUp(checkout)).toMatchObject({ status: 0 });
  expect(existsSync(join(checkout, 'node_modules/node/bin/node'))).toBe(true);
});

test('dependencies that come without Node are told of, and are not taken for complete', () => {
  const checkout = freshCheckout('');
  const { status, stderr } = setUp(checkout);
  expect(status).toBe(1);
  expect(stderr).toContain('依赖装好了，但缺少');
  expect(stderr).toContain('the dependencies were installed without');
  expect(existsSync(join(checkout, STAMP))).toBe(false);
});

test('a Node that does not start is told with the reason', () => {
  const ofAnotherSystem = `fs.writeFileSync('bin/node', '#!/nowhere/ld-musl.so', { mode: 0o755 })`;
  const { status, stderr } = setUp(freshCheckout(ofAnotherSystem));
  expect(status).toBe(1);
  expect(stderr).toMatch(/bin\/node ENOENT\n.*构建失败，原因见上。\n.*the build failed, for the reason above\.\n$/);
});

interface Options {
  readonly npmrc?: string;
  readonly env?: Readonly<Record<string, string>>;
}

function setUp(checkout: string, { npmrc = '', env = {} }: Options = {}) {
  const userconfig = join(checkout, '../npmrc');
  writeFileSync(userconfig, npmrc);
  const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'scripts/setup.mjs')], {
    env: { ...cleanEnvironment(), npm_config_userconfig: userconfig, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stderr };
}

/** A checkout whose dependencies lie beside it; `putNode` is the script that puts the Node of the project in place. */
function freshCheckout(putNode = LINK_TO_NODE): string {
  const parent = mkdtempSync(join(tmpdir(), 'token-sync-test-'));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  const checkout = join(parent, 'checkout');
  for (const folder of ['src', 'scripts']) mkdirSync(join(checkout, folder), { recursive: true });
  for (const name of ['setup.mjs', 'build-stamp.mjs']) cpSync(join(SCRIPTS, name), join(checkout, 'scripts', name));
  writeFileSync(join(checkout, 'scripts/build.mjs'), BUILD);
  const node = { name: 'node', version: '1.0.0', scripts: { preinstall: 'node install.js' } };
  pack(parent, 'node', {
    'package.json': JSON.stringify(node),
    'install.js': `const fs = require('node:fs');\nfs.mkdirSync('bin');\n${putNode}`,
  });
  pack(parent, 'binding', { 'package.json': '{"name":"binding","version":"1.0.0"}', 'index.js': '' });
  writeFileSync(
    join(checkout, 'package.json'),
    JSON.stringify({ ...WANTED, allowScripts: { [`file:${parent}/node.tgz`]: true } }),
  );
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify(LOCKFILE));
  return checkout;
}

const WANTED = {
  // The set-up runs on older ones than the package.
  engines: { node: '>=99' },
  devDependencies: { node: 'file:../node.tgz' },
  optionalDependencies: { binding: 'file:../binding.tgz' },
};

const LOCKFILE = {
  lockfileVersion: 3,
  packages: {
    '': WANTED,
    'node_modules/node': { version: '1.0.0', resolved: 'file:../node.tgz', dev: true, hasInstallScript: true },
    'node_modules/binding': { version: '1.0.0', resolved: 'file:../binding.tgz', optional: true },
  },
};

/** A package as the registry would send it. */
function pack(parent: string, name: string, files: Readonly<Record<string, string>>): void {
  const folder = join(parent, name);
  mkdirSync(join(folder, 'package'), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, 'package', path), text);
  execFileSync('tar', ['-czf', `${folder}.tgz`, '-C', folder, 'package']);
}
