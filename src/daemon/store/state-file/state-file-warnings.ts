import type { Bilingual } from '../../../protocol/language.ts';
import { FIRST_COPIES, type KeptCopy, LAST_COPIES } from './kept-copies.ts';
import type { Problem } from './problem.ts';

/** Warnings about the state file, by their codes. */
export const STATE_FILE_WARNINGS = {
  state_file_unreadable: ({ zh, en }: Bilingual): Bilingual => ({
    zh: `状态文件无法读取 (${zh})；记录照常进行，外部修改暂时不会被采纳`,
    en: `the state file cannot be read (${en}); recording goes on, and edits are not taken over meanwhile`,
  }),
  state_file_behind: ({ zh, en }: Bilingual): Bilingual => ({
    zh: `状态文件暂时无法写入 (${zh})；数据已在账本中，会自动重试`,
    en: `the state file cannot be written at the moment (${en}); the values are in the ledger, and it is tried again`,
  }),
} as const;

/** A fault of the state file's content, of which a copy is kept under a name. */
export function keptAs({ name, removed }: KeptCopy, { zh, en }: Bilingual): Bilingual {
  const told = { zh: `${zh}；原内容已保存为 ${name}`, en: `${en}; what it held is kept in ${name}` };
  if (removed === 0) return told;
  return {
    zh: `${told.zh}；这类副本太多，只保留最早的 ${FIRST_COPIES} 份和最近的 ${LAST_COPIES} 份，已删除 ${removed} 份`,
    en: `${told.en}; of so many copies the first ${FIRST_COPIES} and the last ${LAST_COPIES} are kept, and ${removed} were removed`,
  };
}

/** The file was an older one of ours; `lost` is its content. */
export function olderCopy(revision: number, lost: string): Problem {
  return {
    zh: `状态文件被换成了较早的副本 (第 ${revision} 版)，已放回最新内容；如需恢复该副本，请运行 token-sync restore 并给出它的路径`,
    en: `the state file was an older copy (revision ${revision}), and the latest was put back; to return to that copy, run \`token-sync restore\` with its path`,
    lost,
  };
}

/** Two edits came from one reading, and the second made undone what the first had changed; `lost` is the mark of that reading. */
export function takenBack(lost: string): Problem {
  return {
    zh: '状态文件的一次修改撤回了基于同一内容的前一次修改；修改前的内容仍可找回',
    en: 'an edit of the state file took back what an earlier one from the same reading had changed; the state before it is not lost',
    lost,
  };
}

/** The base of an edit lies in a part of the ledger that cannot be read. */
export const UNKNOWN_BASE: Problem = {
  zh: '账本有一部分无法读取，不知道这次修改以哪个版本为基础，已按最新内容处理',
  en: 'a part of the ledger cannot be read, so what this edit started from is not known; it was compared with the latest state',
  lost: 'base',
};
