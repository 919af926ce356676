import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from './support/free-port.ts';
import { needs } from './support/needs.ts';
import { spawn, spawnSync } from './support/programs.ts';
import { scratchFolder } from './support/scratch.ts';
import { useXvfb } from './support/xvfb.ts';

const root = join(import.meta.dirname, '..');
const data = scratchFolder();
let port = 0;

/** `npm start` has tests of its own, this is a part of `npm test`, and the packages are held to the list that CI installs. */
const ELSEWHERE = /^(?:npm |sudo apt-get )/;

/** Every command that a reader is shown: the lines of the `sh` blocks, and the lines that run in the table of the ways in. */
function commandsOf(name: string): string[] {
  const text = readFileSync(join(root, name), 'utf8');
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, body]) => body!.trim().split('\n'));
  const rows = [...text.matchAll(/^\| [^|]+ \| `((?:scripts|curl|node|python3|echo)[^`]+)` \|$/gm)].map(
    ([, line]) => line!,
  );
  return [...blocks, ...rows];
}

const x = useXvfb();
beforeAll(async () => {
  port = await freePort();
});

afterAll(() => {
  run('scripts/token-sync stop');
  rmSync(data, { recursive: true, force: true });
});

describe.each(['README.md', 'README.zh-CN.md'])('%s', (name) => {
  const commands = commandsOf(name);

  test('the README shows a command of every way in', () => {
    expect(commands.length).toBeGreaterThan(12);
    for (const way of [
      'curl',
      'node',
      'python3',
      'echo',
      'scripts/token-sync',
      'scripts/token-sync quick',
      'npm start',
      'npm test',
    ]) {
      expect(commands.some((command) => command.startsWith(way))).toBe(true);
    }
  });

  test.each(commands.filter((command) => !ELSEWHERE.test(command)))(
    "the README's command runs: %s",
    async (command) => {
      for (const tool of ['curl', 'python3'] as const) if (command.startsWith(tool)) needs(tool);
      const env: NodeJS.ProcessEnv = {};
      if (command.endsWith(' quick')) {
        await x().copy('350,000 tokens used');
        env.DISPLAY = x().display;
      }
      const { status, stdout, stderr } = run(command, env);
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      if (command.startsWith('curl')) expect(JSON.parse(stdout)).not.toHaveProperty('error');
    },
  );
});

test('npm start runs in the foreground with a banner that tells where everything is and how to stop', async () => {
  run('scripts/token-sync stop');
  const child = spawn('npm', ['start'], { cwd: root, env: environment('en'), stdio: ['ignore', 'pipe', 'inherit'] });
  let shown = '';
  for await (const chunk of child.stdout) {
    shown += chunk;
    if (shown.includes('Ctrl+C')) break;
  }
  expect(shown).toContain(`http://127.0.0.1:${port}/`);
  expect(shown).toContain(join(data, 'architect_monitor.json'));
  expect(shown).toContain(join(data, 'drop'));
  expect(run('scripts/token-sync stop').status).toBe(0);
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  expect(child.exitCode).toBe(0);
});

test.each([
  ['Ctrl+C, which reaches everything in the terminal', (npm: number) => process.kill(-npm, 'SIGINT')],
  ['a signal to npm alone', (npm: number) => process.kill(npm, 'SIGINT')],
])('npm start beside the daemon of the first command runs until %s, and the daemon runs on', async (_, end) => {
  expect(run('scripts/token-sync record "350,000 tokens used" "architecture done"').status).toBe(0);
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: environment('en'),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  let shown = '';
  for await (const chunk of child.stdout) {
    shown += chunk;
    if (shown.includes('Ctrl+C')) break;
  }
  expect(shown).toContain('is running already');
  expect(shown).toContain(`http://127.0.0.1:${port}/`);
  end(child.pid!);
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(run('scripts/token-sync status --no-spawn').status).toBe(0);
});

function run(command: string, env: NodeJS.ProcessEnv = {}) {
  const here = command
    .replaceAll('8877', String(port))
    .replaceAll('data/architect_monitor.json', join(data, 'architect_monitor.json'))
    .replaceAll('data/drop/', join(data, 'drop/'));
  return spawnSync('sh', ['-c', here], { cwd: root, env: { ...environment(), ...env }, encoding: 'utf8' });
}

function environment(lang?: string): NodeJS.ProcessEnv {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`;
  return {
    ...process.env,
    PATH: path,
    TOKEN_SYNC_DATA: data,
    TOKEN_SYNC_PORT: String(port),
    ...(lang && { TOKEN_SYNC_LANG: lang }),
  };
}
