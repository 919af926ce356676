import { TokenSyncError } from '../../protocol/errors.ts';
import type { Params, Usage } from '../../protocol/methods.ts';
import { type Period, parsePeriod } from '../../shared/period.ts';
import { settingOf } from '../../shared/settings.ts';
import type { Monitor } from '../monitor.ts';
import { totalOperation } from '../operations.ts';
import type { Source } from '../rules/change.ts';
import type { LiveBudget } from './live-budget.ts';

/**
 * Sets the budget, its period, or both, and answers with the usage then; throws before anything is changed where the period is
 * none, or is seen not to be settable. The budget is handed over at once, so that in a batch it keeps its place; where the
 * disk refuses the period only then, the failure says that this one was not changed.
 */
export async function setBudget(
  { monitor, budget }: { readonly monitor: Monitor; readonly budget: LiveBudget },
  { total, period }: Params<'usage.set_total'>,
  source: Source,
): Promise<Usage> {
  if (total === undefined && period === undefined) throw nothingToSet();
  const setting = period === undefined ? undefined : parsePeriod(period);
  if (period !== undefined && !setting) throw noPeriod();
  if (setting?.kind === 'until' && isPast(setting)) throw pastDay();
  // Throws at once where it is seen not to be settable.
  const isSet = setting && budget.setPeriod(setting);
  const usage = total === undefined ? undefined : monitor.submit(totalOperation(total, source));
  const [answer] = await Promise.all([usage, isSet]);
  return answer ?? monitor.usage();
}

function nothingToSet(): TokenSyncError {
  return new TokenSyncError(
    'invalid_params',
    { zh: 'total 缺失或类型不对', en: 'total is missing or of the wrong type' },
    { field: 'total', hint: { zh: '请写 total、period，或两者', en: 'name total, period, or both' } },
  );
}

/** True where the last day of the period is over. */
function isPast({ date: [year, month, day] }: Period & { readonly kind: 'until' }): boolean {
  return new Date(year, month, day + 1).getTime() <= Date.now();
}

function pastDay(): TokenSyncError {
  return new TokenSyncError(
    'value_refused',
    { zh: 'period 的最后一天已经过去', en: 'the last day of the period is past' },
    {
      field: 'period',
      hint: { zh: '请写今天或以后的日期，或每月的某日', en: 'write today or a later day, or a day of each month' },
    },
  );
}

function noPeriod(): TokenSyncError {
  const { wanted } = settingOf('budget.period');
  return new TokenSyncError(
    'value_refused',
    { zh: `period 应为：${wanted.zh}`, en: `period should be ${wanted.en}` },
    { field: 'period' },
  );
}
