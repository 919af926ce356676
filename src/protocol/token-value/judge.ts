import {
  borrowWords,
  type Cell,
  holdsNumber,
  partCells,
  readWordings,
  type Said,
  type Wording,
  wordsOf,
} from './cells.ts';
import { isLabelled } from './labels.ts';
import { joinNeighbours, type Pair } from './neighbours.ts';
import { standsAlone } from './numbers.ts';
import { type NumberPiece, readPieces, type WordPiece } from './pieces.ts';
import type { RefusalReason } from './refusals.ts';
import { type Amount, UNITS } from './units.ts';
import type { Role } from './words.ts';

/** What one number of a line is. */
export interface Judgement {
  /** The usage, a part of it, something else that is understood, a count of other things, or not to be told. */
  readonly is: 'usage' | 'part' | 'other' | 'thing' | 'unclear';
  readonly reading: Amount | RefusalReason;
  readonly isLabelled: boolean;
  /** What stands beside it says that it counts tokens and that they were used. */
  readonly saysUsedTokens: boolean;
  readonly saysUsed: boolean;
  /** What stands beside it says that it was used, or that it is the total. */
  readonly isNamed: boolean;
  readonly total?: number;
  /** The word for which it is not the usage. */
  readonly found?: string;
  /** It is long enough, or says enough of itself, to be the value. */
  readonly counts: boolean;
}

/** One line: its numbers, and what else decides what is made of them. */
export interface JudgedLine {
  readonly judgements: readonly Judgement[];
  readonly numbers: number;
  /** How many words are not such as stand beside any usage: names, counted things, and what is not understood. */
  readonly otherWords: number;
  /** It is a heading, such as `Remaining`, that says of the figures by it that they are no usage. */
  readonly foreignHeading: string | undefined;
}

/** Judges every number of one line of clean text; none where it holds more than `maxNumbers`. */
export function judgeLine(line: string, maxNumbers: number): JudgedLine {
  // Prose without a number is no heading, and is passed over fast.
  if (line.length > 200 && !/[0-9]/.test(line)) {
    return { judgements: [], numbers: 0, otherWords: line.length, foreignHeading: undefined };
  }
  const { pieces, numbers } = readPieces(line, maxNumbers);
  if (numbers > maxNumbers) return { judgements: [], numbers, otherWords: 0, foreignHeading: undefined };
  const joined = joinNeighbours(line, pieces);
  const cells = partCells(line, joined);
  const words = joined.filter((piece) => piece.kind === 'word');
  const figures = joined.filter((piece) => piece.kind === 'number');
  const hasOther = joined.some(({ kind }) => !['number', 'percent', 'mark'].includes(kind));
  const whole: Whole = {
    line,
    isAlone:
      !hasOther &&
      figures.length === 1 &&
      !/^[^0-9]*[0-9]{1,2}\/(?:[0-9]{1,2}|(?:19|20)[0-9]{2})[^0-9]*$/.test(line.slice(0, 80)),
    summed: summedIn(line, figures),
    unknown: firstOf(cells, unknownIn),
  };
  const heading = numbers === 0 && whole.unknown === undefined ? words.find(isForeignWord) : undefined;
  return {
    judgements: settleShort(cells.flatMap((cell) => judgeCell(cell, whole))),
    numbers,
    otherWords: words.filter(({ role }) => !PLAIN.has(role)).length,
    foreignHeading: heading && textOf(line, heading),
  };
}

const PLAIN: ReadonlySet<Role | undefined> = new Set<Role>([
  'token',
  'used',
  'total',
  'context',
  'counter',
  'time',
  'date',
  'ordinal',
  'noun',
  'filler',
]);

interface Whole {
  readonly line: string;
  /** Nothing but punctuation and a percentage stands beside its one number. */
  readonly isAlone: boolean;
  readonly summed: ReadonlySet<NumberPiece>;
  /** The first word that is not understood. */
  readonly unknown: WordPiece | undefined;
}

function judgeCell(cell: Cell, whole: Whole): Judgement[] {
  const wordings = readWordings(whole.line, cell);
  const isBare = wordings.size === 1 && wordsOf(cell).length === 0;
  const judged = [...wordings].map(([number, wording]) =>
    judge(number, isBare ? borrowWords(cell) : wording, cell, whole),
  );
  // `between 300 and 350 tokens used`: the short number is the value as well as the labelled one, or neither is.
  return judged.length > 1 && judged.some(isLoose)
    ? judged.map((one) => (one.is === 'usage' ? unclear(one) : one))
    : judged;
}

function judge(number: NumberPiece | Pair, wording: Wording, cell: Cell, whole: Whole): Judgement {
  const { line, isAlone, summed } = whole;
  const pair = 'total' in number ? number : undefined;
  const label = isLabelled(number, wording);
  const said = [...wording.left, ...wording.right, ...(pair?.between ?? []).map((word) => ({ word, isTitle: false }))];
  const says = (role: Role) => said.some(({ word }) => word.role === role);
  const stands = standsAlone(number) || (pair !== undefined && standsAlone(pair.total));
  const reading =
    pair && typeof number.reading !== 'string' && typeof pair.total.reading === 'string'
      ? pair.total.reading
      : number.reading;
  const judgement = {
    reading,
    isLabelled: label,
    saysUsed: says('used'),
    saysUsedTokens: says('used') && (says('token') || number.isLabelled),
    isNamed: says('used') || says('total') || pair !== undefined,
    ...(pair && typeof pair.total.reading !== 'string' && { total: pair.total.reading.tokens }),
    counts: label || stands || (isAlone && !UNITS[number.unit]?.neverBare),
  };
  const because = (is: Judgement['is'], word: WordPiece): Judgement => ({
    ...judgement,
    is,
    found: textOf(line, word),
  });

  if (pair && isOlderDashboard(wording)) return { ...judgement, is: 'usage' };
  if (!pair && isWholeOfShare(line, number)) return { ...judgement, is: 'other' };
  const unknown = unknownBeside(wording, label);
  // A rate may stand before its figure and after another, as in `$3 per 1M tokens`.
  const rate = wordsOf(cell).find(({ role }) => role === 'rate');
  const foreign =
    foreignBeside(wording, line, pair !== undefined) ?? rate ?? (says('used') ? undefined : foreignAround(cell));
  // `350000 cache layer` and `350000 budget page done` tell an event, `650,000 left for Bob` what is left.
  const isEvent = (unknown || says('note')) && !label && foreign?.role !== 'left' && wording.left.length === 0;
  if (foreign && isEvent) return because('unclear', unknown ?? foreign);
  if (foreign) return because(foreign.role === 'part' || foreign.role === 'filler' ? 'part' : 'other', foreign);
  // `1M tokens for $3` is a price.
  if (!says('used') && cell.pieces.some(({ kind }) => kind === 'money')) return { ...judgement, is: 'other' };
  const thing = said.find(({ word }) => word.role === 'thing');
  if (thing) return because('thing', thing.word);
  if (summed.has(number) || isCompared(line, number) || (!stands && isAfterYear(line, number)))
    return unclear(judgement);
  // `200K model` and `35万账户` count what is named.
  const named = wording.right[0]?.word;
  if (named && !label && (named.role === 'noun' || named.role === 'ordinal')) return because('unclear', named);
  const stranger = unknown ?? (label ? undefined : whole.unknown) ?? loginToken(wording, line);
  return stranger ? because('unclear', stranger) : { ...judgement, is: 'usage' };
}

/** What says that a figure is no usage. */
const FOREIGN: ReadonlySet<Role | undefined> = new Set<Role>([
  'left',
  'balance',
  'limit',
  'rate',
  'price',
  'ahead',
  'past',
  'not',
  'part',
]);

function isForeignWord({ role }: WordPiece): boolean {
  return FOREIGN.has(role);
}

function foreignBeside({ left, right, meetsMeasure }: Wording, line: string, isPair: boolean): WordPiece | undefined {
  const before = left.map(({ word }) => word);
  const after = right.map(({ word }) => word);
  const hasUsed = [...before, ...after].some(({ role }) => role === 'used');
  const isIn = (word: WordPiece | undefined) => word?.role === 'filler' && /^in$/i.test(textOf(line, word));
  if (isIn(before[0])) return before[0];
  if (!meetsMeasure && isIn(after.at(-1))) return after.at(-1);
  return [...before, ...after].find((word) => {
    if (word.role === 'limit')
      return !isPair && !(hasUsed && after.some(({ role, start }) => role === 'of' && start < word.start));
    if (word.role === 'context') return !isPair && !hasUsed;
    if (word.role === 'have') return !hasUsed && before.includes(word);
    return isForeignWord(word);
  });
}

/** `Context left · 650,000 tokens`, `Remaining (650,000 tokens)`: a cell without a number tells of the one beside it. */
function foreignAround({ before, after, host }: Cell): WordPiece | undefined {
  return firstOf([before, after, host], (cell) => {
    if (!cell || holdsNumber(cell) || unknownIn(cell)) return undefined;
    return wordsOf(cell).find(isForeignWord);
  });
}

/** The older dashboard's own line, `Token余量: 350,000 / 1,000,000`, names what is left and shows what was used. */
function isOlderDashboard({ left, right }: Wording): boolean {
  const roles = left.map(({ word }) => word.role).join(' ');
  return roles === 'balance token' && left.every(({ isTitle }) => isTitle) && right.length === 0;
}

/** `35% of 1,000,000 tokens`, `已使用 35%(共 1M tokens)`, `1M tokens 的 35%`: a percentage of the figure was used. */
function isWholeOfShare(line: string, { start, end }: NumberPiece): boolean {
  const left = line.slice(Math.max(0, start - 48), start);
  const right = line.slice(end, end + 48);
  // `35% used / 350,000 tokens used` tells the same twice.
  if (/\/ ?$/.test(left) && /^ ?tokens? used/i.test(right)) return false;
  return SHARE_BEFORE.test(left) || /^ ?(?:tokens?|个)? ?的 ?[0-9.]+ ?%/i.test(right);
}

const SHARE_BEFORE =
  /[0-9] ?% ?(?:\(? ?(?:used|usage|已使用|已用) ?\)? ?)?[(（,]? ?(?:(?:out )?of|\/|共|总共|总计|总) ?(?:the |your |a )?$/i;

/** The word beside a number that is not understood; a title is none, as `Cursor: ` before `350,000 tokens used`. */
function unknownBeside({ left, right }: Wording, isLabelled: boolean): WordPiece | undefined {
  const isUnknown = ({ word }: Said) => word.role === undefined && !(word.isAside && isLabelled);
  const near = [...right, ...left.filter(({ isTitle }) => !isTitle)];
  const isStrong = near.some(({ word }) => word.role === 'token') && near.some(({ word }) => word.role === 'used');
  const note = right.findIndex(({ word }) => word.role === 'note');
  const beside = [
    ...right.slice(0, note < 0 ? undefined : note),
    ...left.filter(({ isTitle }) => !(isTitle && isStrong)),
  ];
  return beside.find(isUnknown)?.word;
}

/** The first word of a cell that is not understood; what follows `完成` or `done` tells an event. */
function unknownIn(cell: Cell): WordPiece | undefined {
  for (const word of wordsOf(cell)) {
    if (word.role === 'note') return undefined;
    if (word.role === undefined) return word;
  }
  return undefined;
}

/** `Your token is 482913`, `session token: 445566`, `您的令牌：482913`: a token to log in with, and no count of them. */
function loginToken({ left }: Wording, line: string): WordPiece | undefined {
  const at = left.findIndex(({ word }) => word.role === 'token');
  const [token, owner] = [left[at]?.word, left[at + 1]?.word];
  if (!token || !owner || left.some(({ word }) => word.role === 'used' || word.role === 'total')) return undefined;
  return /^(?:token|令牌)$/i.test(textOf(line, token)) && /^(?:your|my|session|的)$/i.test(textOf(line, owner))
    ? token
    : undefined;
}

/** `300000+50000`, `2 x 350,000`, `350,000 - 57`. */
function summedIn(line: string, figures: readonly NumberPiece[]): Set<NumberPiece> {
  const summed = new Set<NumberPiece>();
  for (const [at, right] of figures.slice(1).entries()) {
    const left = figures[at]!;
    const gap = right.start - left.end > 5 ? '' : line.slice(left.end, right.start);
    if (/^ ?[x×*÷+] ?$/i.test(gap) || (gap === ' - ' && standsAlone(left))) summed.add(left).add(right);
  }
  return summed;
}

/** `≤ 350,000`, `< 350K`, `usage > 350,000`; not `<350000>`, `-> 350,000` and a quotation's `> 350,000`. */
function isCompared(line: string, { start, end }: NumberPiece): boolean {
  const [, before = '', sign = ''] = /(\S?) *([<>≤≥]) *$/.exec(line.slice(Math.max(0, start - 8), start)) ?? [];
  if (sign === '<') return !/^ ?>/.test(line.slice(end, end + 2));
  if (sign === '>') return before !== '' && !'-=>'.includes(before);
  return sign !== '';
}

/** `Nov 2025 850 tokens used` may tell 2025850. */
function isAfterYear(line: string, { start }: NumberPiece): boolean {
  return /(?:^|[^0-9.,:/-])(?:19|20)[0-9]{2} $/.test(line.slice(Math.max(0, start - 6), start));
}

/** A short labelled number is the value only where no other short number of its line might be. */
function settleShort(judged: readonly Judgement[]): Judgement[] {
  return judged.map((one) => {
    const isRivalled = judged.some((other) => isLoose(other) && amountOf(other) !== amountOf(one));
    return one.is === 'usage' && amountOf(one) < 10_000 && isRivalled ? unclear(one) : one;
  });
}

/** A number that is too short to be the value, and is nothing else either. */
function isLoose({ is, counts, reading }: Judgement): boolean {
  return !counts && (is === 'usage' || is === 'unclear') && (typeof reading === 'string' || reading.unit === 1);
}

function amountOf({ reading }: Judgement): number {
  return typeof reading === 'string' ? -1 : reading.tokens;
}

function unclear(judgement: Omit<Judgement, 'is'>): Judgement {
  return {
    ...judgement,
    is: 'unclear',
    reading: typeof judgement.reading === 'string' ? judgement.reading : 'ambiguous',
  };
}

function textOf(line: string, { start, end }: WordPiece): string {
  return line.slice(start, Math.min(end, start + 40));
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
