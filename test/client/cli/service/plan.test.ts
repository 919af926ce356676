import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  carriedSettings,
  requireOneLine,
  type ServicePlace,
  servicePlan,
  withoutSettings,
} from '../../../../src/client/cli/service/plan.ts';
import { temporaryFolder } from '../../../support/folders.ts';

import { execFileSync, spawnSync } from '../../../support/programs.ts';

const PLACE: ServicePlace = {
  platform: 'linux',
  home: '/home/me',
  configHome: undefined,
  appData: undefined,
  node: '/opt/node 24/bin/node',
  daemon: '/srv/我的 $x 100% "q"/dist/daemon.js',
  cli: '/srv/a <b> & c/dist/cli.js',
  dataDir: '/srv/data',
  settings: {},
};

const SETTINGS = { TOKEN_SYNC_AUTH: 'token', TOKEN_SYNC_ALERTS_COMMAND: 'say <100%> & "$x" \\n' };
const UNFIT = { ...SETTINGS, TOKEN_SYNC_ALERTS_COMMAND: 'two\nlines' };

describe.each(['linux', 'darwin', 'win32'])('the settings of the environment on %s', (platform) => {
  const plan = (settings: ServicePlace['settings']) => servicePlan({ ...PLACE, platform, settings });

  test('a service carries the settings of its environment, and is no other service for that', () => {
    const { content, leftOut } = plan({ TOKEN_SYNC_AUTH: 'token', TOKEN_SYNC_PORT: '9000' });
    expect(carriedSettings(content)).toEqual(['TOKEN_SYNC_AUTH', 'TOKEN_SYNC_PORT']);
    expect(leftOut).toEqual([]);
    expect(withoutSettings(content)).toBe(plan({}).content);
  });

  test('a setting that the file of a service cannot hold is named', () => {
    const { content, leftOut } = plan(UNFIT);
    expect(carriedSettings(content)).toEqual(['TOKEN_SYNC_AUTH']);
    expect(leftOut).toEqual(['TOKEN_SYNC_ALERTS_COMMAND']);
  });
});

describe('on Linux', () => {
  test('the service is a systemd unit of the user, which starts at the login', () => {
    const { file, link } = servicePlan(PLACE);
    expect(file).toBe('/home/me/.config/systemd/user/token-sync.service');
    expect(link).toBe('/home/me/.config/systemd/user/default.target.wants/token-sync.service');
    expect(servicePlan({ ...PLACE, configHome: '/c' }).file).toBe('/c/systemd/user/token-sync.service');
  });

  test.each(['plain', '我的 $x 100% "q" \\ %h'])(
    'systemd itself finds nothing wrong with the unit in a folder named %s',
    (name) => {
      const folder = join(temporaryFolder(), name);
      mkdirSync(folder);
      const daemon = join(folder, 'daemon.js');
      writeFileSync(daemon, '');
      const { content } = servicePlan({ ...PLACE, node: process.execPath, daemon, dataDir: folder });
      expect(verify(content)).toEqual({ status: 0, words: '' });
      // What systemd makes of the line is what was meant.
      const line = /^ExecStart=(.*)$/m.exec(content)![1]!.replaceAll('$$', '$').replaceAll('%%', '%');
      expect(JSON.parse(`[${line.replaceAll('" "', '","')}]`)).toEqual([process.execPath, daemon, '--data', folder]);
    },
  );

  test('systemd reads the settings of the unit as they were meant', () => {
    const { content } = servicePlan({
      ...PLACE,
      node: process.execPath,
      daemon: process.execPath,
      settings: SETTINGS,
    });
    expect(verify(content)).toEqual({ status: 0, words: '' });
    const lines = [...content.matchAll(/^Environment=(.*)$/gm)].map(([, line]) =>
      JSON.parse(line!.replaceAll('%%', '%')),
    );
    expect(lines).toEqual(Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`));
  });

  test('systemd finds a fault in a unit that has one', () => {
    const { content } = servicePlan({ ...PLACE, node: process.execPath });
    expect(verify(content.replace('Restart=on-failure', 'Restart=sometimes')).words).toContain('restart specifier');
  });

  test('the unit restarts after a crash, and gives up after four in a minute', () => {
    const { content } = servicePlan(PLACE);
    expect(content).toContain('StartLimitIntervalSec=60\nStartLimitBurst=4\n');
    expect(content).toContain('Restart=on-failure\n');
    expect(content).toContain('RestartPreventExitStatus=2 6\n');
  });
});

describe('on macOS', () => {
  test('the service is a launch agent that a property list parser reads back', () => {
    const { file, content } = servicePlan({
      ...PLACE,
      platform: 'darwin',
      home: '/Users/me',
      port: 9_000,
      settings: SETTINGS,
    });
    expect(file).toBe('/Users/me/Library/LaunchAgents/io.github.token-sync.plist');
    const script = 'import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
    const parsed = JSON.parse(execFileSync('python3', ['-c', script], { input: content, encoding: 'utf8' }));
    expect(parsed).toEqual({
      Label: 'io.github.token-sync',
      ProgramArguments: [PLACE.node, PLACE.cli, 'service', 'run', '--data', '/srv/data', '--port', '9000'],
      EnvironmentVariables: SETTINGS,
      RunAtLoad: true,
      ProcessType: 'Interactive',
    });
  });
});

describe('on Windows', () => {
  const place = {
    ...PLACE,
    platform: 'win32',
    home: 'C:\\Users\\me',
    node: 'C:\\Program Files\\nodejs\\node.exe',
    cli: 'D:\\我的 100% 项目\\dist\\cli.js',
    dataDir: 'C:\\data',
  };

  test('the service is a file of commands in the start-up folder, as cmd wants it', () => {
    const { file, content } = servicePlan(place);
    expect(file).toBe(
      'C:\\Users\\me\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\token-sync.cmd',
    );
    expect(content.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(content.split('chcp 65001')[0]).toMatch(/^[\x20-\x7e\r\n]*$/);
    expect(content).toContain(
      '"C:\\Program Files\\nodejs\\node.exe" "D:\\我的 100%% 项目\\dist\\cli.js" "service" "run" "--background" "--data" "C:\\data"\r\n',
    );
  });

  test('a service on Windows sets a setting before the program starts, unless cmd would take it for commands', () => {
    const { content, leftOut } = servicePlan({ ...place, settings: { ...SETTINGS, TOKEN_SYNC_LANG: 'zh' } });
    expect(content).toContain('set "TOKEN_SYNC_AUTH=token"\r\nset "TOKEN_SYNC_LANG=zh"\r\n"C:');
    expect(leftOut).toEqual(['TOKEN_SYNC_ALERTS_COMMAND']);
  });

  test('the service on Windows lies where the profile roams', () => {
    expect(servicePlan({ ...place, appData: 'R:\\me' }).file).toMatch(/^R:\\me\\Microsoft\\/);
  });
});

test('a service on another system is refused in a sentence', () => {
  expect(() => servicePlan({ ...PLACE, platform: 'aix' })).toThrow('this system is not supported: aix');
});

function verify(content: string): { status: number | null; words: string } {
  const file = join(temporaryFolder(), 'token-sync.service');
  writeFileSync(file, content);
  const { status, stderr } = spawnSync('systemd-analyze', ['--user', 'verify', '--man=no', file], {
    env: { ...process.env, XDG_RUNTIME_DIR: dirname(file) },
    encoding: 'utf8',
  });
  return {
    status,
    words: stderr
      .split('\n')
      .filter((line) => line.includes('token-sync.service'))
      .join('\n'),
  };
}

test.each(['node', 'daemon', 'cli', 'dataDir'] as const)(
  'a line break in the path of %s is refused by name, which would begin a line of its own',
  (name) => {
    const place = { ...PLACE, [name]: '/srv/a\nExecStartPre=/bin/sh -c id\n#' };
    expect(() => requireOneLine(place)).toThrow(/"\/srv\/a\\nExecStartPre/);
    expect(() => requireOneLine({ ...PLACE, [name]: '/srv/我的 100% "项目" $x' })).not.toThrow();
  },
);
