import { standsAlone } from './numbers.ts';
import type { NumberPiece, Piece, WordPiece } from './pieces.ts';
import type { Role } from './words.ts';

/** The pieces of a line with what its numbers and words mean by the word or the sign beside them. */
export function nameNumbers(line: string, pieces: readonly Piece[]): Piece[] {
  const named: Piece[] = [];
  const isList = pieces.filter(({ kind }) => kind === 'number').length > 1;
  for (const [at, piece] of pieces.entries()) {
    if (piece.kind === 'word') {
      const role = roleBeside(line, named.at(-1), piece, pieces[at + 1]);
      named.push(role === piece.role ? piece : { ...piece, role });
    } else if (piece.kind === 'number' && !piece.isLabelled) {
      const kind = kindBeside(line, named, pieces, at, isList && at === 0);
      named.push(kind ? { kind, start: piece.start, end: piece.end } : piece);
    } else named.push(piece);
  }
  return mergeSlashDates(line, named);
}

/** `Max` of `Claude Max`, `4o` of `GPT 4o`, `a` of `350,000 tokens a day`, `会话` of `会话数`. */
function roleBeside(line: string, last: Piece | undefined, word: WordPiece, next: Piece | undefined): Role | undefined {
  const text = line.slice(word.start, Math.min(word.end, word.start + 20));
  if (word.role === 'edition') {
    return last?.kind === 'date' || isModel(last) ? 'model' : /^max$/i.test(text) ? 'limit' : undefined;
  }
  if (word.role === undefined && isModel(last) && /^[0-9]/.test(text)) return 'model';
  if (next?.kind !== 'word') return word.role;
  if ((last?.kind === 'number' || isCounting(last)) && /^an?$/i.test(text) && PERIODS.has(next.role)) return 'rate';
  const isOfIts = word.role === 'ordinal' && next.start - word.end <= 1;
  if (isOfIts && /^(?:总?数量?|计数|counts?|number)$/i.test(line.slice(next.start, next.end))) return 'thing';
  return word.role;
}

const PERIODS: ReadonlySet<Role | undefined> = new Set<Role>(['time', 'ordinal', 'thing']);

/** The kind of a number that is no value: a date or a name, or a count of other things or a duration. */
function kindBeside(
  line: string,
  before: readonly Piece[],
  pieces: readonly Piece[],
  at: number,
  isFirst: boolean,
): 'date' | 'measure' | undefined {
  const number = pieces[at] as NumberPiece;
  const next = pieces[at + 1];
  if (number.unit === 'm') return isDuration(line, before, number, next) ? 'measure' : undefined;
  if (number.unit !== '') return undefined;
  if (standsAlone(number)) return isWrittenDate(line, before, number, next) ? 'date' : undefined;
  if (isDate(line, before, number, next, isFirst)) return 'date';
  return countsThings(pieces, at) ? 'measure' : undefined;
}

/** The minutes of `2h 14m` and `2m 14s`, and of `used in 5m`. */
function isDuration(line: string, before: readonly Piece[], { start, end }: NumberPiece, next: Piece | undefined) {
  const [earlier, last] = [before.at(-2), before.at(-1)];
  if (last?.kind === 'measure' && start - last.end === 1) return true;
  if (next?.kind === 'measure' && next.start - end === 1) return true;
  return isCounting(earlier) && last?.kind === 'word' && /^in$/i.test(line.slice(last.start, last.end));
}

/** `date: 20251118` and `20251118 20:30`, unless its own words call it a count, as in `20:30 20251118 tokens`. */
function isWrittenDate(line: string, before: readonly Piece[], number: NumberPiece, next: Piece | undefined): boolean {
  if (!WRITTEN_DATE.test(number.numeral) || isCounting(next)) return false;
  const [earlier, last] = [before.at(-2), before.at(-1)];
  const text = (piece: Piece | undefined) => (piece ? line.slice(piece.start, piece.end) : '');
  if (DATE_WORD.test(text(/^[:=]$/.test(text(last)) ? earlier : last))) return true;
  if (last && isTime(last, text(last)) && line.slice(last.end, number.start).trim() === '') return true;
  const isFollowed = next !== undefined && isTime(next, text(next)) && line.slice(number.end, next.start).trim() === '';
  return isFollowed && !isCounting(last) && !/^[:=]$/.test(text(last));
}

const WRITTEN_DATE =
  /^(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31|0229)$/;
const DATE_WORD = /^(?:dated?|on|since|until|日期|时间|截至|截止)$/i;

function isTime({ kind }: Piece, text: string): boolean {
  return kind === 'date' && text.includes(':');
}

function isCounting(piece: Piece | undefined): boolean {
  return piece?.kind === 'word' && (piece.role === 'token' || piece.role === 'used');
}

function isModel(piece: Piece | undefined): boolean {
  return piece?.kind === 'word' && piece.role === 'model';
}

/** `Nov 18, 2025`, `18 Nov`, `Session 3`, `Sonnet 4.5`, `1. 350,000`. */
function isDate(
  line: string,
  before: readonly Piece[],
  number: NumberPiece,
  next: Piece | undefined,
  isFirst: boolean,
): boolean {
  const last = before.at(-1);
  const { numeral, start, end } = number;
  if (isFirst && next?.kind === 'mark' && /^[.)]/.test(line.slice(end))) return true;
  const isTouched = next?.kind === 'number' && next.start - end <= 1;
  if (isModel(last) && start - last!.end <= 1) return numeral.includes('.') || !isTouched;
  if (last?.kind === 'word' && last.role === 'ordinal' && start - last.end <= 1) return !isTouched;
  const isMonth = (piece: Piece | undefined) => piece?.kind === 'word' && piece.role === 'month';
  if (isMonth(last)) return true;
  if (isMonth(next) && next!.start - end <= 1) return true;
  const earlier = last?.kind === 'mark' && line[last.start] === ',' ? before.at(-2) : last;
  return earlier?.kind === 'date' && /^(?:19|20)[0-9]{2}$/.test(numeral) && before.slice(-4).some(isMonth);
}

/** `12 tool uses`, `3 files`, `3 次`. */
function countsThings(pieces: readonly Piece[], at: number): boolean {
  const [first, second] = [pieces[at + 1], pieces[at + 2]];
  if (first?.kind !== 'word') return false;
  if (first.role === 'thing') return true;
  return second?.kind === 'word' && second.role === 'thing' && first.role !== 'token' && first.role !== 'used';
}

/** `11/18` and `11/2025`, which a label does not make a pair; `57/1000` and `57/2000` are one. */
function mergeSlashDates(line: string, pieces: readonly Piece[]): Piece[] {
  const merged: Piece[] = [];
  for (const [at, piece] of pieces.entries()) {
    const [first, slash] = merged.slice(-2);
    const isSlashed = piece.kind === 'number' && slash?.kind === 'mark' && first?.kind === 'number';
    if (isSlashed && piece.end - first.start <= 7 && SLASH_DATE.test(line.slice(first.start, piece.end))) {
      const next = pieces[at + 1];
      const mayGoOn = next?.kind === 'number' && /^[0-9]{3}$/.test(next.numeral) && next.start - piece.end === 1;
      const { start } = first;
      // `1/2 350 000` is a date and a figure, or one of 2,350,000.
      const open = { ...first, unit: 'K', reading: 'ambiguous', end: piece.end } as const;
      merged.splice(-2, 2, mayGoOn ? open : { kind: 'date', start, end: piece.end });
    } else merged.push(piece);
  }
  return merged;
}

const SLASH_DATE =
  /^(?:(?:0?[1-9]|1[0-2])\/(?:(?:0?[1-9]|[12][0-9]|3[01])|(?:19|20)[0-9]{2})|(?:0?[1-9]|[12][0-9]|3[01])\/(?:0?[1-9]|1[0-2])|(?:19|20)[0-9]{2}\/(?:0?[1-9]|1[0-2]))$/;
