import type { Bilingual } from '../../protocol/language.ts';
import type { SyncType } from '../../protocol/methods.ts';
import { formatTokens, parseTokenValue } from '../../protocol/token-value.ts';
import { effectOf } from '../effect.ts';

/** A value that somebody offers, and the figures to compare it with. */
export interface HeldValue {
  readonly tokens: number;
  /** A number without a label of its own, which may be a telephone number or a code as well. */
  readonly isBare: boolean;
  readonly sync_type: SyncType;
  /** The usage before it. */
  readonly used: number;
  readonly total: number;
  /** Somebody has set the budget; against the default nothing is odd. */
  readonly isTotalSet: boolean;
  /** The positive amounts of the last readings, the latest first; thirty are of use. */
  readonly amounts: readonly number[];
  /** The outcome of the value, where it is known better than from the usage alone. */
  readonly outcome?: Outcome;
}

/** The usage after a value, and the amount that may be odd: 0 for a restart and a correction. */
export interface Outcome {
  readonly used: number;
  readonly counted: number;
}

/** The reason why a value is implausible. */
export interface Implausible {
  /** Without the value itself, so that it may stand in a log: out of a clipboard the value may be a secret. */
  readonly odd: Bilingual;
  /** For the person who offered it: the value, the reason, and the outcomes of a yes and of a no. */
  readonly question: Bilingual;
}

/** Whether a value was written without a label and without its budget beside it, so that any number may be meant. */
export function isBareNumber(written: number | string): boolean {
  if (typeof written === 'number') return true;
  const parsed = parseTokenValue(written);
  return !parsed.ok || (!parsed.labelled && parsed.total === undefined);
}

/** The usual amount is taken from this many positive amounts, at most and at least. */
export const MOST_AMOUNTS = 30;
const LEAST_AMOUNTS = 10;

const MOST_BUDGETS = 3;
const MOST_MEDIANS = 50;

/**
 * Why a value is to be asked about before it is recorded; `undefined` for most (SPEC §3, "Implausible values"). A restart and a
 * new conversation are everyday things, and a correction says what it is for: none is odd for what it adds. Above the triple
 * of the budget already, the next value up there is no news, unless it is three times that again.
 */
export function implausibleValue(value: HeldValue): Implausible | undefined {
  const { isBare, used, total, isTotalSet } = value;
  const after = value.outcome ?? foreseen(value);
  const most = total * MOST_BUDGETS;
  const isNews = used <= most || after.used > used * MOST_BUDGETS;
  if (isBare && isTotalSet && total > 0 && after.used > most && isNews) return beyondBudget(value, after.used);
  const usual = medianOf(value.amounts);
  if (usual !== undefined && after.counted > usual * MOST_MEDIANS) return unusual(value, after, usual);
  return undefined;
}

function foreseen({ tokens, sync_type, used }: HeldValue): Outcome {
  const { used: after, increment, reset } = effectOf(used, { tokens, unit: 1, sync_type });
  return { used: after, counted: reset || sync_type === 'correction' ? 0 : increment };
}

function beyondBudget({ tokens, used, total }: HeldValue, after: number): Implausible {
  const [budget, times] = [formatTokens(total), timesText(after / total)];
  const isTotal = after === tokens;
  const would = {
    zh: isTotal ? `${formatTokens(tokens)} ` : `再加 ${formatTokens(tokens)} 后共 ${formatTokens(after)}，`,
    en: isTotal
      ? `${formatTokens(tokens)} is`
      : `With ${formatTokens(tokens)} more, ${formatTokens(after)} would be used,`,
  };
  return {
    odd: {
      zh: `已使用量会超过总额度 ${budget} 的三倍`,
      en: `it would make the usage more than three times the budget of ${budget}`,
    },
    question: withOutcome(
      { zh: `${would.zh}是总额度 ${budget} 的 ${times} 倍`, en: `${would.en} ${times} times the budget of ${budget}` },
      used,
      after,
    ),
  };
}

function unusual({ tokens, used }: HeldValue, after: Outcome, usual: number): Implausible {
  const [amount, median] = [formatTokens(after.counted), formatTokens(usual)];
  const times = timesText(after.counted / usual);
  return {
    odd: {
      zh: `本次增量超过平时（${median}）的五十倍`,
      en: `it would add more than fifty times the usual amount of ${median}`,
    },
    question: withOutcome(
      {
        zh: `${formatTokens(tokens)} 会增加 ${amount}，是平时（${median}）的 ${times} 倍`,
        en: `${formatTokens(tokens)} would add ${amount}, ${times} times the usual amount of ${median}`,
      },
      used,
      after.used,
    ),
  };
}

function withOutcome({ zh, en }: Bilingual, used: number, after: number): Bilingual {
  const [stays, becomes] = [formatTokens(used), formatTokens(after)];
  return {
    zh: `${zh}。选“是”则记录，已使用量变为 ${becomes}；选“否”则什么都不记录，仍为 ${stays}。`,
    en: `${en}. Yes records it, and ${becomes} are used; no records nothing, and ${stays} stay used.`,
  };
}

/** Whole, or to one decimal where that tells more. */
function timesText(times: number): string {
  return times < 10 ? String(Math.floor(times * 10) / 10) : formatTokens(Math.floor(times));
}

/** The median in whole tokens; `undefined` where there are too few. */
function medianOf(amounts: readonly number[]): number | undefined {
  const sorted = amounts
    .filter((amount) => amount > 0)
    .slice(0, MOST_AMOUNTS)
    .sort((one, other) => one - other);
  if (sorted.length < LEAST_AMOUNTS) return undefined;
  const middle = sorted.length / 2;
  return Math.round((sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2);
}
