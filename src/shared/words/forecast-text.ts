import type { Bilingual } from '../../protocol/language.ts';
import type { Forecast, Usage } from '../../protocol/methods.ts';

/**
 * When the budget runs out, in local days with the range they lie in, such as `2027-01-04 (12-29 to 01-12)`, or why none is
 * named; `usage` may be ahead of the forecast.
 */
export function forecastText(
  { exhausts_at, range, reason, turns_left }: Forecast,
  { used, total }: Figures,
): Bilingual {
  if (reason === 'context') return turnsText(turns_left);
  if (total > 0 && used >= total) return FORECAST_REASONS.exhausted;
  if (exhausts_at === null) return reasonText(reason ?? 'no_usage');
  const day = dayOf(exhausts_at);
  const earliest = range?.earliest ? dayOf(range.earliest) : undefined;
  const latest = range?.latest ? dayOf(range.latest) : undefined;
  if (earliest === undefined || earliest === latest) return { zh: day, en: day };
  if (latest === undefined) {
    return { zh: `${day}（最早 ${earliest}）`, en: `${day} (${earliest} at the earliest)` };
  }
  // Where the year cannot be mistaken it is left out.
  const [from, to] = isWithinHalfAYear(earliest, latest) ? [earliest.slice(5), latest.slice(5)] : [earliest, latest];
  return { zh: `${day}（${from} 至 ${to}）`, en: `${day} (${from} to ${to})` };
}

/** How many turns fit into a conversation, or that nobody knows yet. */
export function turnsText(turns: number | undefined): Bilingual {
  if (turns === undefined) return { zh: '还不知道每轮用多少', en: 'Not known before the first turns' };
  return { zh: `大约还有 ${turns} 轮`, en: `In about ${turns} ${turns === 1 ? 'turn' : 'turns'}` };
}

type Figures = Pick<Usage, 'used' | 'total'>;

/** Why no day is named on which the budget runs out. */
export const FORECAST_REASONS: Readonly<Record<NonNullable<Forecast['reason']>, Bilingual>> = {
  too_little_data: { zh: '记录还不到两天，暂时无法预测', en: 'Not known before two days of readings' },
  no_usage: { zh: '近两周没有使用', en: 'Nothing was used in the last two weeks' },
  exhausted: { zh: '额度已用完', en: 'The budget is used up' },
  no_budget: { zh: '没有设置额度', en: 'There is no budget' },
  beyond_horizon: { zh: '按目前的用量，十年内不会用完', en: 'Not within ten years at this pace' },
  context: {
    zh: '额度是一次对话的空间，没有用完的日期',
    en: 'The budget is the room in one conversation, which has no date',
  },
};

/** A reason in words; one that only a later daemon knows, by its name. */
export function reasonText(reason: string): Bilingual {
  const known: Readonly<Record<string, Bilingual>> = FORECAST_REASONS;
  return Object.hasOwn(known, reason) ? known[reason]! : { zh: reason, en: reason };
}

/** The label of the forecast. */
export const RUNS_OUT: Bilingual = { zh: '预计用完', en: 'Runs out' };

const HALF_A_YEAR_MS = 183 * 86_400_000;

function isWithinHalfAYear(earliest: string, latest: string): boolean {
  return Date.parse(latest) - Date.parse(earliest) < HALF_A_YEAR_MS;
}

/** An instant's local day, `2027-01-04`. */
export function dayOf(instant: string | number): string {
  const date = new Date(instant);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
