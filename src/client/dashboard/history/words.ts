import type { Bilingual } from '../../../protocol/language.ts';
import { formatTokens } from '../../../protocol/token-value.ts';

/** A number of readings: `12 条`, `12 readings`. */
export function readingsText(count: number): Bilingual {
  const figure = formatTokens(count);
  return { zh: `${figure} 条`, en: `${figure} reading${count === 1 ? '' : 's'}` };
}

export const NO_READINGS: Bilingual = { zh: '还没有记录', en: 'No readings yet' };
export const SHOW_MORE: Bilingual = { zh: '显示更多', en: 'Show more' };
export const TRY_AGAIN: Bilingual = { zh: '重试', en: 'Try again' };
