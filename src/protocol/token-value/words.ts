/**
 * The meaning of a word beside a figure. The first four speak of usage; `left` to `thing` say that the figure is
 * something else; the rest may stand beside a usage without a meaning of its own.
 */
export type Role =
  | 'token'
  | 'used'
  | 'total'
  | 'context'
  | 'left'
  | 'have'
  | 'balance'
  | 'limit'
  | 'rate'
  | 'price'
  | 'ahead'
  | 'past'
  | 'not'
  | 'part'
  | 'thing'
  | 'or'
  | 'of'
  | 'model'
  | 'edition'
  | 'counter'
  | 'time'
  | 'date'
  | 'month'
  | 'ordinal'
  | 'note'
  | 'noun'
  | 'filler';

/** The words that are understood. Any other beside a figure refuses it, so that a word that is missing here costs a question and never a value. */
const WORDS: Readonly<Record<Role, string>> = {
  token: 'token tokens tok toks tokencount totaltokens 令牌 词元',
  used:
    'used usage tokensused usedtokens tokenusage consumed consuming consumption spent 已使用 已用 使用 使用量 使用情况 用量 用了 用掉 用去 用到 已用掉 已消耗 ' +
    '消耗 消耗了 消耗量 耗用 总用量 总使用量 总消耗 累计使用 累计消耗 累计用量 共用 共使用 共消耗',
  total: 'total totals sum overall altogether 合计 总 总共 总数 总计 累计 共 共计 一共',
  context: 'context ctx 上下文',
  left:
    'remaining remainder remain remains left leftover available unused free spare 剩余 剩下 剩 还剩 余下 余额 可用 还能用 还可用 还可以用 ' +
    '能用 可以用 未使用 未用 没用 没用完 尚余 尚有 结余 剩馀 多余 空闲',
  have: 'have got 还有',
  balance: '余量',
  limit:
    'limit limits budget quota allowance maximum cap capacity window windows buffer plan maxtokens reserve reserved allocation allocated ' +
    'size length threshold credits 额度 总额度 上限 预算 配额 限额 限制 窗口 套餐 容量 大小 长度 最大 最多 阈值 缓冲 缓冲区 预留 总量 总限额 最高',
  rate:
    'per rate rates speed throughput tps tpm average avg mean each every hourly daily weekly monthly 每 每秒 每分钟 每小时 每天 每日 ' +
    '每周 每月 每次 速率 速度 平均 日均 均值',
  price:
    'price prices cost costs usd eur gbp cny rmb jpy inr dollar dollars cents euro euros rs yuan 元 块 美元 美金 人民币 欧元 费用 价格 ' +
    '花费 单价 计费 收费 成本 售价 充值',
  ahead:
    'estimate estimated estimates estimation expected expect projected projection predicted forecast will would could may might should need ' +
    'needs needed require requires required goal target planned if 预计 预估 估计 估算 预测 将 将会 会 可能 需要 需 还需 还要 如果 若 目标 计划',
  past: 'yesterday last previous previously prior ago 昨天 昨日 上次 上周 上个月 上月 之前 以前 上一次 上一轮',
  not: 'not no never without nor none 未 没 没有 不 不是 并非 无',
  part:
    'input inputs output outputs prompt prompts completion completions out cached cache caching read reads write writes creation hits sent ' +
    'received reasoning thinking thoughts uploaded downloaded upload download ↑ ↓ ⬆ ⬇ 输入 输出 缓存 命中 未命中 提示 提示词 补全 思考 推理 ' +
    '发送 接收 读取 写入 上行 下行 上传 下载',
  thing:
    'file files line lines word words char chars character characters message messages request requests call calls tool tools use uses test ' +
    'tests chats conversations sessions turns steps tasks runs times points commit commits change changes item items row rows record records ' +
    'user users person people image images page pages error errors warning warnings things query queries prompts ' +
    '次 行 字 字符 个字 词 文件 个文件 条 条消息 消息 轮 人 页 次调用 次请求 请求 调用 个会话 个请求 工具',
  or: 'or to until vs versus then 或 或者 到 至',
  of: 'of',
  model:
    'claude sonnet opus haiku gpt chatgpt openai anthropic gemini google codex copilot cursor cline aider windsurf opencode ccusage llama mistral ' +
    'grok deepseek kimi moonshot qwen qwq glm doubao ernie hunyuan minimax vscode agent composer roo kilo zed 通义 千问 通义千问 智谱 豆包 文心 混元 月之暗面 深度求索',
  edition:
    'max pro plus ultra mini nano flash turbo lite code cli coder fast preview latest desktop thinking reasoner instruct',
  date: '',
  counter: '个',
  time:
    'today now currently current month week day hour since date time am pm utc gmt mon tue wed thu fri sat sun monday tuesday wednesday ' +
    'thursday friday saturday sunday 今日 今天 当前 目前 现在 至今 迄今 截至 截止 本月 本周 本日 这个月 这周 此刻 上午 下午 晚上 日期 时间 星期 周 月 日 年',
  month:
    'jan feb mar apr jun jul aug sep sept oct nov dec january february march april june july august september october november december',
  ordinal:
    'chat conversation session thread step turn round task run part no nr attempt 会话 对话 任务 步骤 阶段 轮次 第',
  note: 'done finished completed complete updated recorded synced 完成 更新 记录 同步',
  noun: 'api app counter counts count data details display displays editor info information model models panel project report stat statistics stats status summary tracker value number 项目 数值 数字 统计 状态 情况 信息 详情 读数 计数 计数器 模型 账户 数量',
  filler:
    'a about ai all already also an and approx approximately are around as at auto been by ' +
    'far for from grand had has hello hey hi hit i in is it its just m me my ok on only our ' +
    're reached roughly s says shown showing shows so some stands still ' +
    'synchronized than the this throughout told tracking ui ve via was we were which with you your yes ' +
    '了 大约 大概 左右 上下 已 已经 您 我 我们 你 你好 您好 数 值 是 本次 这次 此次 本轮 为 的 约 在 里 中 内 本 这 该 显示 ' +
    '成功 已达 达 达到 到达 总体 全部 所有 和 与 及 把 用 于 从 ' +
    'トークン ﾄｰｸﾝ 토큰 токен токена токенов',
};

/** A word that stands twice has the meaning that is named first. */
const ROLES: ReadonlyMap<string, Role> = new Map(
  (Object.entries(WORDS) as [Role, string][]).toReversed().flatMap(([role, words]) =>
    words
      .split(' ')
      .filter(Boolean)
      .map((word) => [word, role] as const),
  ),
);

/** The meaning of a word, whatever its case. */
export function roleOf(word: string): Role | undefined {
  return ROLES.get(word.toLowerCase());
}

/** The word of an East Asian text at a place: the longest that is known, else the one character. */
export function eastAsianWordAt(text: string, at: number): string {
  KNOWN_WORD.lastIndex = at;
  return KNOWN_WORD.exec(text)?.[0] ?? text[at]!;
}

const KNOWN_WORD = new RegExp(
  [...ROLES.keys()]
    .filter((word) => word >= '\u1100')
    .sort((one, other) => other.length - one.length)
    .join('|'),
  'y',
);

/** Number words and units of other kinds, by what they make of the number before them: nothing that is read, or a size or a time. */
export const FOREIGN_UNITS: ReadonlyMap<string, 'unread' | 'measure'> = new Map([
  ...'hundred dozen thousand thousands tausend tsd mille lakh crore million millions mil mio mln mn billion billions bn mrd trillion тыс млн'
    .split(' ')
    .map((word) => [word, 'unread'] as const),
  ...(
    'b bit bits byte bytes kb mb gb tb kib mib gib s sec secs second seconds ms us ns min mins minute minutes h hr hrs hour hours d day days ' +
    'week weeks month months px percent'
  )
    .split(' ')
    .map((word) => [word, 'measure'] as const),
]);
