import type { Bilingual } from '../../protocol/language.ts';

/** What a person is told of the state file, by the code of the warning. */
export const STATE_FILE_WARNINGS = {
  state_file_unreadable: (code: string): Bilingual => ({
    zh: `状态文件无法读取 (${code})；记录照常进行，外部修改暂时不会被采纳`,
    en: `the state file cannot be read (${code}); recording goes on, and edits are not taken over meanwhile`,
  }),
  state_file_behind: (code: string): Bilingual => ({
    zh: `状态文件暂时无法写入 (${code})；数据已在账本中，会自动重试`,
    en: `the state file cannot be written at the moment (${code}); the values are in the ledger, and it is tried again`,
  }),
} as const;

/** What a person is told of a content that was set aside under a name because of a fault. */
export function setAsideFor(fault: Bilingual, name: string): Bilingual {
  return {
    zh: `状态文件${fault.zh}；原内容已保存为 ${name}`,
    en: `the state file ${fault.en}; what it held is kept in ${name}`,
  };
}

/** All problems of an edit in one text, and the name of the copy that keeps what was not taken over. */
export function notTakenOver(problems: readonly Bilingual[], name: string): Bilingual {
  const [zh, en] = [problems.map((problem) => problem.zh).join('；'), problems.map((problem) => problem.en).join('; ')];
  return { zh: `${zh}；原内容已保存为 ${name}`, en: `${en}; what the file held is kept in ${name}` };
}

/** What a person is told when the last thing to be recorded was refused. */
export function lastRefusal({ zh, en }: Bilingual): Bilingual {
  return { zh: `最近一次写入失败：${zh}`, en: `the last attempt to record failed: ${en}` };
}
