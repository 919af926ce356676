/** What the words around a figure say about it. */
export interface Wording {
  /** It carries its own label, such as `tokens used` or `Token:`. */
  readonly isLabelled: boolean;
  /** It is named as what remains. */
  readonly isRemainder: boolean;
  /** It is named as what is allowed. */
  readonly isLimit: boolean;
  /** It is named as a sum of something unsaid, such as `total 900` or `累计 900`; not `共 3 次`. */
  readonly isSum: boolean;
  /** It may be a count of what is named after it, as in `3 chats`. */
  readonly countsOther: boolean;
}

/** Reads the words that stand directly before and after a figure; either text ends where the next figure or the line does. */
export function readWording(before: string, after: string): Wording {
  const left = readChain(wordsOf(before.slice(-MAX_REACH)).reverse());
  const right = readChain(wordsOf(after.slice(0, MAX_REACH)));
  const says = (role: Role) => left.roles.includes(role) || right.roles.includes(role);
  // `Token: 57 …` needs no known word after it, but `Token: 350 тыс` has a unit of another language there.
  const hasColon = /[:=|][^:=|\p{L}]{0,8}$/u.test(before.slice(-MAX_REACH)) && !/^ ?ø/.test(after);
  return {
    isLabelled: isLabelledAfter(right) || isLabelledBefore(left, right, hasColon),
    // `You have 650,000 tokens` is what is left; `350,000 tokens have been spent` is not.
    isRemainder: (says('remainder') || left.roles.includes('holding')) && !says('used'),
    isLimit: says('limit') && !says('used'),
    isSum: right.isWhole && isSumBefore(left) && !says('remainder') && !says('limit'),
    countsOther: !right.isWhole,
  };
}

/** Whether a word by itself says that a figure is a count of tokens or what was used, such as `tokens` or `已用`. */
export function isLabelWord(word: string): boolean {
  const role = ROLES.get(word.toLowerCase());
  return role === 'token' || role === 'used' || role === 'measure';
}

/** How a whole text speaks of usage; its figures and their units are no words. */
export interface Vocabulary {
  readonly unknownWords: number;
  /** It says both what was counted and that it was used. */
  readonly namesUsedTokens: boolean;
}

/** Reads all the words of a folded text. */
export function readVocabulary(text: string): Vocabulary {
  const words = wordsOf(text.replace(/(?<=[0-9]) ?[kmw千万萬亿億](?![a-z])/gi, ' ')).filter((word) => !STOP.test(word));
  const roles = new Set(words.map((word) => ROLES.get(word)));
  return {
    unknownWords: words.filter((word) => !ROLES.has(word)).length,
    namesUsedTokens: roles.has('token') && roles.has('used'),
  };
}

type Role = 'token' | 'used' | 'remainder' | 'holding' | 'limit' | 'measure' | 'sum' | 'filler';

interface Chain {
  readonly roles: readonly Role[];
  /** Only known words stand between the figure and the edge. */
  readonly isWhole: boolean;
}

/** Far enough for a label, near enough that a text of many figures is read in linear time. */
const MAX_REACH = 64;

const WORDS: Readonly<Record<Role, string>> = {
  token: 'token tokens tokencount tokenusage totaltokens tokensused usedtokens 令牌 词元',
  used: 'used usage consumed consuming consumption 已使用 已用 使用量 使用情况 用量 用了 消耗',
  remainder: 'remaining remainder left available unused 剩余 剩下 还剩 余下 可用 未使用 未用',
  holding: 'have 还有',
  limit: 'limit budget quota allowance max maximum maxtokens cap 额度 上限 预算 配额 限额 余量',
  measure: 'total context 个',
  sum: 'sum 共 合计 总 总共 总数 总计 累计',
  filler:
    'a about already and approx approximately are around been chat conversation count current currently ' +
    'far has i in is it my now of s session so the this today ve was were you your ' +
    '了 今日 今天 会话 大约 对话 已 当前 您 我 你 数 数量 数值 是 本次 本月 为 目前 的 约',
};

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries(WORDS).flatMap(([role, words]) => words.split(' ').map((word) => [word, role as Role] as const)),
);

const STOP = /[0-9.,;!?。；！？、]/;

/** Chinese writes no spaces, so its known words are found longest first and any other character is a word of its own. */
const WORD = new RegExp(
  `[a-zø]+|${[...ROLES.keys()]
    .filter((word) => !/[a-z]/.test(word))
    .sort((one, other) => other.length - one.length)
    .join('|')}|\\p{L}|${STOP.source}`,
  'gu',
);

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

function readChain(words: readonly string[]): Chain {
  const roles: Role[] = [];
  for (const word of words) {
    if (STOP.test(word)) break;
    const role = ROLES.get(word);
    if (role === undefined) return { roles, isWhole: false };
    roles.push(role);
  }
  return { roles, isWhole: true };
}

/** `350,000 tokens`, `57 个 token`, `350K context used`; not `12 used cars` and not `in 2025 you used tokens`. */
function isLabelledAfter({ roles: [first, second], isWhole }: Chain): boolean {
  const label = first === 'measure' || (first === 'used' && second === 'token') ? second : first;
  return label === 'token' || (label === 'used' && isWhole);
}

/** `Token: 57`, `已使用 350,000`; not `tokens in 3 files`, `I used 350,000 points` or `Version used: 12`. */
function isLabelledBefore(left: Chain, right: Chain, hasColon: boolean): boolean {
  if (left.roles.includes('token')) return right.isWhole || hasColon;
  return left.roles.includes('used') && left.isWhole && right.isWhole;
}

/** `total 900`, `总数是 900`; not `total in session 3`. */
function isSumBefore({ roles }: Chain): boolean {
  return roles.slice(0, 2).some((role) => role === 'sum' || role === 'measure');
}
