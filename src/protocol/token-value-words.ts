/** What the words around a figure say about it. */
export interface Wording {
  /** It carries its own label, such as `tokens used` or `Token:`. */
  readonly isLabelled: boolean;
  /** It is named as what remains. */
  readonly isRemainder: boolean;
  /** It is named as what is allowed. */
  readonly isLimit: boolean;
}

/** Reads the words that stand directly before and directly after a figure, each side cut at the next figure or line end. */
export function readWording(before: string, after: string): Wording {
  const left = readChain(wordsOf(before.slice(-MAX_REACH)).reverse());
  const right = readChain(wordsOf(after.slice(0, MAX_REACH)));
  const says = (role: Role) => left.roles.has(role) || right.roles.has(role);
  // `used` alone is an everyday word: `I used 350,000 points`, `Version used: 12` speak of something else.
  const isUsed = says('used') && right.isWhole && (right.roles.has('used') || left.isWhole);
  return {
    isLabelled: says('token') || isUsed,
    isRemainder: says('remainder') && !says('used'),
    isLimit: says('limit') && !says('used'),
  };
}

type Role = 'token' | 'used' | 'remainder' | 'limit' | 'filler';

interface Chain {
  readonly roles: ReadonlySet<Role>;
  /** Only known words stand between the figure and the edge. */
  readonly isWhole: boolean;
}

/** Far enough for a label, near enough that a text of many figures is read in linear time. */
const MAX_REACH = 64;

const WORDS: Readonly<Record<Role, string>> = {
  token: 'token tokens tokencount tokenusage totaltokens tokensused usedtokens 令牌 词元',
  used: 'used usage consumed consumption 已使用 已用 使用量 使用情况 用量 用了 消耗',
  remainder: 'remaining remainder left available unused 剩余 剩下 还剩 余下 可用 未使用 未用',
  limit: 'limit budget quota allowance max maximum maxtokens cap 额度 上限 预算 配额 限额 余量',
  filler:
    'a about already and approx approximately are around been chat consuming context conversation count current currently ' +
    'far has have i in is it my now of s session so sum the this total today ve was were you your ' +
    '个 了 今日 今天 会话 共 合计 大约 对话 已 当前 总 总共 总数 总计 您 我 你 数 数量 数值 是 本次 本月 为 目前 的 累计 约',
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
  const roles = new Set<Role>();
  for (const word of words) {
    if (STOP.test(word)) break;
    const role = ROLES.get(word);
    if (role === undefined) return { roles, isWhole: false };
    roles.add(role);
  }
  return { roles, isWhole: true };
}
