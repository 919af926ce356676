import type { Bilingual } from '../../protocol/language.ts';
import type { Alert, Usage } from '../../protocol/methods.ts';
import { percentText } from './figures.ts';
import { dayOf } from './forecast-text.ts';

/** An alert in one sentence, with the share of `figures`, else its own; days are in local time. */
export function alertText(
  { level, percent: told, forecast, period_ends_at }: Alert,
  figures?: Pick<Usage, 'used' | 'total'>,
): Bilingual {
  const percent = figures ? percentText(figures.used, figures.total) : `${told.toFixed(1)}%`;
  if (!forecast?.exhausts_at) {
    return { zh: `使用率已达到 ${level}%（现为 ${percent}）`, en: `${level}% has been reached (now ${percent})` };
  }
  const day = dayOf(forecast.exhausts_at);
  const lastDay = period_ends_at === undefined ? undefined : dayOf(Date.parse(period_ends_at) - 1);
  const isLastDay = day === lastDay;
  const period = {
    zh: isLastDay ? '，即周期的最后一天' : `，早于周期的最后一天 ${lastDay}`,
    en: isLastDay ? ', the last day of its period' : `, before the last day of its period, ${lastDay}`,
  };
  return {
    zh: `按目前速度，额度将在 ${day} 用尽${lastDay ? period.zh : ''}（现为 ${percent}）`,
    en: `at this pace the budget runs out on ${day}${lastDay ? period.en : ''} (now ${percent})`,
  };
}
