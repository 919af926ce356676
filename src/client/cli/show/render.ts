import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { Alert, BudgetPeriod, Forecast, Receipt, Result, Usage, Warning } from '../../../protocol/methods.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { alertText } from '../../../shared/words/alert-text.ts';
import { figureText, percentText, signedTokens, tokensText } from '../../../shared/words/figures.ts';
import { forecastText, RUNS_OUT } from '../../../shared/words/forecast-text.ts';
import { allowanceText, LASTS, LEFT_TODAY, verdictText } from '../../../shared/words/period-text.ts';
import { remarksOn, shortName } from '../../../shared/words/reading-remarks.ts';
import { asTyped } from '../own-command.ts';

/** The usage as `status` shows it, and below it what is foretold and what the live meters tell. */
export function statusText(usage: Usage, forecast: Forecast, language: Language, meters: Rows = []): string {
  const { used, total, remaining, sessions_count, last_updated } = usage;
  return block(language, `📊 ${TITLE[language]}`, [
    [USED, tokensText(used)],
    [TOTAL, tokensText(total)],
    [PERCENT, percentText(used, total)],
    [REMAINING, tokensText(remaining)],
    [SESSIONS, String(sessions_count)],
    [UPDATED, last_updated],
    [RUNS_OUT, forecastText(forecast, usage)[language]],
    ...periodRows(forecast.period, usage, language),
    ...meters,
  ]);
}

/** Labels with their values, a line each. */
export type Rows = readonly (readonly [label: Bilingual, value: string])[];

/** Whether the budget lasts until its reset, and how much may be used today; none without a period. */
export function periodRows(
  period: BudgetPeriod | undefined,
  usage: Pick<Usage, 'used' | 'total'>,
  language: Language,
): Rows {
  if (!period) return [];
  const allowance = allowanceText(period);
  return [
    [LASTS, verdictText(period, usage)[language]],
    ...(allowance ? [[LEFT_TODAY, allowance[language]] as const] : []),
  ];
}

/** The answer of `record`. */
export function recordedText(receipt: Receipt, language: Language): string {
  return receiptText(RECORDED, receipt, language);
}

/** The answer of `quick`. */
export function syncedText(receipt: Receipt, language: Language): string {
  const { total_used, total } = receipt;
  const rows = [
    [TOKEN, formatTokens(total_used)],
    [PERCENT, percentText(total_used, total)],
  ] as const;
  return block(language, `✅ ${SYNCED[language]}`, rows);
}

/** Told in the place of an answer that cannot be written. */
export const VALUE_RECORDED: Bilingual = { zh: '数值已记录', en: 'the value was recorded' };

/** The answer of `correct`. */
export function correctedText(receipt: Receipt, language: Language): string {
  return receiptText(CORRECTED, receipt, language);
}

/** The answer of `restore`. */
export function restoredText(receipt: Receipt, language: Language): string {
  return receiptText(RESTORED, receipt, language);
}

/** The answer of `undo`: the reading that was taken back, and the figure now. */
export function undoneText(receipt: Receipt, language: Language): string {
  const { touched, total_used, total } = receipt;
  // An older daemon does not say which.
  if (!touched) return receiptText(UNDONE, receipt, language);
  const { increment, event, timestamp } = touched;
  const name = shortName(event);
  const title = `✅ ${UNDONE[language]}: ${signedTokens(increment)}${name ? ` ${name}` : ''} (${timestamp})`;
  return block(language, title, [[SUM, figureText({ used: total_used, total })]]);
}

/** For standard error after an undo: that the budget, where it was changed since that reading, stays as it is. */
export function undoHintsOf({ touched, total, ...receipt }: Receipt, language: Language): string {
  const before = touched?.total;
  const remarks = before === undefined ? [] : [asTyped(budgetStays(before, total))];
  return hintsOf({ ...receipt, total }, language) + remarks.map((remark) => remarkText(remark, language)).join('');
}

function budgetStays(before: number, total: number): Bilingual {
  const figure = formatTokens(total);
  return {
    zh: `撤销的是读数，总额度仍是 ${figure}；要改回请运行 token-sync budget ${before}`,
    en: `an undo takes back readings, and the budget stays at ${figure}; to set it back: token-sync budget ${before}`,
  };
}

/** For standard error beside any receipt: that the state file does not show it yet. */
export function noteOf({ state_file }: Receipt, language: Language): { readonly note?: string } {
  return state_file === 'behind' ? { note: `⚠️ ${asTyped(BEHIND)[language]}\n` } : {};
}

/** The answer of `estimate`. */
export function estimatedText(recorded: Result<'conversation.record'>, language: Language): string {
  const { session_tokens, user_tokens, assistant_tokens, total_used, total } = recorded;
  const parts = `(${USER[language]}:${formatTokens(user_tokens)} + AI:${formatTokens(assistant_tokens)})`;
  const title = `✅ ${ESTIMATED[language]}: +${formatTokens(session_tokens)} ${parts}`;
  return block(language, title, [[SUM, figureText({ used: total_used, total })]]);
}

/** The answer of `estimate --dry-run`. */
export function countedText(counted: Result<'conversation.estimate'>, language: Language): string {
  const { total_tokens, user_tokens, assistant_tokens, encoding } = counted;
  const parts = `(${USER[language]}:${formatTokens(user_tokens)} + AI:${formatTokens(assistant_tokens)})`;
  return block(language, `🔢 ${COUNTED[language]}: ${tokensText(total_tokens)} ${parts}`, [
    [ENCODING, encoding],
    [NOTE, NOT_RECORDED[language]],
  ]);
}

/** The daemon's warnings, one a line; empty when all is well. */
export function warningsText(warnings: readonly Warning[], language: Language): string {
  return warnings.map((warning) => `⚠️ ${visibleLine(warning[language])}\n`).join('');
}

/** The alerts that still hold, one a line. */
export function alertsText(alerts: readonly Alert[] | undefined, usage: Usage, language: Language): string {
  return (alerts ?? []).map((alert) => `⚠️ ${alertText(alert, usage)[language]}\n`).join('');
}

/** A title and, below it, labels with their values. */
export function block(language: Language, title: string, rows: Rows): string {
  const lines = [title, ...rows.map(([label, value]) => `   ${label[language]}: ${visibleLine(value)}`)];
  return `${lines.join('\n')}\n`;
}

function receiptText(title: Bilingual, { total_used, increment, total }: Receipt, language: Language): string {
  return block(language, `✅ ${title[language]}: ${figureText({ used: total_used, total })}`, [
    [INCREMENT, tokensText(increment)],
  ]);
}

/** For standard error after any receipt: what is out of the ordinary about it, one a line. */
export function hintsOf(receipt: Receipt, language: Language): string {
  const { period, duplicate } = receipt;
  const remarks = duplicate ? [DUPLICATE] : [...remarksOn(receipt, asTyped(UNDO)), ...turnedVerdict(period, receipt)];
  return remarks.map((remark) => remarkText(remark, language)).join('');
}

function turnedVerdict(period: BudgetPeriod | undefined, { total_used: used, total }: Receipt): Bilingual[] {
  if (!period) return [];
  const [verdict, allowance] = [verdictText(period, { used, total }), allowanceText(period)];
  return [
    {
      zh: `${LASTS.zh}：${verdict.zh}${allowance ? `；${LEFT_TODAY.zh} ${allowance.zh}` : ''}`,
      en: `${LASTS.en}: ${verdict.en}${allowance ? `; ${LEFT_TODAY.en}: ${allowance.en}` : ''}`,
    },
  ];
}

/** For standard error after the first figure: that nobody has set the budget, and how to. */
export function defaultBudgetText(total: number, language: Language): string {
  return remarkText(asTyped(total > 0 ? defaultBudget(total) : NO_BUDGET), language);
}

function defaultBudget(total: number): Bilingual {
  const figure = formatTokens(total);
  return {
    zh: `总额度还是默认的 ${figure}；请设置你的：token-sync budget 总额度`,
    en: `the budget is still the default of ${figure}; set yours: token-sync budget TOTAL`,
  };
}

/** A remark for standard error. */
export function remarkText(remark: Bilingual, language: Language): string {
  return `   ${NOTE[language]}: ${visibleLine(remark[language])}\n`;
}

const TITLE = { zh: 'Token使用情况', en: 'Token usage' };
export const USED = { zh: '已使用', en: 'Used' };
const TOTAL = { zh: '总额度', en: 'Total' };
export const PERCENT = { zh: '使用率', en: 'Percent' };
export const REMAINING = { zh: '剩余', en: 'Remaining' };
const SESSIONS = { zh: '会话数', en: 'Sessions' };
const UPDATED = { zh: '更新时间', en: 'Updated' };
const RECORDED = { zh: 'Token已更新', en: 'Recorded' };
const SYNCED = { zh: '同步成功！', en: 'Synced!' };
const TOKEN = { zh: 'Token', en: 'Token' };
const RESTORED = { zh: '已恢复', en: 'Restored' };
const CORRECTED = { zh: 'Token已更正', en: 'Corrected' };
const UNDONE = { zh: '已撤销', en: 'Undone' };
const INCREMENT = { zh: '本次增量', en: 'Increment' };
const ESTIMATED = { zh: '自动记录Token', en: 'Tokens recorded' };
const USER = { zh: '用户', en: 'user' };
const SUM = { zh: '总计', en: 'Total' };
const COUNTED = { zh: 'Token估算', en: 'Tokens counted' };
const ENCODING = { zh: '编码', en: 'Encoding' };
const NOT_RECORDED = { zh: '只计数，没有记录', en: 'only counted, nothing was recorded' };
const NOTE = { zh: '提示', en: 'Note' };
const UNDO = { zh: '；如有误请用 token-sync undo 撤销', en: '; `token-sync undo` takes it back' };
const DUPLICATE = {
  zh: '这个 id 已经记录过，没有重复计入',
  en: 'this id was recorded before; it was not counted again',
};
const NO_BUDGET = {
  zh: '还没有总额度；请设置你的：token-sync budget 总额度',
  en: 'there is no budget yet; set yours: token-sync budget TOTAL',
};
const BEHIND = {
  zh: '已安全记录，但状态文件暂时无法写入；原因见 token-sync doctor',
  en: 'recorded safely, but the state file cannot be written just now; `token-sync doctor` tells why',
};
