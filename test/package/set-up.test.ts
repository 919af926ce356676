import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cleanEnvironment } from '../support/environment.ts';
import { temporaryFolder } from '../support/folders.ts';

import { execFileSync, spawn, spawnSync } from '../support/programs.ts';
import { until } from '../support/until.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');
const DAY_MS = 86_400_000;
const STAMP = 'node_modules/.token-sync-lockfile';
const LINK_TO_NODE = `fs.symlinkSync(process.execPath, 'bin/node')`;

/** As if everything had been built; it needs both kinds of dependencies that can be left out. */
const BUILD = `import 'binding';
import { mkdirSync, writeFileSync } from 'node:fs';
import { buildStampPath, sourcesHash } from './build-stamp.mjs';
mkdirSync('dist', { recursive: true });
writeFileSync(buildStampPath(process.cwd()), sourcesHash(process.cwd()));`;

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

test('the set-up installs dependencies again that have lost their Node', () => {
  const checkout = freshCheckout();
  setUp(checkout);
  rmSync(join(checkout, 'node_modules/node'), { recursive: true });
  rmSync(join(checkout, 'dist'), { recursive: true });
  expect(setUp(checkout)).toMatchObject({ status: 0 });
  expect(existsSync(join(checkout, 'node_modules/node/bin/node'))).toBe(true);
});

test('the set-up tells of dependencies that come without Node, and does not take them for complete', () => {
  const checkout = freshCheckout('');
  const { status, stderr } = setUp(checkout);
  expect(status).toBe(1);
  expect(stderr).toContain('依赖装好了，但缺少');
  expect(stderr).toContain('the dependencies were installed without');
  expect(existsSync(join(checkout, STAMP))).toBe(false);
});

test('the set-up tells the reason why a Node does not start', () => {
  const ofAnotherSystem = `fs.writeFileSync('bin/node', '#!/nowhere/ld-musl.so', { mode: 0o755 })`;
  const { status, stderr } = setUp(freshCheckout(ofAnotherSystem));
  expect(status).toBe(1);
  expect(stderr).toMatch(/bin\/node ENOENT\n.*构建失败，原因见上。\n.*the build failed, for the reason above\.\n$/);
});

test('the set-up leaves a checkout as it is that somebody else has set up', () => {
  const checkout = freshCheckout();
  setUp(checkout);
  chmodSync(join(checkout, '..'), 0o755);
  // Root may do everything, and an owner may date files.
  const before = process.getuid?.() === 0 ? ['setpriv', '--reuid=nobody', '--clear-groups'] : [];
  expect(setUp(checkout, { before })).toEqual({ status: 0, stderr: '' });
});

describe('a lock', () => {
  test.each([
    ['of a process that has ended', { pid: spawnSync('true').pid }],
    ['of a process whose number another one has a year later', { ageMs: 365 * DAY_MS }],
    ['of a process whose number another one has since the machine was started', { ageMs: 60_000, upS: 30 }],
    ['of a process that was killed before it wrote its number', { pid: null, ageMs: 10_000 }],
  ] satisfies [string, Held & { upS?: number }][])(
    'a lock %s is taken over',
    (_, { upS, ...held }: Held & { upS?: number }) => {
      const checkout = freshCheckout();
      makeLock(checkout, held);
      const { status, stderr } = setUp(checkout, { env: upS === undefined ? {} : machineUpFor(upS) });
      expect(status).toBe(0);
      expect(stderr).not.toContain('another set-up');
      expect(existsSync(join(checkout, '.setup-lock'))).toBe(false);
    },
  );

  test('a lock of another set-up is waited for, and the person is told so', async () => {
    const checkout = freshCheckout();
    makeLock(checkout, { pid: process.pid });
    const running = startSetUp(checkout);
    await until(
      () => running.stderr().includes(`another set-up of this folder is running (pid ${process.pid})`),
      'it is told',
    );
    expect(running.stderr()).toContain(`另一个安装正在运行（进程号 ${process.pid}）`);
    expect(running.stderr()).not.toContain('正在安装依赖');
    rmSync(join(checkout, '.setup-lock'), { recursive: true });
    expect(await running.status).toBe(0);
    expect(existsSync(join(checkout, 'dist/.sources'))).toBe(true);
  });
});

interface Held {
  /** This process when absent, none when null. */
  readonly pid?: number | null;
  readonly ageMs?: number;
}

function makeLock(checkout: string, { pid = process.pid, ageMs = 0 }: Held): void {
  const lock = join(checkout, '.setup-lock');
  mkdirSync(lock);
  if (pid !== null) writeFileSync(join(lock, 'pid'), String(pid));
  const made = new Date(Date.now() - ageMs);
  utimesSync(lock, made, made);
}

/** The environment that makes Node believe that the machine was started `seconds` ago. */
function machineUpFor(seconds: number) {
  const code = `import os from 'node:os';
    import { syncBuiltinESMExports } from 'node:module';
    os.uptime = () => ${seconds};
    syncBuiltinESMExports();`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

interface Options {
  readonly npmrc?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The program that starts it, with its arguments. */
  readonly before?: readonly string[];
}

function setUp(checkout: string, options: Options = {}) {
  const [program = '', ...args] = [...(options.before ?? []), process.execPath, join(checkout, 'scripts/setup.mjs')];
  const { status, stderr } = spawnSync(program, args, {
    env: environment(checkout, options),
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stderr };
}

/** As `setUp`, while this process looks on. */
function startSetUp(checkout: string) {
  const child = spawn(process.execPath, [join(checkout, 'scripts/setup.mjs')], {
    env: environment(checkout),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  return { stderr: () => stderr, status: once(child, 'close').then(([code]) => code) };
}

function environment(checkout: string, { npmrc = '', env = {} }: Options = {}) {
  const userconfig = join(checkout, '../npmrc');
  writeFileSync(userconfig, npmrc);
  return { ...cleanEnvironment(), npm_config_userconfig: userconfig, ...env };
}

/** A checkout whose dependencies lie beside it; `putNode` is the script that puts the Node of the project in place. */
function freshCheckout(putNode = LINK_TO_NODE): string {
  const parent = temporaryFolder();
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
