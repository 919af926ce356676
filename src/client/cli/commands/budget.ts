import { TokenSyncError } from '../../../protocol/errors.ts';
import { defineCommand } from '../command.ts';
import { readValue } from '../input/value.ts';
import { budgetText } from '../show/render.ts';

/** Sets the budget, written like any token value. */
export const budget = defineCommand({
  summary: { zh: '设置总额度', en: 'set the budget' },
  example: { zh: 'token-sync budget 100万', en: 'token-sync budget 1M' },
  flags: {},
  args: ['TOTAL'],
  async run({ positionals: [text = ''], daemon, language }) {
    const { tokens: total } = readValue(text);
    if (total < 1) throw noBudget();
    const usage = await daemon((call) => call('usage.set_total', { total }));
    return { text: budgetText(usage, language), json: { success: true, ...usage } };
  },
});

function noBudget(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    { zh: '总额度必须是从 1 起的整数', en: 'the budget must be a whole number from 1' },
    { field: 'total', hint: { zh: '例如：token-sync budget 1M', en: 'for example: token-sync budget 1M' } },
  );
}
