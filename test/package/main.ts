// What a person gets who installs the package: packed, installed into a clean folder, run on each Node, and looked at by
// the tools that know how packages go wrong.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const NODES = ['22', '24', '26'];

/** Too old even for the set-up script. */
const OLD_NODE = '18';
const PUBLINT = 'publint@0.3.25';
const ATTW = '@arethetypeswrong/cli@0.18.5';

/** All of the package with everything it brings along; more is a surprise for whoever installs it. */
const MOST_MEBIBYTES = 60;

const work = mkdtempSync(join(tmpdir(), 'token-sync-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

const [{ filename, size, files }] = JSON.parse(
  run('npm', ['pack', '--json', '--silent', '--pack-destination', work], ROOT),
);
const tarball = join(work, filename);
console.log(`${filename}: ${Math.round(size / 1_024)} KiB, ${files.length} files`);
const strangers = files.filter(
  ({ path }: { path: string }) => !/^(?:dist\/|[A-Z][\w.-]*\.md$|LICENSE$|package\.json$)/.test(path),
);
check('holds what is meant to be in it alone', strangers.length === 0, JSON.stringify(strangers));

for (const version of NODES) runOnNode(version);
checkTypes();
run('npx', ['-y', PUBLINT, 'run', '--strict', tarball], work);
console.log('✓ publint finds nothing');
run('npx', ['-y', ATTW, tarball, '--profile', 'esm-only'], work);
console.log('✓ attw finds nothing');
refusesOldNode();

/** The command line and the SDK, as the README shows them. */
function runOnNode(version: string): void {
  const node = fetchNode(version);
  const folder = join(work, `on-${version}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{"name":"user","private":true,"type":"module"}');
  const env = {
    PATH: `${dirname(node)}:${process.env.PATH}`,
    TOKEN_SYNC_DATA: join(folder, 'data'),
    TOKEN_SYNC_LANG: 'en',
    TOKEN_SYNC_PORT: '0',
    TOKEN_SYNC_ALERTS_DESKTOP: 'false',
  };
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball], folder, env);
  check(
    `Node ${version} is the one that runs`,
    run('node', ['-p', 'process.versions.node'], folder, env).startsWith(`${version}.`),
  );
  try {
    const status = run('npx', ['--no-install', 'token-sync', 'status'], folder, env);
    check(`npx token-sync status on Node ${version}`, status.includes('Used: 0 tokens'), status);
    const script = `import { TokenSyncManager } from 'token-sync';
      const manager = new TokenSyncManager();
      const { total_used } = await manager.quickRecord('350,000 tokens used');
      console.log(total_used, await manager.estimateTokens('hello world'));
      await manager.close();`;
    const said = run('node', ['--input-type=module', '-e', script], folder, env);
    check(`the SDK on Node ${version}`, said.startsWith('350000 '), said);
    const doctor = run('npx', ['--no-install', 'token-sync', 'status', '--json'], folder, env);
    check(`no warning on Node ${version}`, JSON.parse(doctor).warnings.length === 0, doctor);
  } finally {
    run('npx', ['--no-install', 'token-sync', 'stop'], folder, env);
  }
  const mebibytes = Number(run('du', ['-sm', 'node_modules'], folder).split('\t')[0]);
  check(`installed it takes ${mebibytes} MiB`, mebibytes <= MOST_MEBIBYTES);
}

/** In the two ways that programs are built today. */
function checkTypes(): void {
  const folder = join(work, `on-${NODES[0]}`);
  writeFileSync(
    join(folder, 'user.ts'),
    `import { TokenSyncManager, TokenSyncError, parseTokenValue, type Receipt } from 'token-sync';
const manager = new TokenSyncManager({ autoStart: false });
export const receipt: Promise<Receipt> = manager.quickRecord('350K', 'event');
export const kind: string = new TokenSyncError('not_found', { zh: '', en: '' }).kind;
export const parsed = parseTokenValue('35万').ok;
// @ts-expect-error what is any would take this too
export const wrong: string = manager.getCurrentUsage();
`,
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const args = ['--noEmit', '--strict', '--module', module, '--moduleResolution', resolution, '--target', 'es2024'];
    run(process.execPath, [tsc, ...args, '--types', '', '--skipLibCheck', 'false', 'user.ts'], folder);
    console.log(`✓ the types resolve under ${resolution}`);
  }
}

/** A checkout without its dependencies on a Node that cannot set it up. */
function refusesOldNode(): void {
  const checkout = join(work, 'checkout');
  for (const part of ['scripts', 'src', 'package.json', 'package-lock.json']) {
    cpSync(join(ROOT, part), join(checkout, part), { recursive: true });
  }
  const tools = join(work, 'tools');
  mkdirSync(tools);
  for (const tool of ['sh', 'dirname', 'readlink', 'find', 'head']) {
    symlinkSync(execFileSync('/bin/sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(), join(tools, tool));
  }
  const { status, stderr } = spawnSync(join(checkout, 'scripts/📊查看Token状态.sh'), [], {
    env: { PATH: `${dirname(fetchNode(OLD_NODE))}:${tools}` },
    encoding: 'utf8',
  });
  const isTold = stderr.includes('太旧') && stderr.includes('too old') && stderr.includes('https://nodejs.org');
  check(`Node ${OLD_NODE} gets a sentence`, status === 1 && isTold && !stderr.includes('Error'), stderr);
}

/** The program of a version, from the npm registry. */
function fetchNode(version: string): string {
  const folder = join(work, `node-${version}`);
  mkdirSync(folder, { recursive: true });
  run(
    'npm',
    [
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      `node-linux-${process.arch}@${version}`,
    ],
    work,
  );
  const [name = ''] = readdirSync(join(folder, 'node_modules')).filter((entry) => entry.startsWith('node-linux'));
  return join(folder, 'node_modules', name, 'bin/node');
}

function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): string {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_(?:package|lifecycle)|TOKEN_SYNC_|NODE_(?:OPTIONS|PATH|ENV)$)/i.test(name),
  );
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...Object.fromEntries(clean), ...env },
    encoding: 'utf8',
    timeout: 300_000,
  });
  check(`${program} ${args.slice(0, 4).join(' ')}`, status === 0, `${stdout}${stderr}`, true);
  return stdout;
}

function check(what: string, isRight: boolean, detail = '', isQuiet = false): void {
  if (!isRight) {
    console.error(`✗ ${what}\n${detail}`);
    process.exit(1);
  }
  if (!isQuiet) console.log(`✓ ${what}`);
}
