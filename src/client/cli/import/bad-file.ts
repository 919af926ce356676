import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual } from '../../../protocol/language.ts';

/** The refusal of a whole file, because of one place in it. */
export function badFile(text: Bilingual, place?: Bilingual): TokenSyncError {
  const told = place ? { zh: `${place.zh}：${text.zh}`, en: `${place.en}: ${text.en}` } : text;
  return new TokenSyncError('value_refused', told, {
    hint: {
      zh: '没有导入任何记录；请改正后重试（可用 JSON、JSON Lines 或带表头的 CSV）',
      en: 'nothing was imported; mend it and try again (JSON, JSON Lines or CSV with a header)',
    },
  });
}

/** A line of a file. */
export function line(number: number): Bilingual {
  return { zh: `第 ${number} 行`, en: `line ${number}` };
}
