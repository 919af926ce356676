import type { Bilingual } from '../../protocol/language.ts';
import type { CounterMeter, GaugeMeter, Meter, WindowMeter } from '../../protocol/methods.ts';
import { formatTokens } from '../../protocol/token-value.ts';
import { ageText } from './age-text.ts';
import { percentText, tokensText } from './figures.ts';

/** A gauge that is older may have changed unseen; it is told with its age, and never as 0 (SPEC §10). */
export const STALE_MS = 15 * 60_000;

/** The tool of a meter: `claude` of `claude.5h`. */
export function toolOf({ meter }: Pick<Meter, 'meter'>): string {
  return meter.split('.')[0]!;
}

/** The name of a tool as its makers write it; one that only a later daemon knows, as it is told. */
export function toolName(tool: string): string {
  return Object.hasOwn(TOOL_NAMES, tool) ? TOOL_NAMES[tool]! : tool;
}

/** What a counter counted, both ways of counting by their names (SPEC §10), and in how many requests. */
export function counterText(counter: CounterMeter): Bilingual {
  const [fresh, rest] = [freshText(counter), besideFreshText(counter)];
  return { zh: `${fresh} · ${rest.zh}`, en: `${fresh} · ${rest.en}` };
}

/** The tokens without what came from a cache, which are those that can feed a budget. */
export function freshText({ tokens }: CounterMeter): string {
  return `fresh ${formatTokens(tokens.fresh)}`;
}

/** The rest of what a counter tells. */
export function besideFreshText({ tokens, calls, cost }: CounterMeter): Bilingual {
  const [all, requests] = [formatTokens(tokens.all), formatTokens(calls)];
  const worth = cost ? costText(cost) : undefined;
  return {
    zh: `all ${all}（含缓存读取）· ${requests} 次请求${worth ? ` · ${worth.zh}` : ''}`,
    en: `all ${all} (with cache reads) · ${requests} ${calls === 1 ? 'request' : 'requests'}${worth ? ` · ${worth.en}` : ''}`,
  };
}

/** What those tokens cost by the price list, which is not what a person pays. */
export function costText({ usd }: NonNullable<CounterMeter['cost']>): Bilingual {
  const dollars = `$${usd.toFixed(2)}`;
  return { zh: `API 价值 ${dollars}（不是你的账单）`, en: `API value ${dollars}, not your bill` };
}

/** How full a conversation is: `84,000 / 200,000 (42.0%)`, and without a limit as much as is known. */
export function gaugeText({ used, limit, percent }: GaugeMeter): string {
  if (limit !== undefined && limit > 0) {
    return `${formatTokens(used)} / ${formatTokens(limit)} (${percentText(used, limit)})`;
  }
  return percent === undefined ? tokensText(used) : `${tokensText(used)} (${percent.toFixed(1)}%)`;
}

/** The share of a window that is used beside the share that is gone, when it resets, and what follows; both as of when the tool told it. */
export function windowText(window: WindowMeter, nowMs: number): Bilingual {
  const { zh, en } = besideShareText(window, nowMs);
  if (isOver(window, nowMs)) return { zh, en };
  const used = shareText(window);
  return { zh: `已用 ${used}，${zh}`, en: `${used} used with ${en}` };
}

/** The share of a window that is used, as the tool told it. */
export function shareText({ used_percent }: WindowMeter): string {
  return `${Number.isInteger(used_percent) ? used_percent : used_percent.toFixed(1)}%`;
}

/** What belongs beside the share: of a window that is over, that the share is not of this one. */
export function besideShareText(window: WindowMeter, nowMs: number): Bilingual {
  const clock = clockText(window.resets_at, nowMs);
  if (isOver(window, nowMs)) {
    const used = shareText(window);
    return {
      zh: `上一个窗口用了 ${used}，已于 ${clock} 重置`,
      en: `the window before used ${used}; it reset ${clock}`,
    };
  }
  const [gone, pace] = [`${gonePercent(window)}%`, PACES[paceOf(window)]];
  const left = ageText(Date.parse(window.resets_at) - nowMs);
  return {
    zh: `窗口已过 ${gone}：${pace.zh} · ${clock} 重置（还有 ${left.zh}）`,
    en: `${gone} of the window gone: ${pace.en} · resets ${clock}, in ${left.en}`,
  };
}

/** True once the reset is past: the figure is of the window before, and is not judged. */
export function isOver({ resets_at, expired }: WindowMeter, nowMs: number): boolean {
  return expired === true || Date.parse(resets_at) <= nowMs;
}

/** How a window is used against the time in it, both when the tool told it; only the two shares are compared, nothing is foretold. */
export function paceOf(window: WindowMeter): 'fine' | 'fast' | 'full' {
  if (window.used_percent >= 100) return 'full';
  return window.used_percent <= gonePercent(window) ? 'fine' : 'fast';
}

/** How much of its window was gone when the tool told it, in whole percents. */
function gonePercent({ resets_at, window_minutes, observed_at }: WindowMeter): number {
  const leftMs = Date.parse(resets_at) - Date.parse(observed_at);
  const gone = window_minutes > 0 ? 100 - (leftMs / (window_minutes * 60_000)) * 100 : 100;
  return Math.min(100, Math.max(0, Math.round(gone)));
}

/** Where a figure comes from and how old it is: `exact, 12 s ago`; of an old gauge, that it may have changed since. */
export function originText(meter: Meter, nowMs: number): Bilingual {
  const { zh, en } = PROVENANCES[meter.provenance];
  const age = ageText(nowMs - Date.parse(meter.observed_at));
  return isStale(meter, nowMs)
    ? { zh: `${zh}，是 ${age.zh}前的值`, en: `${en}, as it was ${age.en} ago` }
    : { zh: `${zh}，${age.zh}前`, en: `${en}, ${age.en} ago` };
}

/** Whether a gauge is too old to be taken for what stands there now. */
export function isStale({ kind, observed_at }: Meter, nowMs: number): boolean {
  return kind === 'gauge' && nowMs - Date.parse(observed_at) > STALE_MS;
}

/** The words that tell conversations apart, as far as the tool tells them: model and project. */
export function gaugeDetails({ model, project, conversation }: GaugeMeter): string {
  const details = [model, project].filter((detail) => detail !== undefined && detail !== '');
  return details.length > 0 ? details.join(' · ') : conversation.slice(0, 8);
}

/** A local time of day, with its date on any other day than today. */
export function clockText(instant: string | number, nowMs: number): string {
  const [date, today] = [new Date(instant), new Date(nowMs)];
  const two = (part: number) => String(part).padStart(2, '0');
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === today.toDateString()) return time;
  return `${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

const TOOL_NAMES: Readonly<Record<string, string>> = {
  cursor: 'Cursor',
  claude: 'Claude Code',
  codex: 'Codex',
  copilot: 'Copilot CLI',
  opencode: 'opencode',
  qwen: 'Qwen Code',
  kimi: 'Kimi CLI',
  gemini: 'Gemini CLI',
};

const PROVENANCES: Readonly<Record<Meter['provenance'], Bilingual>> = {
  exact: { zh: '确切', en: 'exact' },
  estimated: { zh: '估算', en: 'estimated' },
  manual: { zh: '手动录入', en: 'by hand' },
};

const PACES: Readonly<Record<ReturnType<typeof paceOf>, Bilingual>> = {
  fine: { zh: '正常', en: 'fine' },
  fast: { zh: '用得偏快', en: 'faster than the time goes by' },
  full: { zh: '已用完', en: 'used up' },
};
