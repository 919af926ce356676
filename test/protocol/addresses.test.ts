import { expect, test } from 'vitest';
import { dataFolder } from '../../src/protocol/addresses.ts';

const NONE = { flag: undefined, env: {}, checkout: undefined, platform: 'linux', home: '/home/me' };

test.each<[string, Partial<Parameters<typeof dataFolder>[0]>, string]>([
  ['the flag before all else', { flag: 'here', env: { TOKEN_SYNC_DATA: '/there' }, checkout: '/src' }, 'here'],
  ['the environment', { env: { TOKEN_SYNC_DATA: '/there' }, checkout: '/src' }, '/there'],
  ['in the home folder, where the flag says so in quotes', { flag: '~/x' }, '/home/me/x'],
  ['in the home folder, where the environment says so', { env: { TOKEN_SYNC_DATA: '~/x' } }, '/home/me/x'],
  ['the home folder itself', { flag: '~' }, '/home/me'],
  ['in a home folder with a dollar sign', { flag: '~/x', home: '/home/$&' }, '/home/$&/x'],
  ['one whose name begins so', { flag: '~x' }, '~x'],
  ['one of that name further down', { flag: './~/x' }, './~/x'],
  ['in the home folder of Windows', { flag: '~\\x', platform: 'win32', home: 'C:\\Users\\me' }, 'C:\\Users\\me\\x'],
  ['that of the checkout', { checkout: '/src' }, '/src/data'],
  ["the user's on Linux", {}, '/home/me/.local/share/token-sync'],
  ['where the user keeps data on Linux', { env: { XDG_DATA_HOME: '/xdg' } }, '/xdg/token-sync'],
  ['there too where no shell has read it', { env: { XDG_DATA_HOME: '~/xdg' } }, '/home/me/xdg/token-sync'],
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
