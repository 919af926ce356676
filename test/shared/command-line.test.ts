import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/client/cli/command-table.ts';
import { COMMAND_WORDS, commandOf, spelled } from '../../src/shared/command-line.ts';

describe('the command line of a program', () => {
  test.each([
    [
      'a checkout, from its folder',
      '/src/ts/dist/cli.js',
      ['/src/ts/scripts/token-sync'],
      '/src/ts',
      'scripts/token-sync',
    ],
    [
      'a checkout, from the folder of the script',
      '/ts/dist/a.js',
      ['/ts/scripts/token-sync'],
      '/ts/scripts',
      './token-sync',
    ],
    ['a checkout, from above', '/ts/dist/a.js', ['/ts/scripts/token-sync'], '/', 'ts/scripts/token-sync'],
    [
      'a checkout, from elsewhere',
      '/ts/src/client/cli/a.ts',
      ['/ts/scripts/token-sync'],
      '/tsx',
      '/ts/scripts/token-sync',
    ],
    [
      'a checkout, from nobody knows where',
      '/项目/dist/a.js',
      ['/项目/scripts/token-sync'],
      undefined,
      '/项目/scripts/token-sync',
    ],
    [
      'a path that a shell would cut',
      "/it's me/dist/a.js",
      ["/it's me/scripts/token-sync"],
      undefined,
      "'/it'\\''s me/scripts/token-sync'",
    ],
    [
      'a path that a shell would run',
      '/$(id)/dist/a.js',
      ['/$(id)/scripts/token-sync'],
      undefined,
      "'/$(id)/scripts/token-sync'",
    ],
    ...['$HOME', '`id`', 'a|b', 'a<b>c', '~', '^a', '=a', '%1', 'a b'].map(
      (name) =>
        [
          `a folder called ${name}`,
          `/${name}/dist/a.js`,
          [`/${name}/scripts/token-sync`],
          '/',
          `'${name}/scripts/token-sync'`,
        ] as const,
    ),
    ...['a-b_c@1.0+x:y,z', '项目', 'हिन्दी', '💻️', '€'].map(
      (name) =>
        [
          `a folder called ${name}`,
          `/${name}/dist/a.js`,
          [`/${name}/scripts/token-sync`],
          '/',
          `${name}/scripts/token-sync`,
        ] as const,
    ),
    ['npm install -g', '/usr/lib/node_modules/token-sync/dist/cli.js', [], '/', 'token-sync'],
    [
      'npx',
      '/h/.npm/_npx/1a/node_modules/token-sync/dist/cli.js',
      ['/h/.npm/_npx/1a/package.json'],
      '/',
      'npx token-sync',
    ],
    [
      'a dependency of a project',
      '/p/node_modules/token-sync/dist/cli.js',
      ['/p/package.json'],
      '/p',
      'npx token-sync',
    ],
    [
      'a dependency of a project with a script of that name',
      '/p/node_modules/token-sync/dist/cli.js',
      ['/p/package.json', '/p/scripts/token-sync'],
      '/p',
      'npx token-sync',
    ],
    [
      'pnpm add -g',
      '/h/pnpm/global/5/node_modules/token-sync/dist/cli.js',
      ['/h/pnpm/global/5/package.json'],
      '/',
      'token-sync',
    ],
    ['pnpm dlx', '/h/pnpm/dlx/1a/node_modules/token-sync/dist/cli.js', [], '/', 'npx token-sync'],
  ] as const)('the command line of %s is named as it works', (_, file, there, cwd, command) => {
    const exists = (path: string) => (there as readonly string[]).includes(path);
    expect(commandOf({ file, exists, platform: 'linux', ...(cwd !== undefined && { cwd }) })).toBe(command);
  });

  test.each([
    ['from its folder', 'C:\\ts', 'scripts\\token-sync.cmd'],
    ['from elsewhere', 'D:\\', 'C:\\ts\\scripts\\token-sync.cmd'],
  ])('the command of a checkout on Windows is spelled %s', (_, cwd, command) => {
    const exists = (path: string) => path === 'C:\\ts\\scripts\\token-sync.cmd';
    expect(commandOf({ file: 'C:\\ts\\dist\\cli.js', exists, platform: 'win32', cwd })).toBe(command);
  });

  test.each(['my ts', 'a&b', 'a=b', 'a,b', 'a;b'])(
    'the command of a checkout in a folder called %s on Windows is quoted',
    (name) => {
      const command = commandOf({
        file: `C:\\${name}\\dist\\cli.js`,
        exists: (path) => path.startsWith(`C:\\${name}\\scripts`),
        platform: 'win32',
      });
      expect(command).toBe(`"C:\\${name}\\scripts\\token-sync.cmd"`);
    },
  );
});

describe('a text', () => {
  test.each([
    ['run `token-sync start`', 'run `./ts start`'],
    ['请运行 token-sync start', '请运行 ./ts start'],
    ['；如有误请用 token-sync undo 撤销', '；如有误请用 ./ts undo 撤销'],
    [
      'token-sync 命令 --help, token-sync COMMAND --help, token-sync --help',
      './ts 命令 --help, ./ts COMMAND --help, ./ts --help',
    ],
    ['token-sync budget $1$& TOTAL', './ts budget $1$& TOTAL'],
  ])('the text %j names the command as it works: %j', (text, shown) => {
    expect(spelled(text, './ts')).toBe(shown);
  });

  test.each([
    ['the name of the program', 'token-sync keeps the figure; upgrade token-sync; token-sync: no'],
    [
      'what is spelled already',
      'scripts/token-sync stop, ./token-sync stop, npx token-sync stop, C:\\x\\token-sync.cmd stop',
    ],
    ['a file of ours', 'my-token-sync start, token-sync.service start, .token-sync start'],
    ['a word that only begins like a command', 'token-sync starts, token-sync stop-gap'],
  ])('a spelled text keeps %s', (_, text) => {
    expect(spelled(text, '/x')).toBe(text);
  });

  test('a dollar in the path of a command stays a dollar', () => {
    expect(spelled('token-sync stop', "'/$&/$1/token-sync'")).toBe("'/$&/$1/token-sync' stop");
  });
});

test('every command may be named in a text', () => {
  expect([...COMMAND_WORDS].toSorted()).toEqual(Object.keys(COMMANDS).toSorted());
});
