import { type Figure, findFigures } from './token-value-figures.ts';
import { type Amount, isDigits, readNumeral, UNIT_EXPONENTS } from './token-value-numerals.ts';
import type { RefusalReason } from './token-value-refusals.ts';
import { readWording, type Wording } from './token-value-words.ts';

/** What one line offers as the value: an amount with the budget beside it, or a figure that must be refused. */
export interface Candidate {
  readonly reading: Amount | RefusalReason;
  readonly labelled: boolean;
  readonly total?: number;
}

/** The candidates of one line and how many numbers of any kind were read to find them. */
export interface LineCandidates {
  readonly candidates: readonly Candidate[];
  readonly numbers: number;
}

/** The candidates of one line of folded text, none of them when it holds more than `maxNumbers` numbers. */
export function findCandidates(line: string, maxNumbers: number): LineCandidates {
  if (!/[0-9]/.test(line)) return { candidates: [], numbers: 0 };
  const { figures, hasOtherText, numbers } = findFigures(line, maxNumbers);
  return { candidates: numbers > maxNumbers ? [] : choose(line, figures, hasOtherText), numbers };
}

/** A number that does not count as a value is no candidate. */
function choose(line: string, figures: readonly Figure[], hasOtherText: boolean): Candidate[] {
  const joined = joinSpaced(line, figures, !hasOtherText);
  const chains = chunk(joined, (left, right) => linkBetween(line, left, right) !== undefined);
  const isAlone = !hasOtherText && chains.length === 1;
  const contexts = chains.map((chain, at) => {
    const place = { line, chain, before: chains[at - 1]?.at(-1), after: chains[at + 1]?.[0], isAlone };
    return { ...place, wording: wordingOf(place) };
  });
  const sums = contexts.filter(({ chain, wording }) => wording.isSum && !isDate(line, chain));
  return contexts.flatMap((context, at) => {
    const countsOther = contexts[at + 1]?.wording.countsOther ?? false;
    return readChain(context, () => hasRival(context, sums, countsOther)) ?? [];
  });
}

interface Place {
  readonly line: string;
  /** Figures joined by `/` or by a sign of arithmetic. */
  readonly chain: readonly Figure[];
  readonly before: Figure | undefined;
  readonly after: Figure | undefined;
  /** Nothing but punctuation stands beside it on its line. */
  readonly isAlone: boolean;
}

interface Context extends Place {
  readonly wording: Wording;
}

function readChain(context: Context, isRivalled: () => boolean): Candidate | undefined {
  const { line, chain, isAlone, wording } = context;
  const [used, total] = chain;
  if (!used) return undefined;
  const isLabelled = wording.isLabelled || chain.some((figure) => figure.isLabelled);
  const stands = chain.some(standsAlone) || (isAlone && !isDateLike(line, chain));
  if (!stands && (!isLabelled || isDate(line, chain))) return undefined;
  const refuse = (reading: RefusalReason): Candidate => ({ reading, labelled: isLabelled });
  const isPair = total !== undefined && linkBetween(line, used, total) === 'pair';
  if (chain.length > 2 || (total && !isPair)) return stands ? refuse('ambiguous') : undefined;
  if ((!stands && hasNeighbour(context)) || isRivalled()) return refuse('ambiguous');
  if (wording.isRemainder || (!total && (wording.isLimit || isWholeOfShare(context)))) return refuse('not_usage');
  if (!total && isOneOfParts(context)) return refuse('ambiguous');
  if (!total || typeof used.reading === 'string') return { reading: used.reading, labelled: isLabelled };
  if (typeof total.reading === 'string') return refuse(total.reading);
  return { reading: used.reading, labelled: isLabelled, total: total.reading.tokens };
}

/** `35% of 1,000,000 tokens`, `已使用 35%(共 1M tokens)`, `1M tokens 的 35%`: a percentage of the figure was used. */
function isWholeOfShare(context: Context): boolean {
  const { left, right } = gapsBeside(context);
  // `35% used / 350,000 tokens used` tells the same twice.
  if (/\/ ?$/.test(left) && /^ ?tokens? used/i.test(right)) return false;
  return SHARE_BEFORE.test(left) || SHARE_AFTER.test(right);
}

const SHARE_BEFORE =
  /[0-9] ?% ?(?:\(? ?(?:used|usage|已使用|已用) ?\)? ?)?[(,]? ?(?:(?:out )?of|\/|共|总共|总计|总) ?(?:the |your |a )?$/i;

const SHARE_AFTER = /^ ?(?:tokens?|个)? ?的 ?[0-9.]+ ?%/i;

/** `1,234 in / 5,678 out`: what was asked and what was answered are the parts of a usage, each a figure of its own. */
function isOneOfParts(context: Context): boolean {
  const { before, after } = context;
  if (!before && !after) return false;
  const { left, right } = gapsBeside(context);
  // A word before the next number is that one's: `total=12345 input=9876`.
  return PART_BEFORE.test(left) || PART_AFTER.test(after ? `${right}0` : right);
}

const PART_BEFORE = /(?:(?<![a-z])(?:input|prompt|output|completion)|输入|输出)(?: ?tokens?)? ?[:=]? ?$/i;

const PART_AFTER =
  /^ ?(?:tokens? )?\(?(?:(?:input|prompt|output|completion)(?![a-z])|输入|输出|(?:in|out)(?= ?(?:[/,;|+)·•]|$)))(?! ?[:=]? ?[0-9])/i;

/** What stands between a chain and the figures beside it, near enough to be said of it. */
function gapsBeside({ line, chain, before, after }: Context): { readonly left: string; readonly right: string } {
  return {
    left: line.slice(before?.end ?? 0, chain[0]!.start).slice(-MAX_GAP),
    right: line.slice(chain.at(-1)!.end, after?.start).slice(0, MAX_GAP),
  };
}

const MAX_GAP = 48;

/** Whether the figure counts as a value inside other text; `m` and `w` mean too many other things there. */
function standsAlone({ numeral, unit }: Figure): boolean {
  if (unit && !'mwW'.includes(unit)) return true;
  return unit === '' && wholePart(numeral).replace(/[^0-9]/g, '').length >= 5;
}

/** `11/18` and `11/2025`, which a label does not make a pair; `57/1000` and `57/2000` are one. */
function isDate(line: string, chain: readonly Figure[]): boolean {
  const [first, second] = chain;
  if (!first || !second) return false;
  return DATE.test(line.slice(first.start, second.end));
}

const MONTH = '(?:0?[1-9]|1[0-2])';
const DAY = '(?:0?[1-9]|[12][0-9]|3[01])';
const YEAR = '(?:19|20)[0-9]{2}';
const DATE = new RegExp(`^(?:${MONTH}/(?:${DAY}|${YEAR})|${DAY}/${MONTH}|${YEAR}/${MONTH})$`);

/** What alone on its line is more likely a date than a pair: `11/18`, `11/2025`, `2025/11`. */
function isDateLike(line: string, chain: readonly Figure[]): boolean {
  const [first, second] = chain;
  if (!first || !second) return false;
  return /^(?:\d{1,2}\/(?:\d{1,2}|(?:19|20)\d\d)|(?:19|20)\d\d\/\d{1,2})$/.test(line.slice(first.start, second.end));
}

/** `Token: 138 1234 5678`: a short number is not the value for its label alone when digits follow it up. */
function hasNeighbour({ line, chain, before, after }: Context): boolean {
  const first = chain[0]!;
  const last = chain.at(-1)!;
  const gaps = [before && line.slice(before.end, first.start), after && line.slice(last.end, after.start)];
  return gaps.some((gap) => gap !== undefined && !/[\p{L}:|()[\]{}="\t]/u.test(gap));
}

/** Whether another figure of the line might be the value as well, though it would be none by itself. */
function hasRival(context: Context, sums: readonly Context[], afterCountsOther: boolean): boolean {
  const { line, chain, before, after } = context;
  const first = chain[0]!;
  const last = chain.at(-1)!;
  if (before && differs(before, first) && ALTERNATIVE.test(line.slice(before.end, first.start))) return true;
  if (after && !afterCountsOther && differs(after, last) && ALTERNATIVE.test(line.slice(last.end, after.start)))
    return true;
  return !chain.some(standsAlone) && sums.some((sum) => sum !== context && differs(sum.chain[0]!, first));
}

/** `between 300 and 350`, `300 tokens to 350`, `300 或 350`. */
const ALTERNATIVE =
  /^ ?(?:tokens? ?)?(?:used ?)?,? ?(?:and|or|to|up to|then|until|vs\.?|versus|和|或|或者|到|至|与|及)(?: (?:then|now|about|around|even))? ?$/i;

function differs({ reading: one }: Figure, { reading: other }: Figure): boolean {
  return typeof one === 'string' || typeof other === 'string' || one.tokens !== other.tokens;
}

function wordingOf({ line, chain, before, after }: Place): Wording {
  const [first, second] = chain;
  const around = readWording(line.slice(before?.end ?? 0, first!.start), line.slice(chain.at(-1)!.end, after?.start));
  if (!second) return around;
  const between = readWording('', line.slice(first!.end, second.start));
  return { ...around, isLabelled: around.isLabelled || between.isLabelled };
}

function linkBetween(line: string, left: Figure, right: Figure): 'pair' | 'sum' | undefined {
  if (right.start - left.end > 40) return undefined;
  const gap = line.slice(left.end, right.start).replace(/[ \t]+/g, ' ');
  if (PAIR.test(gap.replace(/[[\]"'`*“”]/g, ''))) return 'pair';
  if (/^ ?[x×*÷+] ?$/i.test(gap)) return 'sum';
  return gap === ' - ' && standsAlone(left) ? 'sum' : undefined;
}

/** `/`, `of` and `out of`, also after `tokens`, `used` or a percentage. */
const PAIR = /^ ?(?:tokens? ?)?(?:used ?)?(?:\(? ?\d{1,3}(?:\.\d{1,2})? ?% ?\)? ?)?(?:\/|of|out of) ?$/i;

/** Reads `350 000` as one number, and refuses what looks like one but is not grouped as one, such as `350 00`. */
function joinSpaced(line: string, figures: readonly Figure[], isAlone: boolean): Figure[] {
  return chunk(figures, (left, right) => isTouching(line, left, right)).flatMap((run) => {
    const first = run[0]!;
    const last = run.at(-1)!;
    if (run.length === 1) return run;
    const gaps = run.slice(1).map((figure, at) => line.slice(run[at]!.end, figure.start));
    const isWhole = last.unit === '' || (isAlone && run.length === figures.length);
    if (isWhole && gaps.every((gap) => gap === ' ') && isGrouped(run)) return mergeRun(run);
    const broken = run.find(isBroken)?.reading ?? (looksGrouped(run) ? 'malformed_grouping' : phoneRefusal(run));
    if (broken === undefined) return run;
    const numeral = run.map((figure) => figure.numeral).join(' ');
    return { ...last, start: first.start, numeral, reading: broken };
  });
}

function isTouching(line: string, left: Figure, right: Figure): boolean {
  if (left.unit || left.isLabelled || left.numeral.includes('.') || right.start - left.end > 2) return false;
  return [' ', ', ', ') '].includes(line.slice(left.end, right.start));
}

function isGrouped([first, ...rest]: readonly Figure[]): boolean {
  const isPlain = first !== undefined && isDigits(first.numeral) && first.numeral.length <= 3;
  const isThree = (figure: Figure) => /^[0-9]{3}$/.test(wholePart(figure.numeral));
  return isPlain && rest.every(isThree) && rest.slice(0, -1).every((figure) => isDigits(figure.numeral));
}

function mergeRun(run: readonly Figure[]): Figure {
  const first = run[0]!;
  const last = run.at(-1)!;
  const numeral = run.map((figure) => figure.numeral).join(',');
  const refused = [first, last].find(({ reading }) => SIGN_REFUSALS.has(reading));
  const reading = refused?.reading ?? readNumeral(numeral, UNIT_EXPONENTS[last.unit] ?? 0);
  return { ...last, start: first.start, numeral, reading };
}

/** Those that come from a mark before or after the number, not from its digits. */
const SIGN_REFUSALS: ReadonlySet<unknown> = new Set(['negative', 'signed', 'malformed_grouping']);

/** A number that is refused refuses all that is written with it. */
function isBroken({ reading }: Figure): boolean {
  return typeof reading === 'string' && reading !== 'ambiguous' && reading !== 'leading_zero';
}

/** `010 12345678` is a phone number; `Nov 08 350000` is not. */
function phoneRefusal(run: readonly Figure[]): RefusalReason | undefined {
  return run.some(({ reading, numeral }) => reading === 'leading_zero' && numeral.length >= 3)
    ? 'leading_zero'
    : undefined;
}

function looksGrouped(run: readonly Figure[]): boolean {
  return run.slice(1).some((right, at) => {
    const left = run[at]!.numeral;
    const group = /^[0-9]+/.exec(right.numeral)?.[0] ?? '';
    if (isDigits(left) && left.length > 3) return false;
    if (group.length === 3) return isDigits(left) || isDigits(right.numeral);
    return isDigits(left) && isDigits(right.numeral) && right.unit === '' && group.length < 3;
  });
}

function wholePart(numeral: string): string {
  const point = numeral.indexOf('.');
  return point < 0 ? numeral : numeral.slice(0, point);
}

function chunk<Item>(items: readonly Item[], belongs: (left: Item, right: Item) => boolean): Item[][] {
  const chunks: Item[][] = [];
  let current: Item[] | undefined;
  for (const item of items) {
    if (current && belongs(current.at(-1)!, item)) current.push(item);
    else {
      current = [item];
      chunks.push(current);
    }
  }
  return chunks;
}
