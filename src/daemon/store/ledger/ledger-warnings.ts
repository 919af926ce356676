import type { Bilingual } from '../../../protocol/language.ts';

/** The warning after a refused write, until one succeeds. */
export function lastRefusal({ zh, en }: Bilingual): Bilingual {
  return { zh: `最近一次写入失败：${zh}`, en: `the last attempt to record failed: ${en}` };
}

/** The warning that a segment of the ledger goes on growing, with the reason. */
export function noSegment({ zh, en }: Bilingual): Bilingual {
  return { zh: `账本无法分段：${zh}`, en: `the ledger cannot start a segment: ${en}` };
}

/** The warning that lines of the ledger are no longer on disk, or not as they were written. */
export function unreadableLedger(entries: number): Bilingual {
  return {
    zh: `账本有一部分无法读取（目前已知 ${entries} 条）；记录照常进行，历史暂时略过这一部分。请运行 token-sync restart，重启会修复账本并保留损坏的原件`,
    en: `a part of the ledger cannot be read (entries known of: ${entries}); recording goes on, and the history passes over that part. Run \`token-sync restart\`, which repairs the ledger and sets aside what is damaged`,
  };
}
