import { openInBrowser } from '../browser.ts';
import { defineCommand } from '../command.ts';

/** Opens the dashboard in the browser, and tells where it is. */
export const open = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, language }) {
    const { address, code } = await daemon(async (call) => {
      const info = await call('daemon.info', {});
      return { address: `${info.url}/`, ...(await call('dashboard.code', {})) };
    });
    // After the #, because a browser keeps that to itself: it stands in no request and in no log.
    const link = code === undefined ? address : `${address}#${code}`;
    const opened = await openInBrowser(link);
    const url = opened ? address : link;
    return {
      text: `📊 ${DASHBOARD[language]}: ${url}\n${opened ? '' : `   ${NO_BROWSER[language]}\n`}`,
      json: { success: true, url, opened },
    };
  },
});

const DASHBOARD = { zh: '仪表盘', en: 'Dashboard' };
const NO_BROWSER = {
  zh: '这台机器上没有找到浏览器；请自行打开以上地址',
  en: 'no browser was found on this machine; open the address yourself',
};
