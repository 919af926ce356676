import type { Pair } from './neighbours.ts';
import { standsAlone } from './numbers.ts';
import { isAnchor, type NumberPiece, type Piece } from './pieces.ts';
import type { Role } from './words.ts';

/** `300000+50000`, `2 x 350,000`, `350,000 - 57`. */
export function summedIn(line: string, figures: readonly NumberPiece[]): Set<NumberPiece> {
  const summed = new Set<NumberPiece>();
  for (const [at, right] of figures.slice(1).entries()) {
    const left = figures[at]!;
    const gap = right.start - left.end > 5 ? '' : line.slice(left.end, right.start);
    if (/^ ?[x×*÷+] ?$/i.test(gap) || (gap === ' - ' && standsAlone(left))) summed.add(left).add(right);
  }
  return summed;
}

/** `≤ 350,000`, `< 350K`, `usage > 350,000`; not `<350000>`, `-> 350,000` and a quotation's `> 350,000`. */
export function isCompared(line: string, { start, end }: NumberPiece): boolean {
  const [, before = '', sign = ''] = /(\S?) *([<>≤≥]) *$/.exec(line.slice(Math.max(0, start - 8), start)) ?? [];
  if (sign === '<') return !/^ ?>/.test(line.slice(end, end + 2));
  if (sign === '>') return before !== '' && !'-=>'.includes(before);
  return sign !== '';
}

/** `Nov 2025 850 tokens used` may tell 2025850. */
export function isAfterYear(line: string, { start }: NumberPiece): boolean {
  return /(?:^|[^0-9.,:/-])(?:19|20)[0-9]{2} $/.test(line.slice(Math.max(0, start - 6), start));
}

/** `1,000,000 tokens is about 750,000 words`, `1M tokens = 12 chats`: a rate of exchange between tokens and other things. */
export function equatedIn(line: string, pieces: readonly Piece[]): Set<NumberPiece> {
  const equated = new Set<NumberPiece>();
  let left: Piece | undefined;
  let isLeftThing = false;
  let isEquation = false;
  for (const [at, piece] of pieces.entries()) {
    if (isAnchor(piece)) {
      const isThing = piece.kind !== 'number' || isCountOfThings(pieces, at);
      if (left && isEquation && isThing !== isLeftThing && piece.kind !== 'percent') {
        for (const side of [left, piece]) if (side.kind === 'number') equated.add(side);
      }
      left = piece.kind === 'percent' ? undefined : piece;
      isLeftThing = isThing;
      isEquation = false;
    } else if (left && COPULA.test(line.slice(piece.start, piece.end))) isEquation = true;
    else if (!isEquation && (piece.kind !== 'word' || !COUNTED.has(piece.role))) left = undefined;
    else if (isEquation && piece.kind === 'word' && piece.role !== 'filler') left = undefined;
  }
  return equated;
}

/** The money that stands in one clause with a number: what it costs, unless the number is named as used. */
export function pricedIn(line: string, pieces: readonly Piece[]): Map<NumberPiece, Piece> {
  const priced = new Map<NumberPiece, Piece>();
  let numbers: NumberPiece[] = [];
  let money: Piece | undefined;
  const endClause = () => {
    if (money) for (const number of numbers) priced.set(number, money);
    numbers = [];
    money = undefined;
  };
  for (const piece of pieces) {
    if (piece.kind === 'number') numbers.push(piece);
    else if (piece.kind === 'money') money ??= piece;
    else if (piece.kind === 'mark' && CLAUSE_END.includes(line[piece.start]!)) endClause();
  }
  endClause();
  return priced;
}

/** `1/350,000`, `3 / 350,000 tokens`: as likely a step as a usage, which the words beside it do not settle. */
export function isStepOf({ total, reading, unit }: Pair): boolean {
  if (typeof reading === 'string' || unit) return false;
  return reading.tokens > 0 && reading.tokens < 100 && standsAlone(total);
}

/** `tokens is`, `words are`, `个 token =`. */
const COPULA = /^(?:is|are|equals?|是|为|[=≈≙])$/i;
const COUNTED: ReadonlySet<Role | undefined> = new Set<Role>(['token', 'used', 'total', 'context', 'counter', 'thing']);

/** The signs that part a status line or a sentence; a slash, a dash, an arrow and brackets keep money beside its figure. */
const CLAUSE_END = ',;.!?、。…|│┃\t·•‧∙・●▪';

function isCountOfThings(pieces: readonly Piece[], at: number): boolean {
  const [first, second] = [pieces[at + 1], pieces[at + 2]];
  const isThing = (piece: Piece | undefined) => piece?.kind === 'word' && piece.role === 'thing';
  return isThing(first) || (first?.kind === 'word' && first.role === 'counter' && isThing(second));
}
