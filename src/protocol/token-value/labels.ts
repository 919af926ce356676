import type { Said, Wording } from './cells.ts';
import type { Pair } from './neighbours.ts';
import type { NumberPiece, WordPiece } from './pieces.ts';
import type { Role } from './words.ts';

/** Whether the words beside a number call it a count of tokens or what was used, such as `tokens used` or `Token:`. */
export function isLabelled(number: NumberPiece | Pair, { left, right }: Wording): boolean {
  if (number.isLabelled) return true;
  if ('total' in number && (number.total.isLabelled || number.between.some(isLabelWord))) return true;
  const before = chainOf(left);
  const after = chainOf(right);
  return isLabelledAfter(after) || isLabelledBefore(before, after, left[0]?.isTitle ?? false);
}

interface Chain {
  readonly roles: readonly Role[];
  /** Only words that are understood stand between the number and the edge. */
  readonly isWhole: boolean;
}

function chainOf(said: readonly Said[]): Chain {
  const roles: Role[] = [];
  for (const { word } of said) {
    if (word.role === 'date') break;
    if (word.role === undefined || word.role === 'note') return { roles, isWhole: false };
    roles.push(word.role);
  }
  return { roles, isWhole: true };
}

/** `350,000 tokens`, `57 个 token`, `350K context used`; not `12 used cars` and not `in 2025 you used tokens`. */
function isLabelledAfter({ roles, isWhole }: Chain): boolean {
  const at =
    roles[0] === 'total' ||
    roles[0] === 'context' ||
    roles[0] === 'counter' ||
    (roles[0] === 'used' && roles[1] === 'token')
      ? 1
      : 0;
  return roles[at] === 'token' || (roles[at] === 'used' && isWhole);
}

/** `Token: 57`, `已使用 350,000`; not `tokens in 3 files`, `I used 350,000 points` or `Version used: 12`. */
function isLabelledBefore(before: Chain, after: Chain, hasColon: boolean): boolean {
  if (before.roles.includes('token')) return after.isWhole || hasColon;
  return before.roles.includes('used') && before.isWhole && after.isWhole;
}

function isLabelWord({ role }: WordPiece): boolean {
  return role === 'token' || role === 'used';
}
