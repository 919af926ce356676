import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import { given } from '../../../shared/given.ts';
import { parsePeriod } from '../../../shared/period.ts';
import { settingOf } from '../../../shared/settings.ts';
import { defaultBudgetRemark } from '../calls/recorded.ts';
import { defineCommand, type Input, type Outcome } from '../command.ts';
import { readValue } from '../input/value.ts';
import { budgetText, resetRemark, resetText, shownBudgetText, withoutResetRemark } from '../show/budget-view.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** Sets the budget, written like any token value, and when it begins anew; without either it shows them. */
export const budget = defineCommand({
  summary: { zh: '查看或设置总额度和重置日', en: 'show or set the budget, and when it begins anew' },
  example: { zh: 'token-sync budget 100万 --resets 15', en: 'token-sync budget 1M --resets 15' },
  flags: {
    resets: {
      value: 'WHEN',
      meaning: {
        zh: '何时重置：每月的某日 15、从今天起每 7d，或 never',
        en: 'when it begins anew: on day 15 of each month, every 7d from today, or never',
      },
    },
  },
  args: ['[TOTAL]'],
  async run({ positionals: [text], flags: { resets }, daemon, language }) {
    if (text === undefined && resets === undefined) return show({ daemon, language });
    if (resets !== undefined && !parsePeriod(resets)) throw noPeriod(resets);
    const total = text === undefined ? undefined : readTotal(text);
    const usage = await daemon((call) => call('usage.set_total', given({ total, period: resets })));
    if (resets === undefined) return { text: budgetText(usage, language), json: { success: true, ...usage } };
    const info = await daemon((call) => call('daemon.info', {}));
    // As the daemon keeps it: `7d` has a first day there.
    const { period } = info.budget ?? TOLD_PLAIN;
    const isDefault = total === undefined && defaultBudgetRemark(info, usage.total, language);
    const remark = withoutResetRemark(info, language) || isDefault || '';
    return {
      text: total === undefined ? resetText(usage, language, period) : budgetText(usage, language, period),
      json: { success: true, ...usage, period },
      ...(remark !== '' && { remark }),
    };
  },
});

async function show({ daemon, language }: { daemon: Input['daemon']; language: Language }): Promise<Outcome> {
  const [usage, info, forecast] = await daemon((call) =>
    Promise.all([call('usage.get', {}), call('daemon.info', {}), call('usage.forecast', {})]),
  );
  const remark = defaultBudgetRemark(info, usage.total, language) || resetRemark(info, language);
  return {
    text: shownBudgetText(usage, info.budget?.period, forecast, language),
    json: { success: true, ...usage, ...(info.budget ?? TOLD_PLAIN), forecast },
    ...(remark !== '' && { remark }),
  };
}

/** As the daemon tells of it by telling nothing. */
const TOLD_PLAIN = { period: 'never', kind: 'counter', renews: false };

function readTotal(text: string): number {
  const { tokens } = readValue(text);
  if (tokens < 1) throw noBudget();
  return tokens;
}

function noPeriod(text: string): TokenSyncError {
  const { zh, en } = settingOf('budget.period').wanted;
  return wrongUsage(
    { zh: `--resets 无效：${text}`, en: `--resets is wrong: ${text}` },
    { zh: `应为：${zh}`, en: `it should be ${en}` },
  );
}

function noBudget(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    { zh: '总额度必须是从 1 起的整数', en: 'the budget must be a whole number from 1' },
    { field: 'total', hint: { zh: '例如：token-sync budget 1M', en: 'for example: token-sync budget 1M' } },
  );
}
