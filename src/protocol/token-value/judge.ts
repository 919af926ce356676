import { borrowWords, type Cell, partCells, readWordings, type Wording, wordsOf } from './cells.ts';
import {
  foreignAround,
  foreignBeside,
  isForeignWord,
  isOlderDashboard,
  isWholeOfNothing,
  isWholeOfShare,
  loginToken,
  numberedWord,
  rateHeadings,
  unknownBeside,
  unknownIn,
} from './foreign.ts';
import { isLabelled } from './labels.ts';
import { joinNeighbours, type Pair } from './neighbours.ts';
import { standsAlone } from './numbers.ts';
import { type NumberPiece, type Piece, type Span, textOf, type WordPiece } from './pieces.ts';
import { readPieces } from './read-pieces.ts';
import type { RefusalReason } from './refusals.ts';
import { equatedIn, isAfterYear, isCompared, isStepOf, pricedIn, summedIn } from './relations.ts';
import { type Amount, UNITS } from './units.ts';
import type { Role } from './words.ts';

/** The judgement of one number of a line. */
export interface Judgement {
  /** The usage, a part of it, something else that is understood, a count of other things, or not to be told. */
  readonly is: 'usage' | 'part' | 'other' | 'thing' | 'unclear';
  readonly reading: Amount | RefusalReason;
  readonly isLabelled: boolean;
  /** The words beside it say that it counts tokens and that they were used. */
  readonly saysUsedTokens: boolean;
  readonly saysUsed: boolean;
  /** The words beside it say that so many tokens remain. */
  readonly isLeft: boolean;
  /** The words beside it say that it was used, or that it is the total. */
  readonly isNamed: boolean;
  readonly total?: number;
  /** The word for which it is not the usage. */
  readonly found?: string;
  /** It is long enough, or says enough of itself, to be the value. */
  readonly counts: boolean;
}

/** One line: its numbers, and everything else that decides about them. */
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
  const passOver = (numbers: number) =>
    ({ judgements: [], numbers, otherWords: line.length, foreignHeading: undefined }) as const;
  // Prose without a number is no heading, and is passed over fast.
  if (line.length > 200 && !/[0-9]/.test(line)) return passOver(0);
  const { pieces, numbers } = readPieces(line, maxNumbers);
  if (numbers > maxNumbers || (line.length > 200 && numbers === 0)) return passOver(numbers);
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
    related: new Set([...summedIn(line, figures), ...equatedIn(line, joined)]),
    priced: pricedIn(line, joined),
    rateHeadings: rateHeadings(line, cells),
    unknown: firstUnknown(cells),
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
  /** Numbers that are summed up with others, or set equal to other things. */
  readonly related: ReadonlySet<NumberPiece>;
  readonly priced: ReadonlyMap<NumberPiece, Piece>;
  readonly rateHeadings: ReadonlyMap<Cell, WordPiece>;
  /** The first word that is not understood. */
  readonly unknown: WordPiece | undefined;
}

function firstUnknown(cells: readonly Cell[]): WordPiece | undefined {
  for (const cell of cells) {
    const word = unknownIn(cell);
    if (word) return word;
  }
  return undefined;
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
  const { line, isAlone } = whole;
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
    isLeft: says('left') || says('balance') || says('have'),
    saysUsedTokens: says('used') && (says('token') || number.isLabelled),
    isNamed: says('used') || says('total') || pair !== undefined,
    ...(pair && typeof pair.total.reading !== 'string' && { total: pair.total.reading.tokens }),
    counts: label || stands || (isAlone && !UNITS[number.unit]?.neverBare),
  };
  const because = (is: Judgement['is'], word: Span): Judgement => ({
    ...judgement,
    is,
    found: textOf(line, word),
  });

  if (pair && isOlderDashboard(wording)) return { ...judgement, is: 'usage' };
  if (!pair && (isWholeOfShare(line, number) || isWholeOfNothing(line, number))) return { ...judgement, is: 'other' };
  const unknown = unknownBeside(wording, label);
  // A rate may stand before its figure and after another, as in `$3 per 1M tokens`.
  const rate = wordsOf(cell).find(({ role }) => role === 'rate') ?? whole.rateHeadings.get(cell);
  const foreign =
    foreignBeside(wording, line, pair !== undefined) ?? rate ?? (says('used') ? undefined : foreignAround(cell));
  // `350000 cache layer` and `350000 budget page done` tell an event, `650,000 left for Bob` what is left.
  const isEvent = (unknown || says('note')) && !label && foreign?.role !== 'left' && wording.left.length === 0;
  if (foreign && isEvent) return because('unclear', unknown ?? foreign);
  if (foreign) return because(foreign.role === 'part' || foreign.role === 'filler' ? 'part' : 'other', foreign);
  const price = says('used') || pair ? undefined : whole.priced.get(number);
  if (price) return because(isEvent ? 'unclear' : 'other', price);
  const thing = said.find(({ word }) => word.role === 'thing');
  if (thing) return because('thing', thing.word);
  if (whole.related.has(number) || isCompared(line, number) || (!stands && isAfterYear(line, number)))
    return unclear(judgement);
  if (pair && !says('used') && !isTitled(wording) && isStepOf(pair)) return unclear(judgement);
  // `200K model` and `35万账户` count what is named.
  const named = wording.right[0]?.word;
  if (named && !label && (named.role === 'noun' || named.role === 'ordinal')) return because('unclear', named);
  const numbered = label || judgement.isNamed ? undefined : numberedWord(wording, line);
  const stranger = unknown ?? (label ? undefined : whole.unknown) ?? numbered ?? loginToken(number, wording, line);
  return stranger ? because('unclear', stranger) : { ...judgement, is: 'usage' };
}

/** `Token: 57 / 1,000,000`. */
function isTitled({ left }: Wording): boolean {
  return left.some(({ word, isTitle }) => isTitle && word.role === 'token');
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
