import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/daemon/process/config.ts';

test('the program of alerts may stand in the home folder, which no shell has put in its place', () => {
  const command = (text: string) =>
    loadConfig('/nowhere', {
      dataFlag: undefined,
      mayLookOn: false,
      setsSettings: false,
      isForCaller: false,
      flags: {},
      env: { TOKEN_SYNC_ALERTS_COMMAND: text },
    }).alerts.command;
  expect(command('~/notify.sh')).toEqual([join(homedir(), 'notify.sh')]);
  expect(command('["~/notify.sh", "~/x"]')).toEqual([join(homedir(), 'notify.sh'), '~/x']);
  expect(command('notify')).toEqual(['notify']);
});
