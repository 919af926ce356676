import { cleanText, splitLines } from './clean-text.ts';
import { type Judgement, judgeLine } from './judge.ts';
import type { RefusalReason } from './refusals.ts';
import type { Amount } from './units.ts';

/** The one usage that a text tells. */
export interface Value extends Amount {
  readonly isLabelled: boolean;
  /** The budget written beside it. */
  readonly total?: number;
  /** Its words say that tokens were used. */
  readonly saysUsedTokens: boolean;
  /** How many words of the whole text are not such as stand beside any usage: names, other things, what is not understood. */
  readonly otherWords: number;
}

/** Why a text tells no usage. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The word for which it is refused, at most 40 characters. */
  readonly found?: string;
  /** The text is understood, and tells no usage. */
  readonly isForeign: boolean;
}

/** Decides what a text tells: the one place where that is decided. Linear in the text; never throws. */
export function readVerdict(text: string): Value | Refusal {
  const clean = cleanText(text);
  if (clean.trim() === '') return refuse('empty');
  let allowance = MAX_NUMBERS;
  let otherWords = 0;
  let heading: string | undefined;
  let above: Judgement[] = [];
  const judgements: Judgement[] = [];
  for (const line of splitLines(clean)) {
    if (line.trim() === '') continue;
    const judged = judgeLine(line, allowance);
    allowance -= judged.numbers;
    if (allowance < 0) return refuse('ambiguous');
    otherWords += judged.otherWords;
    if (judged.foreignHeading !== undefined) {
      above = above.map((judgement) => under(judgement, judged.foreignHeading));
    }
    judgements.push(...above);
    above = judged.judgements.filter(isHeard).map((judgement) => under(judgement, heading));
    heading = judged.foreignHeading;
  }
  return decide([...judgements, ...above], otherWords);
}

/** Whether a line holds a number that would count as a value in any other line. */
export function holdsFigure(text: string): boolean {
  const { judgements, numbers } = judgeLine(cleanText(text).replaceAll('\n', ' '), MAX_NUMBERS);
  return numbers > MAX_NUMBERS || judgements.some(({ counts }) => counts);
}

/** A text with more numbers is a table or a dump: none of them can be told to be the value, and reading on costs time. */
const MAX_NUMBERS = 1000;

function isHeard({ is, counts }: Judgement): boolean {
  return counts || is === 'part';
}

/** `Remaining` above or under a figure without words of its own. */
function under(judgement: Judgement, heading: string | undefined): Judgement {
  if (heading === undefined || judgement.isNamed || judgement.is !== 'usage') return judgement;
  return { ...judgement, is: 'other', found: heading };
}

function decide(judgements: readonly Judgement[], otherWords: number): Value | Refusal {
  const of = (...kinds: Judgement['is'][]) => judgements.filter(({ is }) => kinds.includes(is));
  const parts = of('part');
  const others = of('other');
  const usages = withoutBudget(of('usage'), others);
  const isLabelled = usages.some((usage) => usage.isLabelled);
  // Beside what remains, a total is what there was at first: `剩 65万，共 100万`.
  const remains = others.some(({ isLeft }) => isLeft);
  const isNamed = usages.some((usage) => usage.isNamed && (usage.saysUsed || usage.total !== undefined || !remains));
  const unclear = [...of('unclear'), ...(isLabelled ? [] : of('thing'))];
  const candidates = [...usages, ...unclear];
  const distinct = new Set(candidates.map(({ reading }) => (typeof reading === 'string' ? reading : reading.tokens)));
  const isRivalled = usages.length > 0 && !isNamed && (others.length > 0 || (parts.length > 0 && !isLabelled));
  if (distinct.size > 1 || isRivalled)
    return { ...refuse('ambiguous'), isForeign: others.length > 0 || parts.length > 0 };
  const [first] = candidates;
  if (!first) return refuseOther(parts, others);
  const error = candidates.find(({ reading }) => typeof reading === 'string')?.reading;
  if (typeof error === 'string') return refuse(error);
  const strange = unclear[0];
  if (strange) return { ...refuse('not_understood', strange.found), isForeign: others.length > 0 };
  return merge(usages, isLabelled, otherWords) ?? refuse('ambiguous');
}

/** `Used: 350,000 | Remaining: 650,000 | Total: 1,000,000`: what is used and what is left add up to what is no usage. */
function withoutBudget(usages: readonly Judgement[], others: readonly Judgement[]): readonly Judgement[] {
  const tokensOf = ({ reading }: Judgement) => (typeof reading === 'string' ? Number.NaN : reading.tokens);
  const sums = usages
    .filter(({ saysUsed }) => saysUsed)
    .flatMap((used) => others.slice(0, 8).map((left) => tokensOf(used) + tokensOf(left)));
  return usages.filter((usage) => usage.saysUsed || !sums.includes(tokensOf(usage)));
}

/** The same figure written twice is one, taken as finely as it stands there; two budgets for it are none. */
function merge(usages: readonly Judgement[], isLabelled: boolean, otherWords: number): Value | undefined {
  const amounts = usages.map(({ reading }) => reading as Amount);
  const totals = new Set(usages.flatMap(({ total }) => (total === undefined ? [] : [total])));
  if (totals.size > 1) return undefined;
  const finest = amounts.reduce((one, other) => (other.unit < one.unit ? other : one));
  const [total] = totals;
  const saysUsedTokens = usages.some((usage) => usage.saysUsedTokens);
  return { ...finest, isLabelled, saysUsedTokens, ...(total !== undefined && { total }), otherWords };
}

function refuseOther(parts: readonly Judgement[], others: readonly Judgement[]): Refusal {
  if (others.length === 0 && parts.length > 1) return { ...refuse('ambiguous', parts[0]!.found), isForeign: true };
  const told = others[0] ?? parts.find(({ counts }) => counts);
  return told ? { ...refuse('not_usage', told.found), isForeign: true } : refuse('no_value');
}

function refuse(reason: RefusalReason, found?: string): Refusal {
  return { reason, isForeign: false, ...(found !== undefined && { found }) };
}
