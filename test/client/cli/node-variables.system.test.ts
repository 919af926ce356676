import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { NODE_VARIABLES } from '../../../src/shared/runtime.ts';
import { startDaemon } from '../../support/daemon.ts';
import { cleanEnvironment } from '../../support/environment.ts';
import { temporaryFolder } from '../../support/folders.ts';
import { spawnSync } from '../../support/programs.ts';
import { runCli } from '../../support/run-cli.ts';
import { folderForClients } from '../../support/started-daemons.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** A preload that notes which programs it was loaded into, and the options that bring it along. */
function preload() {
  const folder = temporaryFolder();
  const notes = join(folder, 'notes');
  const path = join(folder, 'preload.cjs');
  writeFileSync(path, `require('fs').appendFileSync(${JSON.stringify(notes)}, process.argv[1] + '\\n')`);
  return {
    env: { NODE_OPTIONS: `--require=${path}` },
    loadedInto: () =>
      (existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n') : []).map((entry) => basename(entry)),
  };
}

test('the launchers take off the same variables as the programs', () => {
  const unset = (name: string) =>
    /^unset (.*)$/m.exec(readFileSync(join(ROOT, 'scripts', name), 'utf8'))?.[1]?.split(' ');
  const set = (name: string) =>
    [...readFileSync(join(ROOT, 'scripts', name), 'utf8').matchAll(/^set "(\w+)="\r$/gm)].map(
      ([, variable]) => variable,
    );
  expect(unset('token-sync')).toEqual([...NODE_VARIABLES]);
  expect(unset('plain-node')).toEqual([...NODE_VARIABLES]);
  expect(set('token-sync.cmd')).toEqual([...NODE_VARIABLES]);
  expect(set('plain-node.cmd')).toEqual([...NODE_VARIABLES]);
});

test.each([
  ['the CLI of a checkout', 'token-sync', ['--version']],
  ['what npm start runs', 'plain-node', ['--version']],
])('%s runs where the terminal has Node load what is not there', (_, script, args) => {
  const { status, stderr } = spawnSync(join(ROOT, 'scripts', script), args, {
    env: { ...cleanEnvironment(), NODE_OPTIONS: '--require=/nowhere/preload.cjs' },
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('a daemon that a command starts loads nothing that the terminal has Node load', async () => {
  const { env, loadedInto } = preload();
  const { code } = await runCli(['record', '7'], { folder: folderForClients(), env: { ...env, TOKEN_SYNC_PORT: '0' } });
  expect(code).toBe(0);
  expect(loadedInto()).toEqual(['cli.js']);
});

test('what a daemon starts loads nothing that its own terminal has Node load', async () => {
  const { env, loadedInto } = preload();
  const daemon = await startDaemon({ env });
  await daemon.rpc('conversation.estimate', { user_message: 'hello', assistant_message: '' });
  expect(loadedInto()).toEqual(['daemon.js']);
});
