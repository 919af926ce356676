import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { toolRoots } from '../src/daemon/meters/files/tool-roots.ts';
import { readDaemonSettings } from '../src/shared/read-settings.ts';
import { PLAIN_METERS } from '../src/shared/settings.ts';
import { useDaemon } from './support/daemon.ts';
import { runCli } from './support/run-cli.ts';
import { scratchFolder } from './support/scratch.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../docs/meters.md'), 'utf8');
const blocks = (kind: string) =>
  [...DOCUMENT.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap(([, told, body]) => (told === kind ? [body!.trim()] : []));
const commands = blocks('sh').flatMap((block) => block.split('\n'));

const home = scratchFolder();
const place = { HOME: home, XDG_CONFIG_HOME: join(home, 'config'), DISPLAY: '', WAYLAND_DISPLAY: '' };
// Nobody uses a tool in that home, and the settings are those that stand in no environment.
const daemon = useDaemon({ env: { ...place, TOKEN_SYNC_METERS_SOURCES: '' } });
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each(commands)('the command of docs/meters.md runs: %s', async (command) => {
  const [program, ...args] = command.split(' ');
  expect(program).toBe('scripts/token-sync');
  const { code, stdout, stderr } = await runCli([...args, '--lang', 'en'], { folder: daemon().folder, env: place });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).not.toBe('');
});

test.each(blocks('json'))('the settings of docs/meters.md are taken, and change something: %s', (config) => {
  const { meters } = readDaemonSettings({ readFile: () => config, env: {}, flags: {} });
  expect(meters).not.toEqual(PLAIN_METERS);
});

describe('every place that is read stands in docs/meters.md', () => {
  const ours = ['cursor', 'claude', 'codex'];
  test.each([
    ['linux', '/home/me', {}, ['/home/me', '~']],
    ['darwin', '/Users/me', {}, ['/Users/me', '~']],
    ['win32', 'C:\\Users\\me', { APPDATA: 'C:\\Roaming' }, ['C:\\Roaming', '%APPDATA%']],
  ] as const)('on %s', (platform, home, env, [own, written]) => {
    const roots = toolRoots({ platform, home, env }).filter(({ tool }) => ours.includes(tool));
    expect(roots.length).toBeGreaterThan(4);
    const paths = roots.map(({ path }) => path.replace(own, () => written));
    // Where Windows has the same folder as the others, the table says so.
    const named = paths.map((path) =>
      path.replace('C:\\Users\\me', '~').replaceAll('\\', path.startsWith('%') ? '\\' : '/'),
    );
    expect(named.filter((path) => !DOCUMENT.includes(path))).toEqual([]);
  });
});
