import { visibleLine } from '../../../../shared/visible-text.ts';
import { defineCommand } from '../../command.ts';
import { openInBrowser } from '../../show/browser.ts';

/** Opens the dashboard in the browser, and tells where it is. */
export const open = defineCommand({
  summary: { zh: '在浏览器中打开仪表盘', en: 'open the dashboard in the browser' },
  example: { zh: 'token-sync open', en: 'token-sync open' },
  flags: {},
  args: [],
  async run({ daemon, language }) {
    const { address, code } = await daemon(async (call) => {
      const info = await call('daemon.info', {});
      return { address: `${info.url}/`, ...(await call('dashboard.code', {})) };
    });
    // After the #, because a browser keeps that to itself: it stands in no request and in no log.
    const link = code === undefined ? address : `${address}#${code}`;
    const opened = await openInBrowser(link);
    const url = opened ? address : link;
    const hint = link === address ? OPEN_YOURSELF : OPEN_LINK_YOURSELF;
    return {
      text: `📊 ${DASHBOARD[language]}: ${visibleLine(url)}\n${opened ? '' : `   ${hint[language]}\n`}`,
      json: { success: true, url, opened },
    };
  },
});

const DASHBOARD = { zh: '仪表盘', en: 'Dashboard' };
const OPEN_YOURSELF = {
  zh: '没有能打开的浏览器；请自行打开以上地址',
  en: 'no browser could be opened; open the address yourself',
};
const OPEN_LINK_YOURSELF = {
  zh: '没有能打开的浏览器；请自行打开以上链接（只能用一次，一分钟内有效）',
  en: 'no browser could be opened; open the link yourself (it works once, within a minute)',
};
