import type { Language } from '../../../protocol/language.ts';
import type { DaemonInfo, Forecast, Usage } from '../../../protocol/methods.ts';
import { percentText, tokensText } from '../../../shared/words/figures.ts';
import { nextReset, RESETS, resetsText } from '../../../shared/words/period-text.ts';
import { asTyped } from '../own-command.ts';
import { block, PERCENT, periodRows, REMAINING, remarkText, USED } from './render.ts';

/** The answer of `budget` that has set something; `resets` is the period as it stands, where that was set. */
export function budgetText(usage: Usage, language: Language, resets?: string): string {
  return block(language, `✅ ${BUDGET_SET[language]}: ${tokensText(usage.total)}`, [
    ...figures(usage),
    ...(resets === undefined ? [] : [[RESETS, resetsText(resets)[language]] as const]),
  ]);
}

/** The answer of `budget` that has set its period alone. */
export function resetText(usage: Usage, language: Language, resets: string): string {
  return block(language, `✅ ${RESET_SET[language]}: ${resetsText(resets)[language]}`, [
    [BUDGET, tokensText(usage.total)],
    ...figures(usage),
  ]);
}

/** The answer of `budget` that sets nothing: the budget, its period, and whether it lasts. */
export function shownBudgetText(
  usage: Usage,
  resets: string | undefined,
  { period }: Pick<Forecast, 'period'>,
  language: Language,
): string {
  const next = period ? `${{ zh: '；', en: '; ' }[language]}${nextReset(period)[language]}` : '';
  return block(language, `📊 ${BUDGET[language]}: ${tokensText(usage.total)}`, [
    ...figures(usage),
    [RESETS, `${resetsText(resets ?? 'never')[language]}${next}`],
    ...(period ? [[EXPECTED, `${period.expected_percent.toFixed(1)}%`] as const] : []),
    ...periodRows(period, usage, language),
  ]);
}

/** For standard error beside a budget that never begins anew: how to say when it does. */
export function resetRemark({ budget }: Pick<DaemonInfo, 'budget'>, language: Language): string {
  const isMissing = budget === undefined || (budget.kind === 'counter' && budget.period === 'never');
  return isMissing ? remarkText(asTyped(SET_RESET), language) : '';
}

/** For standard error beside a period that is set and has no effect: the room in one conversation has no reset. */
export function withoutResetRemark({ budget }: Pick<DaemonInfo, 'budget'>, language: Language): string {
  return budget?.kind === 'context' ? remarkText(NO_RESET, language) : '';
}

function figures({ used, total, remaining }: Usage) {
  return [
    [USED, tokensText(used)],
    [PERCENT, percentText(used, total)],
    [REMAINING, tokensText(remaining)],
  ] as const;
}

const BUDGET = { zh: '总额度', en: 'Budget' };
const BUDGET_SET = { zh: '总额度已设为', en: 'Budget set' };
const RESET_SET = { zh: '重置日已设为', en: 'Reset set' };
const NO_RESET = {
  zh: '额度的种类是 context（一次对话的空间），重置日对它没有作用',
  en: 'the budget is the room in one conversation (budget.kind is context), on which a reset has no effect',
};
const EXPECTED = { zh: '按周期应用到', en: 'Expected by now' };
const SET_RESET = {
  zh: '要知道能不能用到重置，请设置重置日：token-sync budget --resets 15',
  en: 'to know whether it lasts until the reset, say when that is: token-sync budget --resets 15',
};
