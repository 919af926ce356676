import type { Params, Result } from '../../protocol/methods.ts';
import type { HistoryReader } from '../store/index/reading/reader.ts';
import type { TimePlace } from '../store/index/reading/time-walk.ts';
import { statsOf, sumOver } from './consumed.ts';
import { conversationsOf } from './conversations.ts';
import type { Look } from './look-back.ts';
import { morePage, moreSum, type PageHead, type PagePart, type SumHead, type SumPart } from './session-history.ts';
import { seriesOf } from './usage-series.ts';

/** What may take long, as it is asked of the history, in the daemon itself or in a process of its own. */
export interface Questions {
  readonly page: { readonly params: Params<'usage.history'>; readonly head: PageHead; readonly from: TimePlace };
  readonly sum: { readonly params: Params<'usage.sum'>; readonly head: SumHead; readonly from: TimePlace };
  readonly sumOver: { readonly params: Params<'usage.sum'> };
  readonly stats: { readonly params: Params<'usage.stats'> };
  readonly conversations: { readonly params: Params<'usage.conversations'> };
  readonly series: { readonly params: Params<'usage.series'> };
}

export interface Answers {
  readonly page: PagePart;
  readonly sum: SumPart;
  readonly sumOver: Result<'usage.sum'>;
  readonly stats: Result<'usage.stats'>;
  readonly conversations: Result<'usage.conversations'>;
  readonly series: Result<'usage.series'>;
}

export type Asked = keyof Questions;

/** A question and the instant at which it is asked. */
export type Question<A extends Asked = Asked> = {
  readonly [K in A]: Questions[K] & { readonly asked: K; readonly nowMs: number };
}[A];

/** Those that look back session by session; all others read blocks. */
export function isLookingBack(question: Question): question is Question<'page' | 'sum'> {
  return question.asked === 'page' || question.asked === 'sum';
}

/** Looks back, in turns with everything else. */
export function lookFor<A extends 'page' | 'sum'>(
  reader: HistoryReader,
  question: Question<A>,
  look: Omit<Look, 'from'>,
): Promise<Answers[A]>;
export function lookFor(reader: HistoryReader, question: Question<'page' | 'sum'>, look: Omit<Look, 'from'>) {
  const { nowMs, from } = question;
  if (question.asked === 'page') return morePage(reader, question.params, nowMs, question.head, { ...look, from });
  return moreSum(reader, question.params, nowMs, question.head, { ...look, from });
}

type ByBlock = Exclude<Asked, 'page' | 'sum'>;

/** Answers at once. */
export function answer<A extends ByBlock>(reader: HistoryReader, question: Question<A>): Answers[A];
export function answer(reader: HistoryReader, question: Question<ByBlock>): Answers[ByBlock] {
  const { nowMs } = question;
  return reader.atOnce(() => {
    switch (question.asked) {
      case 'sumOver':
        return sumOver(reader, question.params, nowMs);
      case 'stats':
        return statsOf(reader, question.params, nowMs);
      case 'conversations':
        return conversationsOf(reader, question.params, nowMs);
      case 'series':
        return seriesOf(reader, question.params, nowMs);
    }
  });
}
