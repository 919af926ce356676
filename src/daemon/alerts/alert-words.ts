import type { Bilingual } from '../../protocol/language.ts';

/** The title of a notice on the desktop. */
export const TITLE: Bilingual = { zh: 'Token 用量提醒', en: 'Token usage' };

/** The warning that the program of the settings has failed. */
export const HOOK_WARNING = (detail: string): Bilingual => ({
  zh: `alerts.command 没有成功 (${detail})：请改正该设置后运行 token-sync restart`,
  en: `alerts.command has failed (${detail}): correct that setting and run \`token-sync restart\``,
});

/** The warning that the desktop shows no notice. */
export const NOTICE_WARNING = (detail: string): Bilingual =>
  detail === 'ENOENT'
    ? {
        zh: `桌面通知没有显示 (${detail})：Linux 上请安装 libnotify-bin，或设置 alerts.desktop 为 false`,
        en: `the desktop notification was not shown (${detail}): on Linux install libnotify-bin, or set alerts.desktop to false`,
      }
    : {
        zh: `桌面通知没有显示 (${detail})；若不需要，请设置 alerts.desktop 为 false`,
        en: `the desktop notification was not shown (${detail}); if you want none, set alerts.desktop to false`,
      };

/** The warning that what was told cannot be kept. */
export const MEMORY_WARNING = (detail: string): Bilingual => ({
  zh: `提醒的记录无法写入 (${detail})，重启后可能再次提醒`,
  en: `what was alerted cannot be written down (${detail}); after a restart it may be alerted again`,
});
