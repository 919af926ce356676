import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startDaemon } from './support/daemon.ts';
import { cleanEnvironment } from './support/environment.ts';
import { freshFolder, temporaryFolder } from './support/folders.ts';
import { spawnSync } from './support/programs.ts';
import { CLI } from './support/run-cli.ts';
import { scratchFolder } from './support/scratch.ts';

const root = join(import.meta.dirname, '..');
const bin = scratchFolder();

beforeAll(() => {
  // As it is called where the package is installed.
  executable(join(bin, 'token-sync'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
});

/** The example of a README that begins with this, as a person copies it. */
function example(readme: string, fence: string, begin: string): string {
  const text = readFileSync(join(root, readme), 'utf8');
  const found = [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].filter(
    ([, kind, body]) => kind === fence && body!.startsWith(begin),
  );
  expect(found).toHaveLength(1);
  return found[0]![2]!;
}

function executable(path: string, content: string): void {
  writeFileSync(path, content);
  chmodSync(path, 0o755);
}

function run(program: string, args: readonly string[], folder: string, cwd = root) {
  const path = `${bin}${delimiter}${process.env.PATH}`;
  const env = { ...cleanEnvironment(), PATH: path, TOKEN_SYNC_DATA: folder, GIT_CONFIG_GLOBAL: '/dev/null' };
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** The data folder of a daemon of which so much of a million is used. */
async function dataWith(used: number): Promise<string> {
  const daemon = await startDaemon();
  await daemon.rpc('usage.record', { tokens: used });
  return daemon.folder;
}

describe.each(['README.md', 'README.zh-CN.md'])('the examples of %s', (readme) => {
  test('the git hook refuses a push only when the budget is over', async () => {
    const repository = temporaryFolder();
    const git = (folder: string, ...args: string[]) => run('git', args, folder, repository);
    const elsewhere = join(temporaryFolder(), 'elsewhere.git');
    const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    git('', 'init', '--quiet', '--bare', elsewhere);
    git('', 'init', '--quiet', '--initial-branch=main');
    git('', 'remote', 'add', 'origin', elsewhere);
    git('', ...identity, 'commit', '--quiet', '--allow-empty', '-m', 'first');
    mkdirSync(join(repository, '.git', 'hooks'), { recursive: true });
    executable(join(repository, '.git', 'hooks', 'pre-push'), example(readme, 'bash', '#!/bin/sh\n'));

    const refused = git(await dataWith(960_000), 'push', 'origin', 'main');
    expect(refused.status).toBe(1);
    expect(refused.stdout + refused.stderr).toContain('96%');
    expect(git('', 'ls-remote', 'origin').stdout).toBe('');
    expect(git(await dataWith(350_000), 'push', 'origin', 'main')).toMatchObject({ status: 0 });
    expect(git(freshFolder(), 'push', 'origin', 'main:second')).toMatchObject({ status: 0 });
    expect(git('', 'ls-remote', 'origin').stdout.trim().split('\n')).toHaveLength(2);
  });

  test('the prompt shows a sign only when the budget is over', async () => {
    const shell = (folder: string) =>
      run('bash', ['--norc', '-c', `PS1='> '\n${example(readme, 'bash', 'PS1=')}\nprintf %s "\${PS1@P}"`], folder);
    expect(shell(await dataWith(1_200_000))).toEqual({ status: 0, stdout: '⚠ > ', stderr: '' });
    expect(shell(await dataWith(350_000))).toEqual({ status: 0, stdout: '> ', stderr: '' });
    expect(shell(freshFolder())).toEqual({ status: 0, stdout: '> ', stderr: '' });
  });

  test('the step of CI fails when the budget is over', async () => {
    const [, command = ''] = /^ {2}run: (.+)$/m.exec(example(readme, 'yaml', '- name:')) ?? [];
    const step = (folder: string) => run('sh', ['-e', '-c', command], folder).status;
    expect(step(await dataWith(910_000))).toBe(7);
    expect(step(await dataWith(350_000))).toBe(0);
    expect(step(freshFolder())).toBe(5);
  });
});
