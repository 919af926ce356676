import { isAnchor, type NumberPiece, type Piece, type WordPiece } from './pieces.ts';

/** The part of a line between two signs that divide it: `tokens 350,000` and `35%` of `tokens 350,000 | 35%`. */
export interface Cell {
  readonly pieces: Piece[];
  /** A comma or a full stop stands before it, over which no label reaches; else a bar, a dash, a bullet, a tab. */
  readonly isSevered: boolean;
  readonly before: Cell | undefined;
  after: Cell | undefined;
  /** The cell that the brackets around it stand in. */
  readonly host: Cell | undefined;
}

/** A word as it is said of a number. */
export interface Said {
  readonly word: WordPiece;
  /** A colon stands between it and the number. */
  readonly isTitle: boolean;
}

/** The words on either side of a number, up to the next number or the end of the cell; the nearest first. */
export interface Wording {
  readonly left: readonly Said[];
  readonly right: readonly Said[];
  /** A percentage or a measure follows it in its cell, as in `850 tokens in 3 chats`. */
  readonly meetsMeasure: boolean;
}

/** Parts a line into its cells; brackets with a number and words are cells of their own, those of a percentage say nothing. */
export function partCells(line: string, pieces: readonly Piece[]): Cell[] {
  const cells: Cell[] = [];
  const open: { readonly outer: Cell | undefined; readonly from: number }[] = [];
  let current = newCell(undefined, false, undefined);
  cells.push(current);
  const close = () => {
    const { outer, from } = open.pop()!;
    const inner = cells.splice(from);
    current = outer!;
    for (const cell of keepBrackets(inner, current)) cells.push(cell);
  };
  for (const [at, piece] of pieces.entries()) {
    const mark = piece.kind === 'mark' ? line.slice(piece.start, piece.end) : '';
    if (mark && '([{（【「『'.includes(mark) && open.length < MAX_DEPTH) {
      open.push({ outer: current, from: cells.length });
      current = newCell(undefined, false, current);
      cells.push(current);
    } else if (mark === '/' && isRateOf(pieces[at + 1])) {
      current.pieces.push({ kind: 'word', start: piece.start, end: pieces[at + 1]!.end, role: 'rate' });
    } else if (mark && ')]}）】」』'.includes(mark) && open.length > 0) close();
    else if (mark && (HARD.includes(mark) || SOFT.includes(mark))) {
      const next: Cell = newCell(current, HARD.includes(mark), current.host);
      current.after = next;
      current = next;
      cells.push(current);
    } else current.pieces.push(piece);
  }
  while (open.length > 0) close();
  return cells;
}

/** The words that belong to each number of a cell. Words between two numbers belong to the one that the cell's form gives them. */
export function readWordings(line: string, { pieces }: Cell): Map<NumberPiece, Wording> {
  const anchors = pieces.filter(isAnchor);
  const gaps = gapsBetween(line, pieces);
  const [first, last] = [gaps[0]!, gaps.at(-1)!];
  const isPostfix = first.words.length === 0;
  const isPrefix = last.words.length === 0;
  const wordings = new Map<NumberPiece, Wording>();
  for (const [at, anchor] of anchors.entries()) {
    if (anchor.kind !== 'number') continue;
    const [before, after] = [gaps[at]!, gaps[at + 1]!];
    const isFirst = at === 0;
    const isLast = at === anchors.length - 1;
    // The last of them has no words but those before it.
    const ownsLeft = isFirst || before.colon >= 0 || !isPostfix || (isLast && after.words.length === 0);
    // `850 tokens: build 123456` begins with its number, so what follows is said of it, whatever the colon introduces.
    const ownsRight = isLast || (after.colon >= 0 ? isFirst && isPostfix : isPostfix || !isPrefix);
    wordings.set(anchor, {
      left: ownsLeft ? saidBefore(before) : [],
      right: ownsRight ? after.words.map((word) => ({ word, isTitle: false })) : [],
      meetsMeasure: !isLast && anchors[at + 1]!.kind !== 'number',
    });
  }
  return wordings;
}

/** The words before the first number of a cell that has a heading: those of the heading, and those that follow its colon. */
export function readHead(line: string, { pieces }: Cell): { before: readonly WordPiece[]; own: readonly WordPiece[] } {
  const [first, ...rest] = gapsBetween(line, pieces);
  const { words, colon } = first!;
  if (rest.length === 0 || colon < 0) return { before: [], own: [] };
  return { before: words.slice(0, colon), own: words.slice(colon) };
}

/** A bare number of a row takes the words of the cell beside it, as in `| Tokens | 350,000 |`. */
export function borrowWords({ before, after, isSevered }: Cell): Wording {
  const isNear = (cell: Cell | undefined, severed: boolean) =>
    cell && !severed && !holdsNumber(cell) && wordsOf(cell).length > 0;
  if (isNear(before, isSevered)) {
    return {
      left: wordsOf(before!)
        .toReversed()
        .map((word) => ({ word, isTitle: true })),
      right: [],
      meetsMeasure: false,
    };
  }
  if (isNear(after, after?.isSevered ?? true))
    return { left: [], right: wordsOf(after!).map((word) => ({ word, isTitle: false })), meetsMeasure: false };
  return { left: [], right: [], meetsMeasure: false };
}

/** The words of a cell. */
export function wordsOf({ pieces }: Cell): WordPiece[] {
  return pieces.filter((piece) => piece.kind === 'word');
}

/** Whether a cell holds a number of any kind, dates and names aside. */
export function holdsNumber({ pieces }: Cell): boolean {
  return pieces.some(isAnchor);
}

const HARD = ',;.!?、。…';
const SOFT = '|│┃\t-–—―·•‧∙・●▪→➜➤/&';

/** Deeper brackets are no text that a person writes, and passing their words on takes time. */
const MAX_DEPTH = 8;

function newCell(before: Cell | undefined, isSevered: boolean, host: Cell | undefined): Cell {
  return { pieces: [], isSevered, before, after: undefined, host };
}

function keepBrackets(inner: Cell[], outer: Cell): Cell[] {
  const hasNumber = inner.some(({ pieces }) => pieces.some(({ kind }) => kind === 'number'));
  const words = inner.flatMap(wordsOf);
  if (hasNumber && words.length > 0) return inner;
  if (!hasNumber && inner.some(holdsNumber)) return [];
  for (const { pieces } of inner) {
    for (const piece of pieces) outer.pieces.push(piece.kind === 'word' ? { ...piece, isAside: true } : piece);
  }
  return [];
}

/** `tokens / day` and `tokens/s`; not `used / total`. */
function isRateOf(next: Piece | undefined): boolean {
  return (
    next?.kind === 'word' && !(['total', 'limit', 'used', 'left', 'token', 'model'] as unknown[]).includes(next.role)
  );
}

interface Gap {
  readonly words: WordPiece[];
  /** How many words stand before its last colon; negative without one. */
  colon: number;
}

function gapsBetween(line: string, pieces: readonly Piece[]): Gap[] {
  const gaps: Gap[] = [{ words: [], colon: -1 }];
  for (const piece of pieces) {
    const gap = gaps.at(-1)!;
    if (piece.kind === 'word') gap.words.push(piece);
    else if (piece.kind === 'date') gap.words.push({ ...piece, kind: 'word', role: 'date' });
    else if (piece.kind === 'mark' && ':='.includes(line[piece.start]!)) gap.colon = gap.words.length;
    else if (isAnchor(piece)) gaps.push({ words: [], colon: -1 });
  }
  return gaps;
}

function saidBefore({ words, colon }: Gap): Said[] {
  return words.map((word, at) => ({ word, isTitle: at < colon })).reverse();
}
