import { type Cell, holdsNumber, readHead, type Said, type Wording, wordsOf } from './cells.ts';
import { type NumberPiece, textOf, type WordPiece } from './pieces.ts';
import { isDigits } from './units.ts';
import type { Role } from './words.ts';

/** The word beside a figure that says that it is no usage. */
export function foreignBeside(
  { left, right, meetsMeasure }: Wording,
  line: string,
  isPair: boolean,
): WordPiece | undefined {
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
export function foreignAround({ before, after, host }: Cell): WordPiece | undefined {
  return [before, after, host]
    .flatMap((cell) => (!cell || holdsNumber(cell) || unknownIn(cell) ? [] : wordsOf(cell)))
    .find(isForeignWord);
}

/** The older dashboard's own line, `Token余量: 350,000 / 1,000,000`, names what is left and shows what was used. */
export function isOlderDashboard({ left, right }: Wording): boolean {
  const roles = left.map(({ word }) => word.role).join(' ');
  return roles === 'balance token' && left.every(({ isTitle }) => isTitle) && right.length === 0;
}

/** `35% of 1,000,000 tokens`, `已使用 35%(共 1M tokens)`, `1M tokens 的 35%`: a percentage of the figure was used. */
export function isWholeOfShare(line: string, { start, end }: NumberPiece): boolean {
  const left = line.slice(Math.max(0, start - 48), start);
  const right = line.slice(end, end + 48);
  // `35% used / 350,000 tokens used` tells the same twice.
  if (/\/ ?$/.test(left) && /^ ?tokens? used/i.test(right)) return false;
  return SHARE_BEFORE.test(left) || /^ ?(?:tokens?|个)? ?的 ?[0-9.]+ ?%/i.test(right);
}

/** `/ 1,000,000 tokens`, `? of 200K`, `5 out of 200K`: what is used of the figure is missing before it, or was no value. */
export function isWholeOfNothing(line: string, { start }: NumberPiece): boolean {
  return WHOLE_BEFORE.test(line.slice(Math.max(0, start - 48), start));
}

/** A heading that names a rate, such as `Tokens per min: ` before `Limit 30000, Used 28500`, by each cell that it rules. */
export function rateHeadings(line: string, cells: readonly Cell[]): Map<Cell, WordPiece> {
  const headings = new Map<Cell, WordPiece>();
  for (const cell of cells) {
    const heading =
      headingWords(line, cell).find(({ role }) => role === 'rate') ??
      (cell.isSevered && cell.before ? headings.get(cell.before) : undefined);
    if (heading) headings.set(cell, heading);
  }
  return headings;
}

/** The word beside a number that is not understood; a title is none, as `Cursor: ` before `350,000 tokens used`. */
export function unknownBeside({ left, right }: Wording, isLabelled: boolean): WordPiece | undefined {
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
export function unknownIn(cell: Cell): WordPiece | undefined {
  for (const word of wordsOf(cell)) {
    if (word.role === 'note') return undefined;
    if (word.role === undefined) return word;
  }
  return undefined;
}

/** `Your token is 482913`, `API token: 482913`, `您的令牌：482913`: a token to log in with, and no count of them. */
export function loginToken({ numeral, unit }: NumberPiece, { left }: Wording, line: string): WordPiece | undefined {
  const at = left.findIndex(({ word }) => word.role === 'token');
  const [token, owner] = [left[at]?.word, left[at + 1]?.word];
  // Nobody groups the digits of a secret, and a secret is not counted.
  if (!token || !owner || unit || !isDigits(numeral)) return undefined;
  if (
    left.some(({ word }, near) => word.role === 'used' || word.role === 'total' || (near < at && isCount(line, word)))
  )
    return undefined;
  return /^(?:token|令牌)$/i.test(textOf(line, token)) && OWNER.test(textOf(line, owner)) ? token : undefined;
}

/** `step 350000`: a bare number beside a word that is numbered, as the steps and tasks of a plan are. */
export function numberedWord({ left }: Wording, line: string): WordPiece | undefined {
  const [word, owner] = [left[0]?.word, left[1]?.word];
  if (word?.role !== 'ordinal') return undefined;
  return owner && /^(?:this|current|本次?|[这此]次|[这该]个?|当前|目前)$/i.test(textOf(line, owner)) ? undefined : word;
}

/** Meanings that rule a usage out. */
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

export function isForeignWord({ role }: WordPiece): boolean {
  return FOREIGN.has(role);
}

const SHARE_BEFORE =
  /[0-9] ?% ?(?:\(? ?(?:used|usage|已使用|已用) ?\)? ?)?[(（,]? ?(?:(?:out )?of|\/|共|总共|总计|总) ?(?:the |your |a )?$/i;

const WHOLE_BEFORE =
  /(?:(?:^|[^\p{L}0-9%)\]}"'*_` \t]|\b(?:n\/?a|nan|none|null|unknown|undefined))[ \t]*(?:\/|(?:\bout )?\bof)|[0-9] (?:out )?of)[ \t]*(?:(?:the|your|a) )?$/iu;

/** The words before a colon that is followed by the number’s own words, or all words of a cell that names a limit and no number. */
function headingWords(line: string, cell: Cell): readonly WordPiece[] {
  const { before, own } = readHead(line, cell);
  if (own.length > 0) return before;
  const words = wordsOf(cell);
  return !holdsNumber(cell) && words.some(({ role }) => role === 'limit') ? words : [];
}

const OWNER =
  /^(?:your|my|our|his|her|their|session|api|app|project|account|editor|agent|model|panel|display|user|的|我|您|你|项目|账户|会话)$/i;

function isCount(line: string, word: WordPiece): boolean {
  return /^(?:counts?|counter|number|total|数|数量|数值|值|计数|计数器|个)$/i.test(textOf(line, word));
}
