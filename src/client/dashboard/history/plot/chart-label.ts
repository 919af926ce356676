import type { Language } from '../../../../protocol/language.ts';
import { parseTimestamp } from '../../../../protocol/timestamp.ts';
import { formatTokens } from '../../../../protocol/token-value.ts';
import { percentText, tokensText } from '../../../../shared/words/figures.ts';
import { dayText, timeText } from '../figures.ts';
import { NO_READINGS } from '../words.ts';
import type { Readout } from './readout.ts';
import type { UsageModel } from './usage-model.ts';

/** The plot in a sentence, for people who do not see it. */
export function chartLabel(model: UsageModel, language: Language): string {
  const points = model.points.value;
  const last = points.at(-1);
  if (!last) return { zh: '用量图：还没有记录', en: 'Usage chart: no readings yet' }[language];
  const { fromMs } = model.window.value;
  const nowMs = model.nowMs.value;
  const from = timeText(fromMs, language, nowMs);
  const used = formatTokens(last.used);
  const shown = {
    zh: `用量图：自 ${from} 起，现为 ${used}，额度 ${formatTokens(last.total)}`,
    en: `Usage chart: since ${from}, now ${used} of ${tokensText(last.total)}`,
  }[language];
  const end = exhaustionText(model, language);
  return end ? `${shown}${language === 'zh' ? '；' : '; '}${end}` : shown;
}

/** When the budget will run out, and between which days; empty when that is not foreseen. */
function exhaustionText({ forecast, nowMs }: UsageModel, language: Language): string {
  const { exhausts_at, range } = forecast.value ?? {};
  const day = (text: string | null | undefined) => {
    const atMs = text ? parseTimestamp(text) : undefined;
    return atMs === undefined ? undefined : dayText(atMs, language, nowMs.value);
  };
  const likely = day(exhausts_at);
  if (likely === undefined) return '';
  const earliest = day(range?.earliest);
  const latest = day(range?.latest);
  const between =
    earliest === undefined || earliest === latest
      ? ''
      : latest === undefined
        ? { zh: `（最早 ${earliest}）`, en: ` (${earliest} at the earliest)` }[language]
        : { zh: `（${earliest} 至 ${latest}）`, en: ` (between ${earliest} and ${latest})` }[language];
  return { zh: `额度预计 ${likely} 用完${between}`, en: `the budget is used up around ${likely}${between}` }[language];
}

/** The figure, or the forecast, at an instant, as a screen reader says it. */
export function readoutLabel(readout: Readout | undefined, { nowMs }: UsageModel, language: Language): string {
  if (!readout) return NO_READINGS[language];
  const time = timeText(readout.atMs, language, nowMs.value);
  if (readout.kind === 'past') {
    const { used, budget } = readout;
    const of = budget > 0 ? ` / ${formatTokens(budget)} (${percentText(used, budget)})` : '';
    return `${time}: ${formatTokens(used)}${of}`;
  }
  const { likely, low, high } = readout;
  const figure = likely === undefined ? '' : ` ${formatTokens(likely)}`;
  const range = low === undefined || high === undefined ? '' : ` (${formatTokens(low)} – ${formatTokens(high)})`;
  return `${time}: ${{ zh: '预测', en: 'forecast' }[language]}${figure}${range}`;
}
