import { nameNumbers } from './naming.ts';
import { standsAlone } from './numbers.ts';
import type { NumberPiece, Piece, WordPiece } from './pieces.ts';
import { isDigits, readNumeral } from './units.ts';

/** `350,000 / 1,000,000`: the first is the usage, the second what it is part of. */
export interface Pair extends NumberPiece {
  readonly total: NumberPiece;
  /** The words between the two. */
  readonly between: readonly WordPiece[];
}

/**
 * The pieces of a line with what its numbers mean by what stands next to them: `350 000` is one number, `Sonnet 4` a
 * name, `Nov 18` a date, `3 files` a count of something else, `350K/1M` a pair.
 */
export function joinNeighbours(line: string, pieces: readonly Piece[]): Piece[] {
  return joinPairs(line, joinSpaced(line, joinGroups(line, nameNumbers(line, pieces))));
}

/** Gives `12 350 000 €` and `€12 350 000` the whole of their digits, of which no head or tail is a value. */
function joinGroups(line: string, pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    const isFigure = piece.kind === 'number' || piece.kind === 'money' || piece.kind === 'measure';
    if (!isFigure || last?.end !== piece.start - 1 || !isGroupAt(line, piece.start)) joined.push(piece);
    else if (piece.kind !== 'number') joined.push({ ...piece, start: takeHead(line, joined, piece.start) });
    else if (last.kind === 'money' && GROUPS.test(line.slice(last.start, last.end))) {
      joined[joined.length - 1] = { ...last, end: piece.end };
    } else joined.push(piece);
  }
  return joined;
}

const GROUPS = /^[0-9]{1,3}(?: [0-9]{3}){0,9}$/;

/** Whether a space and three digits stand there, as the next group of a number has them. */
function isGroupAt(line: string, start: number): boolean {
  return /^ [0-9]{3}(?![0-9])/.test(line.slice(start - 1, start + 4));
}

/** Takes the groups before a group away, and tells where the first of them begins. */
function takeHead(line: string, joined: Piece[], start: number): number {
  let from = start;
  for (let last = joined.at(-1); last?.kind === 'number' && line.slice(last.end, from) === ' '; last = joined.at(-1)) {
    if (last.unit || !isDigits(last.numeral) || last.numeral.length > 3) break;
    from = last.start;
    joined.pop();
    if (last.numeral.length < 3) break;
  }
  return from;
}

/** Reads `350 000` as one number, and refuses what looks like one but is not grouped as one, such as `350 00`. */
function joinSpaced(line: string, pieces: readonly Piece[]): Piece[] {
  const isAlone = pieces.every(({ kind }) => kind === 'number' || kind === 'mark' || kind === 'percent');
  const numbers = pieces.filter(({ kind }) => kind === 'number').length;
  const joined: Piece[] = [];
  let run: NumberPiece[] = [];
  let between: Piece[] = [];
  const endRun = () => {
    joined.push(...joinRun(line, run, isAlone && run.length === numbers), ...between);
    run = [];
    between = [];
  };
  for (const piece of pieces) {
    if (piece.kind === 'number') {
      if (run.length > 0 && !isTouching(line, run.at(-1)!, piece)) endRun();
      run.push(piece);
      between = [];
    } else if (run.length > 0 && piece.kind === 'mark' && between.length === 0) between.push(piece);
    else {
      endRun();
      joined.push(piece);
    }
  }
  endRun();
  return joined;
}

function isTouching(line: string, left: NumberPiece, right: NumberPiece): boolean {
  if (left.unit || left.isLabelled || left.numeral.includes('.') || right.start - left.end > 2) return false;
  return [' ', ', ', ') '].includes(line.slice(left.end, right.start));
}

function joinRun(line: string, run: readonly NumberPiece[], isAlone: boolean): readonly NumberPiece[] {
  if (run.length < 2) return run;
  const first = run[0]!;
  const last = run.at(-1)!;
  const numeral = run.map((number) => number.numeral).join(',');
  const isSpaced = run.slice(1).every((number, at) => line.slice(run[at]!.end, number.start) === ' ');
  if ((last.unit === '' || isAlone) && isSpaced && isGrouped(run)) {
    const sign = [first, last].find(({ reading }) => SIGN_REFUSALS.has(reading))?.reading;
    return [{ ...last, start: first.start, numeral, reading: sign ?? readNumeral(numeral, last.unit) }];
  }
  const broken = run.find(isBroken)?.reading ?? (looksGrouped(run) ? 'malformed_grouping' : phoneRefusal(run));
  if (broken === undefined) return run;
  return [{ ...last, start: first.start, numeral, reading: broken }];
}

function isGrouped([first, ...rest]: readonly NumberPiece[]): boolean {
  const isPlain = first !== undefined && isDigits(first.numeral) && first.numeral.length <= 3;
  const isThree = ({ numeral }: NumberPiece) => /^[0-9]{3}(?:\.|$)/.test(numeral);
  return isPlain && rest.every(isThree) && rest.slice(0, -1).every(({ numeral }) => isDigits(numeral));
}

/** Refusals for a mark before or after the number, not for its digits. */
const SIGN_REFUSALS: ReadonlySet<unknown> = new Set(['negative', 'signed', 'malformed_grouping']);

/** A number that is refused refuses all that is written with it. */
function isBroken({ reading }: NumberPiece): boolean {
  return typeof reading === 'string' && reading !== 'ambiguous' && reading !== 'leading_zero';
}

/** `010 12345678` is a phone number; `Nov 08 350000` is not. */
function phoneRefusal(run: readonly NumberPiece[]): 'leading_zero' | undefined {
  return run.some(({ reading, numeral }) => reading === 'leading_zero' && numeral.length >= 3)
    ? 'leading_zero'
    : undefined;
}

function looksGrouped(run: readonly NumberPiece[]): boolean {
  return run.slice(1).some((right, at) => {
    const left = run[at]!.numeral;
    const group = /^[0-9]+/.exec(right.numeral)?.[0] ?? '';
    if (isDigits(left) && left.length > 3) return false;
    if (group.length === 3) return isDigits(left) || isDigits(right.numeral);
    return isDigits(left) && isDigits(right.numeral) && right.unit === '' && group.length < 3;
  });
}

/** Makes one piece of a usage and its total; three numbers in a row are none. */
function joinPairs(line: string, pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  let first = -1;
  for (const [at, piece] of pieces.entries()) {
    const left = joined[first];
    if (piece.kind === 'number' && left?.kind === 'number' && isPair(line, left, piece, pieces, at)) {
      const between = joined.slice(first + 1).filter((word) => word.kind === 'word');
      const isChain = 'total' in left;
      joined.length = first;
      const reading = isChain ? 'ambiguous' : left.reading;
      joined.push({ ...left, end: piece.end, reading, total: piece, between } as Pair);
    } else {
      if (piece.kind === 'number') first = joined.length;
      joined.push(piece);
    }
  }
  return joined;
}

function isPair(line: string, left: NumberPiece, right: NumberPiece, pieces: readonly Piece[], at: number): boolean {
  if (right.start - left.end > 40) return false;
  const gap = line
    .slice(left.end, right.start)
    .replace(/["'`*[\]{}]/g, '')
    .replace(/[ \t]+/g, ' ');
  const [, used, link] = PAIR.exec(gap) ?? [];
  if (link === undefined) return false;
  const [next, afterNext] = pieces.slice(at + 1, at + 3);
  const said = next?.kind === 'word' && next.role === 'token' ? afterNext : next;
  // `350,000 used / 650,000 left` is no usage and its total.
  if (used && said?.kind === 'word' && said.role === 'left') return false;
  if (link.endsWith('/')) return true;
  const isUsedSoFar = USED_SO_FAR.test(line.slice(Math.max(0, left.start - 40), left.start));
  if (/[共总]/.test(link)) return isUsedSoFar && standsAlone(right);
  // `1 of 350,000 tokens` is an ordinal, `350000 of 12 files` another thing.
  return (
    (standsAlone(left) || Boolean(used) || isUsedSoFar) &&
    (standsAlone(right) || (used && right.unit !== '') || (next?.kind === 'word' && next.role === 'token'))
  );
}

/** `本次用了 500 tokens，共 900` adds up what was used; only what is used so far is part of a total. */
const USED_SO_FAR = /^(?!.*[本这此][次轮]).*(?:used|usage|已用|使用|使用量|用量|已消耗)[: ]*(?:了|约)? ?$/i;

/** `/`, `of`, `out of` and `共`, also after `tokens`, `used` or a percentage. */
const PAIR =
  /^ ?(?:(?:tokens?|个) ?)?(used ?|已用 ?|已使用 ?)?(?:tokens? ?)?(?:\(? ?[0-9]{1,3}(?:\.[0-9]{1,2})? ?% ?\)? ?)?([,(]? ?(?:\/|of|out of|共|总共|总计))[: ]*(?:(?:the|your|a|total|max|limit|budget|总额度|额度|上限)[ :]*)?$/i;
