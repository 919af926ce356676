import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { isSilent } from '../../sdk/daemon/unreachable.ts';

/** The outcome of a recording; where no answer came in time, throws that it may stand, and how to repeat it so that it counts once. */
export function recordingOf<T>(id: string, recording: Promise<T>): Promise<T> {
  return orDoubt(recording, MAY_BE_RECORDED, {
    zh: `请加上 --id ${id} 再次运行，这样不会重复计数；原因见 token-sync doctor`,
    en: `repeat it with --id ${id}, so that it counts once; \`token-sync doctor\` tells why`,
  });
}

/** As `recordingOf`, for a counter's total from the clipboard. */
export function syncOf<T>(sync: Promise<T>): Promise<T> {
  return orDoubt(sync, MAY_BE_RECORDED, {
    zh: '同一数值再次同步不会重复计数；原因见 token-sync doctor',
    en: 'the same value again adds nothing; `token-sync doctor` tells why',
  });
}

/** As `recordingOf`, for an undo, of which a second one would take back the reading before. */
export function undoingOf<T>(undoing: Promise<T>): Promise<T> {
  return orDoubt(undoing, MAY_BE_UNDONE, {
    zh: '再次撤销之前，请用 token-sync history 查看；原因见 token-sync doctor',
    en: 'look at `token-sync history` before you undo again; `token-sync doctor` tells why',
  });
}

async function orDoubt<T>(work: Promise<T>, doubt: Bilingual, hint: Bilingual): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!isSilent(error)) throw error;
    const text = { zh: `${error.text.zh}，${doubt.zh}`, en: `${error.text.en}; ${doubt.en}` };
    throw new TokenSyncError(error.kind, text, { hint, cause: error.cause });
  }
}

const MAY_BE_RECORDED = { zh: '数值可能已经记录', en: 'the value may have been recorded' };
const MAY_BE_UNDONE = { zh: '可能已经撤销', en: 'the reading may have been taken back' };
