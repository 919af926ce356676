import { type Cell, type Said, type Wording, wordsOf } from './cells.ts';
import { type NumberPiece, textOf, type WordPiece } from './pieces.ts';
import { isDigits } from './units.ts';

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

const OWNER =
  /^(?:your|my|our|his|her|their|session|api|app|project|account|editor|agent|model|panel|display|user|的|我|您|你|项目|账户|会话)$/i;

function isCount(line: string, word: WordPiece): boolean {
  return /^(?:counts?|counter|number|total|数|数量|数值|值|计数|计数器|个)$/i.test(textOf(line, word));
}
