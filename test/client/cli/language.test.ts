import { expect, test } from 'vitest';
import { chooseLanguage } from '../../../src/client/cli/language.ts';

test.each([
  ['the flag before everything', { flag: 'en', env: { TOKEN_SYNC_LANG: 'zh', LC_ALL: 'zh_CN' } }, 'en'],
  ['the variable before the settings', { env: { TOKEN_SYNC_LANG: 'zh' }, configured: 'en' }, 'zh'],
  ['the settings before the locale', { env: { LC_ALL: 'en_US.UTF-8' }, configured: 'zh' }, 'zh'],
  ['LC_ALL before LC_MESSAGES', { env: { LC_ALL: 'zh_CN.UTF-8', LC_MESSAGES: 'en_US' } }, 'zh'],
  ['LC_MESSAGES before LANG', { env: { LC_MESSAGES: 'zh_TW', LANG: 'en_US' } }, 'zh'],
  ['LANG before the system', { env: { LANG: 'en_GB.UTF-8' }, system: 'zh-CN' }, 'en'],
  ['an empty variable as none', { env: { LC_ALL: '', LANG: 'zh_CN.UTF-8' } }, 'zh'],
  ['the system where nothing is set', { env: {}, system: 'zh-Hans-CN' }, 'zh'],
  ['English for any other language', { env: { LANG: 'de_DE.UTF-8' }, system: 'zh-CN' }, 'en'],
  ['no heed of a flag that is no language', { flag: 'xx', env: { LANG: 'zh_CN' } }, 'zh'],
] as const)('takes %s', (_, sources, language) => {
  const {
    flag,
    env,
    configured,
    system = 'en-US',
  } = { flag: undefined, configured: undefined, ...sources } as {
    flag: string | undefined;
    env: Record<string, string>;
    configured: string | undefined;
    system?: string;
  };
  expect(chooseLanguage({ flag, env, configured: () => configured, system: () => system })).toBe(language);
});
