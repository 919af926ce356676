import { cleanText, isEastAsian, isWordy } from './clean-text.ts';
import { joinNeighbours } from './neighbours.ts';
import { isAnchor } from './pieces.ts';
import { readPieces } from './read-pieces.ts';
import { UNITS } from './units.ts';
import { holdsFigure, readVerdict } from './verdict.ts';
import { FOREIGN_UNITS, type Role, roleOf } from './words.ts';

/** The two parts of a line: the text of the value, and the event. */
export interface ValueLine {
  readonly value: string;
  readonly event: string;
}

/**
 * Divides `350000 完成架构设计` into its value and its event. The whole line is read first; where it tells a value, the event
 * is what the value can do without. Where its words are not understood, its beginning is the value if the rest holds
 * none. Every other line is offered whole, so that it is refused for what it is.
 */
export function splitValueLine(line: string): ValueLine {
  const text = unquoted(line);
  const whole = readVerdict(text);
  const isOpen = 'reason' in whole && !whole.isForeign && EVENT_MAY_FOLLOW.has(whole.reason);
  const split = 'reason' in whole ? isOpen && splitLeading(text) : splitWhole(text, whole);
  return split || { value: text, event: '' };
}

interface Told {
  readonly tokens: number;
  readonly total?: number;
  readonly isLabelled?: boolean;
}

/** Refusals of a whole line whose rest may be an event. */
const EVENT_MAY_FOLLOW: ReadonlySet<string> = new Set(['not_understood', 'ambiguous', 'no_value']);

/** Behind the value of a line, the rest is an event only where it tells something other than figures. */
function splitWhole(text: string, told: Told): ValueLine | undefined {
  const split = cutAfter(text, told);
  return tellsFigures(split.event, told.isLabelled ?? false) ? undefined : split;
}

/** `(1M input + 892K output)`, `/ 650,000 left`, `· 2m 14s)`; of things such as `12 files` only beside a figure with a label. */
function tellsFigures(text: string, isLabelled: boolean): boolean {
  const line = cleanText(text);
  const pieces = joinNeighbours(line, readPieces(line, 1000).pieces);
  const holdsAny = pieces.some((piece) => isAnchor(piece) || piece.kind === 'date');
  if (!holdsAny) return /^[\p{Pe}\p{Pf}"']+$/u.test(line);
  return pieces.every((piece) => {
    if (piece.kind !== 'word') return true;
    if (piece.role === undefined)
      return FOREIGN_UNITS.get(line.slice(piece.start, piece.end).toLowerCase()) === 'measure';
    return OF_FIGURES.has(piece.role) || (piece.role === 'thing' && isLabelled);
  });
}

const OF_FIGURES: ReadonlySet<Role> = new Set<Role>([
  'token',
  'used',
  'total',
  'context',
  'left',
  'balance',
  'have',
  'limit',
  'rate',
  'price',
  'part',
  'of',
  'counter',
  'time',
  'month',
  'filler',
]);

/** `350000 fix the cache`: the beginning is a value by itself, and the rest holds no other. */
function splitLeading(text: string): ValueLine | undefined {
  const ends = wordEnds(text);
  if (!/^[^\p{L}\p{N}]*\p{Nd}/u.test(text) || /^[0-9]{1,2}[.)]\s/.test(text)) return undefined;
  for (const end of ends.toReversed()) {
    const told = readVerdict(text.slice(0, end));
    if ('reason' in told) continue;
    const { value, event } = cutAfter(text, {
      tokens: told.tokens,
      ...(told.total !== undefined && { total: told.total }),
    });
    const isHidden = holdsFigure(event) || (/[0-9]/.test(event) && !/\p{L}/u.test(event));
    return isHidden || isHalfUnit(value, event) ? undefined : { value, event };
  }
  return undefined;
}

/** `5m refactor` and `5 m refactor` may be minutes, and `5 万圣节` begins with a unit or with a word. */
function isHalfUnit(value: string, event: string): boolean {
  if (UNITS[value.at(-1)!]?.needsLabel) return true;
  const letter = event[0] ?? '';
  const unit = UNITS[letter];
  const isLone = isEastAsian(letter) || !(isWordy(event[1]) || JOINERS.includes(event[1] ?? ' '));
  return /^[0-9.]{1,4}$/.test(value) && unit !== undefined && !unit.neverBare && isLone;
}

/** Marks within a word, as in `w/o tests` and `k-means`. */
const JOINERS = "/-&'’+";

/** Cuts after the shortest beginning that tells the same, and the words that belong to it. */
function cutAfter(text: string, { tokens, total, isLabelled }: Told): ValueLine {
  const ends = wordEnds(text);
  const found = ends.findIndex((end) => {
    const part = readVerdict(text.slice(0, end));
    if ('reason' in part || part.tokens !== tokens || part.total !== total) return false;
    return isLabelled === undefined || part.isLabelled === isLabelled;
  });
  if (found < 0) return { value: text, event: '' };
  let last = found;
  const wordAt = (at: number) => text.slice(ends[at - 1] ?? 0, ends[at]).trim();
  while (last + 1 < ends.length && isPartOfValue(wordAt(last), wordAt(last + 1), ends[last + 1] === text.length))
    last += 1;
  const value = text.slice(0, ends[last]);
  const event = text.slice(ends[last]).trim();
  return last === 0 ? cutWord(value, event) : { value, event };
}

/** `tokens`, `used` after it, `(35%)`; `350000 used` is a label, `350000 used it for tests` an event. */
function isPartOfValue(last: string, next: string, isEnd: boolean): boolean {
  if (CLOSING.test(last)) return false;
  if (/^[(（][0-9.]+ ?[%％][)）]$/.test(next)) return true;
  if (/^[0-9.]+[%％]$/.test(next)) return isEnd;
  const role = roleOf(next.replace(CLOSING, ''));
  return role === 'token' || (role === 'used' && (isEnd || roleOf(last) === 'token')) || (role === 'total' && isEnd);
}

/** Marks that end the value after its last word, as in `"350,000 tokens used" 完成`. */
const CLOSING = /[\p{Pe}\p{Pf}"',;:.，；：。]+$/u;

/** `350000：完成`, `350000,完成`: no space, but plainly the same. */
function cutWord(word: string, rest: string): ValueLine {
  const [, value = '', event = ''] = /^([^\p{L}:：;；|]*\p{Nd}\p{L}?)[:：,，;；|](?=\p{L})(.*)$/u.exec(word) ?? [];
  return value && !('reason' in readVerdict(value))
    ? { value, event: (event + (rest && ` ${rest}`)).trim() }
    : { value: word, event: rest };
}

/** Where the first words end; further on stands no value but that of the whole line. */
function wordEnds(text: string): number[] {
  return [...text.matchAll(/\S+/g).take(8)].map(({ 0: word, index }) => index + word.length);
}

/** A text without the blanks and the one pair of quotes around it: `cmd` knows no quotes, and leaves those of `echo "350000 done"`. */
export function unquoted(text: string): string {
  const trimmed = text.trim();
  return (/^(?:"([^"]+)"|'([^']+)'|“([^“”]+)”)$/.exec(trimmed)?.slice(1).find(Boolean) ?? trimmed).trim();
}
