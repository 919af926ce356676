import type { Bilingual } from './language.ts';
import type { Alert } from './methods.ts';

/** What an alert says, in one sentence; days are in local time. */
export function alertText({ level, percent, forecast, period_ends_at }: Alert): Bilingual {
  if (!forecast?.exhausts_at) {
    return { zh: `使用率已达到 ${level}%（现为 ${percent}%）`, en: `${level}% has been reached (now ${percent}%)` };
  }
  const day = dayOf(Date.parse(forecast.exhausts_at));
  const lastDay = period_ends_at === undefined ? undefined : dayOf(Date.parse(period_ends_at) - 1);
  return {
    zh: `按目前速度，额度将在 ${day} 用尽${lastDay ? `，早于周期的最后一天 ${lastDay}` : ''}（现为 ${percent}%）`,
    en: `at this pace the budget runs out on ${day}${lastDay ? `, before the last day of its period, ${lastDay}` : ''} (now ${percent}%)`,
  };
}

function dayOf(ms: number): string {
  const date = new Date(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
