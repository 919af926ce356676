import type { Bilingual } from '../../protocol/language.ts';
import type { BudgetPeriod, Usage } from '../../protocol/methods.ts';
import { tokensText } from './figures.ts';
import { dayOf, FORECAST_REASONS, reasonText } from './forecast-text.ts';

/** The labels of the lines about a period. */
export const LASTS: Bilingual = { zh: '能用到重置吗', en: 'Lasts until the reset' };
export const LEFT_TODAY: Bilingual = { zh: '今天还可以用', en: 'Left for today' };
export const RESETS: Bilingual = { zh: '重置', en: 'Resets' };

/** The verdict and the reset, such as `no, 6 days short (resets 2025-12-15, in 27 days)`; `usage` may be ahead of it. */
export function verdictText(period: BudgetPeriod, { used, total }: Pick<Usage, 'used' | 'total'>): Bilingual {
  const { zh, en } = total > 0 && used >= total ? FORECAST_REASONS.exhausted : judgement(period);
  const reset = nextReset(period);
  return { zh: `${zh}（${reset.zh}）`, en: `${en} (${reset.en})` };
}

/** How much may be used today, and on each day; `undefined` where the figure is none of this period, or there is no budget. */
export function allowanceText({ allowance_today, allowance_per_day, reason }: BudgetPeriod): Bilingual | undefined {
  if (reason === 'no_reading_in_period' || reason === 'no_budget') return undefined;
  const [today, perDay] = [tokensText(allowance_today), tokensText(allowance_per_day)];
  return { zh: `${today}（每天 ${perDay}）`, en: `${today} (${perDay} a day)` };
}

/** When a budget begins anew, from the setting as it is written: `15`, `2025-11-03/7d`, `2026-01-31`, `never`. */
export function resetsText(setting: string): Bilingual {
  if (setting === 'never') return { zh: '不重置', en: 'never' };
  if (/^\d+$/.test(setting)) return { zh: `每月 ${setting} 日`, en: `on day ${setting} of each month` };
  const [date = '', length] = setting.split('/');
  if (length === undefined) return { zh: `${date} 之后一次`, en: `once, after ${date}` };
  const days = Number.parseInt(length, 10);
  return {
    zh: `从 ${date} 起每 ${days} 天`,
    en: days === 1 ? `every day from ${date}` : `every ${days} days from ${date}`,
  };
}

/** Such as `resets 2025-12-15, in 27 days`. */
export function nextReset({ ends_at, days_left }: Pick<BudgetPeriod, 'ends_at' | 'days_left'>): Bilingual {
  const day = dayOf(ends_at);
  return { zh: `${day} 重置，还有 ${days_left} 天`, en: `resets ${day}, in ${days(days_left)}` };
}

function judgement({ verdict, spare_days = 0, reason = 'no_usage' }: BudgetPeriod): Bilingual {
  // As far as the two dates lie apart.
  const spare = Math.abs(Math.floor(spare_days));
  switch (verdict) {
    case 'lasts':
      return spare === 0
        ? { zh: '够用，余不到 1 天', en: 'yes, less than a day to spare' }
        : { zh: `够用，余 ${spare} 天`, en: `yes, ${days(spare)} to spare` };
    case 'tight':
      return { zh: '刚好，也可能不够', en: 'barely, and perhaps not' };
    case 'short':
      return { zh: `不够，差 ${Math.max(1, spare)} 天`, en: `no, ${days(Math.max(1, spare))} short` };
    case 'unknown':
      return reason === 'no_reading_in_period' ? NO_READING : reasonText(reason);
  }
}

const NO_READING: Bilingual = {
  zh: '本周期还没有记录，同步一次就知道',
  en: 'known after a reading',
};

function days(count: number): string {
  return `${count} ${count === 1 ? 'day' : 'days'}`;
}
