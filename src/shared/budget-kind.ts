import { TokenSyncError } from '../protocol/errors.ts';
import type { BudgetSettings, MeterSettings } from './settings.ts';
import { feedOf } from './settings.ts';

/** The settings by which the kind of budget is decided; `kind` is `undefined` where nobody has named one. */
export interface KindBasis extends Pick<BudgetSettings, 'renews'>, Pick<MeterSettings, 'main'> {
  readonly kind: BudgetSettings['kind'] | undefined;
}

/**
 * The kind of budget (SPEC §3): `counter` where nobody has named one, `context` where it follows a gauge. Throws `wrong_usage`
 * where a gauge, which falls with every conversation, would stand for the tokens of a period, or counters, which only add
 * up, for the room in one conversation.
 */
export function budgetKindOf({ kind, renews, main }: KindBasis): BudgetSettings['kind'] {
  const feed = feedOf({ main });
  if (feed === 'gauge' && kind === 'counter' && !renews) throw mirroredGauge(main[0]!);
  if (feed === 'counters' && kind === 'context') throw countedContext(main);
  return kind ?? (feed === 'gauge' ? 'context' : 'counter');
}

function mirroredGauge(gauge: string): TokenSyncError {
  return new TokenSyncError(
    'wrong_usage',
    {
      zh: `meters.main 为 ${gauge}，而 budget.kind 为 counter：它显示一次对话有多满，不是一个周期用了多少`,
      en: `meters.main is ${gauge} and budget.kind is counter: it shows how full one conversation is, and not what a period has used`,
    },
    {
      field: 'budget.kind',
      hint: {
        zh: '请去掉 budget.kind（额度即一次对话的空间），或将 budget.renews 设为 true（累计各次对话的增量）',
        en: 'take budget.kind away (the budget is then the room in one conversation), or set budget.renews to true (then the rises of all conversations add up)',
      },
    },
  );
}

function countedContext(main: readonly string[]): TokenSyncError {
  const names = main.join(',');
  return new TokenSyncError(
    'wrong_usage',
    {
      zh: `meters.main 为 ${names}，而 budget.kind 为 context：计数只会累加，不是一次对话的空间`,
      en: `meters.main is ${names} and budget.kind is context: counters add up, and are not the room in one conversation`,
    },
    {
      field: 'budget.kind',
      hint: {
        zh: '请去掉 budget.kind，或将 meters.main 设为一个表，如 cursor.context',
        en: 'take budget.kind away, or set meters.main to a gauge such as cursor.context',
      },
    },
  );
}
