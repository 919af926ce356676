// Bundles the programs into dist/: one file each, because every further file costs a person milliseconds at the start.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { buildDashboard } from './build-dashboard.mjs';
import { buildStampPath, sourcesHash } from './build-stamp.mjs';
import { compileCache } from './compile-cache.mjs';
import { lazyBuiltins } from './lazy-builtins.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const fresh = join(root, 'dist', `.new-${process.pid}`);

/** Left to Node and to node_modules: native code, the large rank tables, packages that only one command loads or that bring programs along. */
const EXTERNAL = [
  /^node:/,
  /^fs-native-extensions\/(prebuilds|binding)/,
  /^js-tiktoken/,
  'clipboardy',
  'csv-parse',
  /^csv-parse\//,
];

const PROGRAMS = [
  { name: 'daemon', input: 'compile-cache:src/daemon/main.ts', platform: 'node' },
  { name: 'estimate-worker', input: 'src/daemon/estimate/worker.ts', platform: 'node' },
  { name: 'history-reader', input: 'src/daemon/queries/reader-worker.ts', platform: 'node' },
  { name: 'history-indexer', input: 'src/daemon/store/index/indexer-worker.ts', platform: 'node' },
  { name: 'meter-reader', input: 'src/daemon/meters/reader/meter-reader.ts', platform: 'node' },
  { name: 'cli', input: 'compile-cache:src/client/cli/main.ts', platform: 'node', banner: '#!/usr/bin/env node' },
  { name: 'sdk', input: 'src/client/sdk/index.ts', platform: 'node' },
  { name: 'sdk-browser', input: 'src/client/sdk/browser.ts', platform: 'browser' },
];

/** What every command loads, and `check` besides: with all that they import one file, without the grammar of values. */
const CORE = [
  'client/cli/arguments',
  'client/cli/calls/daemon-caller',
  'client/cli/command',
  'client/cli/failure',
  'client/cli/find-command',
  'client/cli/main',
  'client/cli/settings',
  'shared/runtime',
  'shared/words/forecast-text',
];

const stamp = sourcesHash(root);
mkdirSync(fresh, { recursive: true });
for (const { name, input, platform, banner } of PROGRAMS) {
  await build({
    cwd: root,
    input: { [name]: input },
    platform,
    plugins: platform === 'node' ? [compileCache, lazyBuiltins] : [],
    external: EXTERNAL,
    logLevel: 'warn',
    // A package for tests brings native helpers of ws along, which would be taken in here.
    transform: {
      // Of the package's oldest Node: what only a later one can parse, such as `using`, is written out.
      target: 'node22.22',
      define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    },
    output: {
      dir: fresh,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: `${name}.[name]-[hash].js`,
      // Code that several commands need is one file, because each costs a start half a millisecond.
      codeSplitting: {
        groups: [
          { name: 'core', test: isCore, priority: 1 },
          { name: 'common', minShareCount: 3 },
        ],
      },
      minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
      comments: false,
      ...(banner && { banner }),
    },
  });
}
await buildDashboard(root, join(fresh, 'dashboard'));
if (process.argv.includes('--types')) emitTypes();
putInPlace();
writeFileSync(buildStampPath(root), stamp);

function isCore(id) {
  return CORE.some((name) => id.replaceAll('\\', '/').endsWith(`/src/${name}.ts`));
}

/** New files first, the entries that name them last; then what no entry names any more. */
function putInPlace() {
  const entries = new Set(PROGRAMS.map(({ name }) => `${name}.js`));
  const made = readdirSync(fresh);
  for (const file of made.toSorted((a, b) => Number(entries.has(a)) - Number(entries.has(b)))) {
    if (file === 'types' || file === 'dashboard') rmSync(join(dist, file), { recursive: true, force: true });
    renameSync(join(fresh, file), join(dist, file));
  }
  chmodSync(join(dist, 'cli.js'), 0o755);
  for (const file of readdirSync(dist)) {
    if (file !== 'types' && !made.includes(file)) rmSync(join(dist, file), { recursive: true, force: true });
  }
}

function emitTypes() {
  const args = [join(root, 'scripts', 'emit-types.ts'), join(fresh, 'types')];
  const run = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
