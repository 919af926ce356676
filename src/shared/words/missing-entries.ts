import type { Bilingual } from '../../protocol/language.ts';
import { formatTokens } from '../../protocol/token-value.ts';

/** The sentence beside an answer that lacks entries of the ledger. */
export function missingEntries(unreadable: number): Bilingual {
  const count = formatTokens(unreadable);
  return unreadable === 1
    ? { zh: '账本中有 1 条无法读取，这里可能不全', en: '1 entry of the ledger cannot be read and may be missing here' }
    : {
        zh: `账本中有 ${count} 条无法读取，这里可能不全`,
        en: `${count} entries of the ledger cannot be read and may be missing here`,
      };
}

/** The way to mend that. */
export const MISSING_ENTRIES_HINT: Bilingual = {
  zh: '请把账本文件夹从备份放回，再运行 token-sync restart；原因见 token-sync doctor',
  en: 'put the ledger folder back from a backup, then run `token-sync restart`; `token-sync doctor` tells the cause',
};
