import type { Bilingual } from '../../../protocol/language.ts';

/** What keeps us from reading Cursor's database. */
export type CursorFault = keyof typeof FAULTS;

/** Which file is not read or understood and why, and what to do; `detail` is what is missing, or the code. */
export function cursorWords(fault: CursorFault, path: string, detail: string): { reason: Bilingual; hint: Bilingual } {
  const { zh, en, hint } = FAULTS[fault];
  const filled = (text: string) => text.replace('{detail}', () => detail);
  return { reason: { zh: `${path}：${filled(zh)}`, en: `${path}: ${filled(en)}` }, hint };
}

const UPDATE = {
  zh: '请更新 token-sync；在此之前显示最后读到的数字',
  en: 'update token-sync; until then the last figures stay',
} as const;

const START_CURSOR = {
  zh: '请启动 Cursor（已启动则请重启），它会修复自己的数据库',
  en: 'start Cursor, or restart it: it mends its own database',
} as const;

const FAULTS = {
  schema: {
    zh: 'Cursor 数据库的格式无法识别 ({detail})',
    en: 'the form of Cursor’s database is not known ({detail})',
    hint: UPDATE,
  },
  misread: {
    zh: '连续 {detail} 条会话记录中没有可识别的数字',
    en: 'no known figure in {detail} conversations in a row',
    hint: UPDATE,
  },
  busy: {
    zh: '数据库一直被另一个程序锁定 ({detail})',
    en: 'another program keeps the database locked ({detail})',
    hint: START_CURSOR,
  },
  unfinished: {
    zh: 'Cursor 未正常结束，缺少 {detail}；不写入其文件夹就无法读取',
    en: 'Cursor did not end well: {detail} is missing, and without it nothing can be read unless we write there',
    hint: START_CURSOR,
  },
  denied: {
    zh: '没有读取权限 ({detail})',
    en: 'it may not be read ({detail})',
    hint: {
      zh: '请检查该文件及其文件夹的权限',
      en: 'check the permissions of that file and of its folder',
    },
  },
  unreadable: {
    zh: '数据库无法读取 ({detail})',
    en: 'the database cannot be read ({detail})',
    hint: START_CURSOR,
  },
  wsl: {
    zh: '数据库在 WSL 中，从 Windows 无法读取 ({detail})',
    en: 'the database lies in WSL and cannot be read from Windows ({detail})',
    hint: { zh: '请在 WSL 内运行 token-sync 的守护进程', en: 'run a daemon of token-sync inside WSL' },
  },
} as const satisfies Readonly<Record<string, Bilingual & { readonly hint: Bilingual }>>;
