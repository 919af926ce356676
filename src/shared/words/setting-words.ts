/** What each setting is for, by its key: one short sentence. */
export const ABOUT = {
  port: { zh: '守护进程监听的端口。', en: 'The port that the daemon listens on.' },
  host: { zh: '守护进程监听的地址。', en: 'The address that the daemon listens on.' },
  auth: { zh: '其他程序是否要出示令牌。', en: 'Whether programs must show the token.' },
  lang: { zh: '守护进程所用的语言，默认随系统。', en: 'The language of the daemon; that of the system by default.' },
  log_level: { zh: '日志记到多细。', en: 'How much is written into the log.' },
  'clipboard.watch': {
    zh: '自动记录复制的、带标注的用量文字。',
    en: 'Records a usage figure with its label as soon as you copy it.',
  },
  'budget.period': { zh: '额度何时重置。', en: 'When the budget begins anew.' },
  'budget.kind': {
    zh: '额度是一段时间的 tokens，还是一次对话的空间。',
    en: 'Whether the budget is tokens for a period, or the room in one conversation.',
  },
  'budget.renews': {
    zh: '每次重置时，守护进程是否把已使用归零。',
    en: 'Whether the daemon sets what is used to 0 at each reset.',
  },
  'alerts.thresholds': {
    zh: '已使用达到百分之几时提醒。',
    en: 'The shares of the budget, in percent, at which you are alerted.',
  },
  'alerts.desktop': { zh: '是否在桌面上显示提醒。', en: 'Whether alerts are shown on the desktop.' },
  'alerts.command': { zh: '每次提醒时运行的程序。', en: 'A program that is run with each alert.' },
  'meters.sources': { zh: '读取哪些工具自己的用量。', en: 'The tools whose own figures are read.' },
  'meters.main': { zh: '哪些表计入额度。', en: 'The meters that feed the budget.' },
  'meters.count': {
    zh: '计入额度时是否包括缓存读取。',
    en: 'Whether what comes from a cache counts towards the budget.',
  },
  'meters.backfill_days': {
    zh: '首次发现工具时，读取多少天以内的旧日志。',
    en: 'How old a log may be that is read when its tool is first seen.',
  },
  'meters.projects': {
    zh: '记下工作文件夹的名称、完整路径，还是都不记。',
    en: 'What is kept of the folder in which a tool worked: its name, its path, or nothing.',
  },
  'meters.wsl': {
    zh: '预留：从 Windows 读取 WSL 中的工具，目前尚未实现。',
    en: 'Kept for reading tools inside WSL from Windows, which is not done yet.',
  },
} as const;
