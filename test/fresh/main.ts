// The first minutes of a person who clones the repository on a Debian with Node, npm and git alone, and runs `npm test` there and the
// tests of the whole programs, as an ordinary user: runs that pass, and a list of what they lacked.
import { mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { needs, packagesOf, toolsOf } from '../support/needs.ts';
import { execFileSync, spawn } from '../support/programs.ts';
import { scratchFolder } from '../support/scratch.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The user `nobody` of every Linux. */
const NOBODY = '65534';

const isRoot = process.getuid?.() === 0;
const place = scratchFolder();
process.on('exit', () => rmSync(place, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));

const [programs, home, temporary, checkout] = ['bin', 'home', 'tmp', 'checkout'].map((name) => join(place, name)) as [
  string,
  string,
  string,
  string,
];
for (const folder of [programs, home, temporary]) mkdirSync(folder);
linkBarePrograms();
execFileSync('git', ['clone', '--quiet', ROOT, checkout], { stdio: 'inherit' });
if (isRoot) execFileSync('chown', ['-R', `${NOBODY}:${NOBODY}`, place]);

let told = '';
for (const script of ['test', 'test:system']) {
  const run = await runTests(script);
  check(`npm run ${script} passes`, run.code === 0);
  told += run.told;
}
const lacked = toolsOf('npm test').filter((tool) => !told.includes(`\n  ${tool} `));
check(
  `the runs tell of every tool that they lacked${lacked.length > 0 ? `, but not of ${lacked.join(', ')}` : ''}`,
  lacked.length === 0,
);
const named = new Set(
  [...told.matchAll(/apt-get install (.+)\n/g)].flatMap(([, packages = '']) => packages.split(' ')),
);
check('the runs tell what to install', packagesOf(toolsOf('npm test')).join() === [...named].toSorted().join());

/** Links in one folder: what is essential to Debian, and this machine's own Node, npm and git. */
function linkBarePrograms(): void {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: so dpkg-query names a field
  const packages = execFileSync('dpkg-query', ['-W', '-f', '${Essential} ${Package}\n'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith('yes '))
    .map((line) => line.slice('yes '.length));
  const files = execFileSync('dpkg-query', ['-L', ...packages], { encoding: 'utf8' }).split('\n');
  for (const file of files.filter((path) => /^(?:\/usr)?\/s?bin\/[^/]+$/.test(path))) link(basename(file), file);
  for (const program of ['sh', 'node', 'npm', 'npx', 'git']) link(program, realpathSync(findOnPath(program)));
}

function link(name: string, target: string): void {
  rmSync(join(programs, name), { force: true });
  symlinkSync(target, join(programs, name));
}

/** Not the Node that the project brings along, which the scripts of npm have first on their PATH. */
function findOnPath(program: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  const folder = folders.find((candidate) => namesIn(candidate).includes(program));
  if (folder === undefined) throw new Error(`${program} is not on the PATH`);
  return join(folder, program);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Runs a script of the package there, under the plainest locale and on a desktop that is gone; shows what it says. */
async function runTests(script: string): Promise<{ code: number | null; told: string }> {
  const before = isRoot ? [needs('setpriv'), `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
  const [program = '', ...args] = [...before, 'npm', 'run', script];
  const run = spawn(program, args, {
    cwd: checkout,
    env: {
      ...networkSettings(),
      PATH: programs,
      HOME: home,
      TMPDIR: temporary,
      LANG: 'C',
      DISPLAY: ':4711',
      WAYLAND_DISPLAY: 'wayland-4711',
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${home}/bus`,
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let told = '';
  for (const [from, to] of [
    [run.stdout, process.stdout],
    [run.stderr, process.stderr],
  ] as const) {
    from.setEncoding('utf8').on('data', (text: string) => {
      told += text;
      to.write(text);
    });
  }
  const exit = await new Promise<number | null>((resolve) => run.on('close', resolve));
  return { code: exit, told };
}

/** The settings by which this machine reaches the registry. */
function networkSettings(): NodeJS.ProcessEnv {
  const isOne = (name: string) => /^(?:https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR))$/i.test(name);
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { cwd: ROOT, encoding: 'utf8' }).trim();
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => isOne(name))),
    npm_config_registry: registry,
  };
}

function check(what: string, isRight: boolean): void {
  console.log(`${isRight ? '✓' : '✗'} ${what}`);
  if (!isRight) process.exitCode = 1;
}
