import { TokenSyncError } from '../../protocol/errors.ts';
import type { Params, Usage } from '../../protocol/methods.ts';
import { parsePeriod } from '../../shared/period.ts';
import { settingOf } from '../../shared/settings.ts';
import type { Monitor } from '../monitor.ts';
import { totalOperation } from '../operations.ts';
import type { Source } from '../rules/change.ts';
import type { LiveBudget } from './live-budget.ts';

/**
 * Sets the budget, its period, or both, and answers with the usage then; throws `value_refused` before anything is changed where the period is none. The
 * budget is handed over at once, so that in a batch it keeps its place.
 */
export async function setBudget(
  { monitor, budget }: { readonly monitor: Monitor; readonly budget: LiveBudget },
  { total, period }: Params<'usage.set_total'>,
  source: Source,
): Promise<Usage> {
  const setting = period === undefined ? undefined : parsePeriod(period);
  if (period !== undefined && !setting) throw noPeriod();
  if (setting) budget.requireSettable();
  const usage = total === undefined ? undefined : monitor.submit(totalOperation(total, source));
  const [answer] = await Promise.all([usage, setting && budget.setPeriod(setting)]);
  return answer ?? monitor.usage();
}

function noPeriod(): TokenSyncError {
  const { wanted } = settingOf('budget.period');
  return new TokenSyncError(
    'value_refused',
    { zh: `period 应为：${wanted.zh}`, en: `period should be ${wanted.en}` },
    { field: 'period' },
  );
}
