import type { Bilingual } from '../../protocol/language.ts';
import type { SessionType } from '../../protocol/methods.ts';

/** Every kind of session in words. */
export const SYNC_KINDS: Readonly<Record<SessionType, Bilingual>> = {
  manual: { zh: '手动', en: 'Manual' },
  auto: { zh: '自动', en: 'Automatic' },
  estimate: { zh: '估算', en: 'Estimate' },
  import: { zh: '导入', en: 'Import' },
  correction: { zh: '更正', en: 'Correction' },
  live: { zh: '实时', en: 'Live' },
  period: { zh: '重置', en: 'Reset' },
};

/** A kind in words, or as another program calls it. */
export function kindText(kind: string): Bilingual {
  return Object.hasOwn(SYNC_KINDS, kind) ? SYNC_KINDS[kind as SessionType] : { zh: kind, en: kind };
}
