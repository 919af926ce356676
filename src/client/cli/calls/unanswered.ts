import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';
import { isSilent } from '../../sdk/daemon/unreachable.ts';

/** The doubt that a call without an answer leaves, and how to repeat the call without harm. */
export interface Doubt {
  readonly text: Bilingual;
  readonly hint: Bilingual;
}

/** The outcome of a call; where no answer came in time, throws `unreachable` with the doubt and its hint. */
export async function withDoubtHint<T>(call: Promise<T>, { text, hint }: Doubt): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!isSilent(error)) throw error;
    const whole = { zh: `${error.text.zh}，${text.zh}`, en: `${error.text.en}; ${text.en}` };
    throw new TokenSyncError(error.kind, whole, { hint, cause: error.cause });
  }
}

/** Of a recording under an id, which counts once however often it is repeated. */
export function recordingDoubt(id: string): Doubt {
  return {
    text: MAY_BE_RECORDED,
    hint: {
      zh: `请加上 --id ${id} 再次运行，这样不会重复计数；原因见 token-sync doctor`,
      en: `repeat it with --id ${id}, so that it counts once; \`token-sync doctor\` tells why`,
    },
  };
}

const MAY_BE_RECORDED = { zh: '数值可能已经记录', en: 'the value may have been recorded' };

/** Of a counter's total from the clipboard. */
export const CLIPBOARD_DOUBT: Doubt = {
  text: MAY_BE_RECORDED,
  hint: {
    zh: '同一数值再次同步不会重复计数；原因见 token-sync doctor',
    en: 'the same value again adds nothing; `token-sync doctor` tells why',
  },
};

/** Of an undo: a second one would take back the reading before. */
export const UNDO_DOUBT: Doubt = {
  text: { zh: '可能已经撤销', en: 'the reading may have been taken back' },
  hint: {
    zh: '再次撤销之前，请用 token-sync history 查看；原因见 token-sync doctor',
    en: 'look at `token-sync history` before you undo again; `token-sync doctor` tells why',
  },
};
