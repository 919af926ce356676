import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import { callOnce } from '../../sdk/http-call.ts';
import { openInBrowser } from '../browser.ts';
import { defineCommand } from '../command.ts';

/** Opens the dashboard in the browser, and tells where it is. */
export const open = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, language }) {
    const info = await daemon((call) => call('daemon.info', {}));
    const url = `${info.url}/`;
    await requireOpenDoor(info.url, language);
    const opened = await openInBrowser(url);
    return {
      text: `📊 ${DASHBOARD[language]}: ${url}\n${opened ? '' : `   ${NO_BROWSER[language]}\n`}`,
      json: { success: true, url, opened },
    };
  },
});

/** Throws where the daemon lets nobody in without the token, which a browser has no way to send. */
async function requireOpenDoor(url: string, language: Language): Promise<void> {
  try {
    await callOnce({ url }, 'daemon.info', {}, { language });
  } catch (error) {
    throw error instanceof TokenSyncError && error.kind === 'unauthorized' ? behindToken() : error;
  }
}

function behindToken(): TokenSyncError {
  return new TokenSyncError(
    'unauthorized',
    {
      zh: '设置 auth 为 token 时，浏览器无法打开仪表盘',
      en: 'with the setting auth: token no browser can open the dashboard',
    },
    {
      hint: {
        zh: '可用 token-sync watch 查看；或把 auth 设为 none 后运行 token-sync restart',
        en: 'use `token-sync watch`, or set auth to none and run `token-sync restart`',
      },
    },
  );
}

const DASHBOARD = { zh: '仪表盘', en: 'Dashboard' };
const NO_BROWSER = {
  zh: '这台机器上没有找到浏览器；请自行打开以上地址',
  en: 'no browser was found on this machine; open the address yourself',
};
