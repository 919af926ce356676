import { expect, test } from 'vitest';
import { dataFolder } from '../../src/protocol/addresses.ts';

const NONE = { flag: undefined, env: {}, checkout: undefined, platform: 'linux', home: '/home/me' };

test.each<[string, Partial<Parameters<typeof dataFolder>[0]>, string]>([
  ['the flag before all else', { flag: 'here', env: { TOKEN_SYNC_DATA: '/there' }, checkout: '/src' }, 'here'],
  ['the environment', { env: { TOKEN_SYNC_DATA: '/there' }, checkout: '/src' }, '/there'],
  ['that of the checkout', { checkout: '/src' }, '/src/data'],
  ["the user's on Linux", {}, '/home/me/.local/share/token-sync'],
  ['where the user keeps data on Linux', { env: { XDG_DATA_HOME: '/xdg' } }, '/xdg/token-sync'],
  [
    "the user's of macOS",
    { platform: 'darwin', home: '/Users/me' },
    '/Users/me/Library/Application Support/token-sync',
  ],
  ["the user's of Windows", { platform: 'win32', home: 'C:\\Users\\me' }, 'C:\\Users\\me\\AppData\\Local\\token-sync'],
  ['the local one of Windows', { platform: 'win32', env: { LOCALAPPDATA: 'L:\\me' } }, 'L:\\me\\token-sync'],
])('the data folder is %s', (_, sources, expected) => {
  expect(dataFolder({ ...NONE, ...sources })).toBe(expected);
});
