import type { Bilingual } from '../../../protocol/language.ts';

/** The warning after a refused write, until one succeeds. */
export function lastRefusal({ zh, en }: Bilingual): Bilingual {
  return { zh: `最近一次写入失败：${zh}`, en: `the last attempt to record failed: ${en}` };
}

/** The warning that a segment of the ledger goes on growing, with the reason. */
export function noSegment({ zh, en }: Bilingual): Bilingual {
  return { zh: `账本无法分段：${zh}`, en: `the ledger cannot start a segment: ${en}` };
}
