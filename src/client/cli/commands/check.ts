import type { Bilingual, Language } from '../../../protocol/language.ts';
import type { BudgetPeriod, Forecast, Usage } from '../../../protocol/methods.ts';
import { given } from '../../../shared/given.ts';
import { dayOf, FORECAST_REASONS, reasonText } from '../../../shared/words/forecast-text.ts';
import type { DaemonAddress } from '../../sdk/daemon/daemon-address.ts';
import { withDaemon } from '../../sdk/daemon/daemon-finder.ts';
import { callOnce, callTogether } from '../../sdk/daemon/http-call.ts';
import { findOptions } from '../calls/daemon-caller.ts';
import { defineCommand, type Input, type Outcome } from '../command.ts';
import { asTyped } from '../own-command.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** A hook or a prompt waits for it: a daemon that is silent for longer is as good as none. */
const PATIENCE_MS = 2_000;

/** The exit code where the budget is over, or will not last. */
const OVER = 7;

/** Tells by its exit code whether usage is within a share of the budget, and whether the budget lasts; starts no daemon. */
export const check = defineCommand({
  summary: {
    zh: '检查额度是否超出、是否够用（供钩子、提示符和 CI 使用）',
    en: 'check the budget, for hooks, prompts and CI',
  },
  example: { zh: 'token-sync check --max 90 --lasts', en: 'token-sync check --max 90 --lasts' },
  flags: {
    max: {
      value: 'PERCENT',
      meaning: { zh: '已使用超过此百分比时以 7 退出（默认 100）', en: 'end with 7 when more than this is used (100)' },
    },
    lasts: {
      meaning: {
        zh: '额度已用完或撑不到重置时也以 7 退出',
        en: 'also when the budget is used up, or runs out before its reset',
      },
    },
  },
  args: [],
  notes: [
    [
      '0, 7, 5',
      {
        zh: '退出码：正常；超出或不够用；守护进程没有运行（不会启动它）',
        en: 'exit codes: all is well; over, or will not last; no daemon runs, and none is started',
      },
    ],
  ],
  async run({ flags, settings, daemon, language }) {
    const max = readMax(flags.max);
    const find = findOptions({ ...settings, mayStart: false }, language);
    // A second try has no more time.
    const startedMs = performance.now();
    const { usage, forecast } = await withDaemon(find, (address) =>
      ask(address, flags.lasts === true, { language, startedMs }),
    );
    const findings = [shareOf(usage, max), ...(forecast ? [lastingOf(forecast)] : [])];
    const outcome = outcomeOf(findings, language);
    return outcome.exitCode === OVER
      ? withRemark(outcome, await aboutDefault(usage.total, { daemon, language }))
      : outcome;
  },
});

/** Over a budget that nobody has set: asked, and loaded, only then. */
async function aboutDefault(total: number, context: Pick<Input, 'daemon' | 'language'>): Promise<string> {
  const { budgetRemark } = await import('../calls/recorded.ts');
  return await budgetRemark(total, context);
}

function withRemark(outcome: Outcome, remark: string): Outcome {
  return remark === '' ? outcome : { ...outcome, remark };
}

/** The share that may be used. */
interface Max {
  readonly percent: number;
  /** The same in billionths of a percent, exactly. */
  readonly billionths: bigint;
}

function readMax(text = '100'): Max {
  const [, whole, decimals = ''] = /^(\d{1,9})(?:\.(\d{1,9}))?[%％]?$/.exec(text) ?? [];
  if (whole !== undefined) {
    return { percent: Number.parseFloat(text), billionths: BigInt(whole + decimals.padEnd(9, '0')) };
  }
  throw wrongUsage(
    { zh: `--max 的值无效：${text}`, en: `--max is wrong: ${text}` },
    { zh: '请写一个从 0 起的百分比，如 --max 90', en: 'write a percentage from 0, such as --max 90' },
  );
}

async function ask(
  address: DaemonAddress,
  asksForForecast: boolean,
  { language, startedMs }: { readonly language: Language; readonly startedMs: number },
): Promise<{ readonly usage: Usage; readonly forecast?: Forecast }> {
  const options = { language, timeoutMs: PATIENCE_MS, startedMs };
  if (!asksForForecast) return { usage: await callOnce(address, 'usage.get', {}, options) };
  const both = [
    ['usage.get', {}],
    ['usage.forecast', {}],
  ] as const;
  const [usage, forecast] = await callTogether(address, both, options);
  return { usage, forecast };
}

/** One thing that was looked at. */
interface Finding {
  readonly isWell: boolean;
  readonly text?: Bilingual;
  /** What could not be told, for standard error. */
  readonly note?: Bilingual;
  readonly json: object;
}

/** Compares the figures themselves: of a percentage that is rounded, one that is over may look as if it were not. */
function shareOf({ used, total, percent }: Usage, max: Max): Finding {
  const json = { used, total, percent, max: max.percent };
  // Of no budget no share is used.
  const isWell = total <= 0 || BigInt(used) * 100n * BILLION <= max.billionths * BigInt(total);
  const share = isWell === percent <= max.percent ? percent : exactly(used, total);
  const text = isWell
    ? { zh: `✅ 已使用 ${share}%，未超过 ${max.percent}%`, en: `✅ ${share}% is used, which is within ${max.percent}%` }
    : { zh: `❌ 已使用 ${share}%，超过 ${max.percent}%`, en: `❌ ${share}% is used, which is over ${max.percent}%` };
  return { isWell, text, json };
}

const BILLION = 10n ** 9n;

/** A share in percent, in so many digits that a token more or less is told apart in the largest of budgets. */
function exactly(used: number, total: number): string {
  const digits = String((BigInt(used) * 100n * BILLION * BILLION) / BigInt(total)).padStart(19, '0');
  return `${digits.slice(0, -18)}.${digits.slice(-18)}`.replace(/\.?0+$/, '');
}

/** Throws `wrong_usage` for a budget that no date belongs to. */
function lastingOf({ exhausts_at, reason, period }: Forecast): Finding {
  if (reason === 'context' || period?.reason === 'context') throw withoutDate();
  // No date is left to be foretold, and what is used up does not last.
  if ((period ? period.reason : reason) === 'exhausted')
    return usedUp({ exhausts_at, ...given({ ends_at: period?.ends_at }) });
  if (!period) return unknown(NO_PERIOD, { exhausts_at, reason: 'no_period' });
  const { verdict, ends_at, spare_days } = period;
  const json = { exhausts_at, ends_at, ...given({ spare_days, reason: period.reason }) };
  if (verdict === 'unknown') return unknown(whyUnknown(period), json);
  return { isWell: verdict !== 'short', text: lastingText(verdict, ends_at, exhausts_at!), json: { verdict, ...json } };
}

function lastingText(verdict: 'lasts' | 'tight' | 'short', endsAt: string, exhaustsAt: string): Bilingual {
  const [reset, end] = [dayOf(endsAt), dayOf(exhaustsAt)];
  const texts = {
    lasts: { zh: `✅ 够用到 ${reset} 重置`, en: `✅ It lasts until the reset on ${reset}` },
    tight: {
      zh: `⚠️ 勉强够用到 ${reset} 重置：预计 ${end} 用完，也可能更早`,
      en: `⚠️ It may not last until the reset on ${reset}: it is foretold to run out on ${end}, and perhaps earlier`,
    },
    short: {
      zh: `❌ 不够用到 ${reset} 重置：预计 ${end} 用完`,
      en: `❌ It does not last until the reset on ${reset}: it runs out on ${end}`,
    },
  };
  return texts[verdict];
}

const NO_PERIOD: Bilingual = {
  zh: '没有将来的重置日，请运行 token-sync budget --resets 15',
  en: 'No reset lies ahead; say when it is by `token-sync budget --resets 15`',
};

const NO_READING: Bilingual = { zh: '本周期内还没有记录', en: 'Nothing was recorded since the last reset' };

function whyUnknown({ reason = 'no_usage' }: BudgetPeriod): Bilingual {
  return reason === 'no_reading_in_period' ? NO_READING : reasonText(reason);
}

function unknown(reason: Bilingual, json: object): Finding {
  const note = { zh: `⚠️ 无法判断是否够用：${reason.zh}`, en: `⚠️ Whether it lasts is not known: ${reason.en}` };
  return { isWell: true, note: asTyped(note), json: { verdict: 'unknown', ...json } };
}

function usedUp(json: object): Finding {
  const text = { zh: '❌ 额度已用完', en: '❌ The budget is used up' };
  return { isWell: false, text, json: { verdict: 'unknown', ...json, reason: 'exhausted' } };
}

function withoutDate() {
  const { zh, en } = FORECAST_REASONS.context;
  return wrongUsage(
    { zh: `--lasts 无法判断：${zh}`, en: `--lasts has no answer: ${en}` },
    { zh: '请去掉 --lasts，用 --max 检查还剩多少空间', en: 'leave out --lasts, and check the room by --max' },
  );
}

function outcomeOf(findings: readonly Finding[], language: Language): Outcome {
  const isWell = findings.every((finding) => finding.isWell);
  const lines = (member: 'text' | 'note') => findings.map(({ [member]: text }) => (text ? `${text[language]}\n` : ''));
  const note = lines('note').join('');
  return {
    text: lines('text').join(''),
    json: Object.assign({ success: isWell }, ...findings.map(({ json }) => json)),
    ...(note !== '' && { note }),
    exitCode: isWell ? 0 : OVER,
  };
}
