import type { Bilingual, Language } from '../../protocol/language.ts';
import { spelled } from '../../shared/command-line.ts';
import { flagName, SETTINGS } from '../../shared/settings.ts';
import type { Outcome } from './command.ts';
import { COLUMNS } from './import/columns.ts';
import { ownCommand } from './own-command.ts';
import { GLOBAL_FLAGS } from './settings.ts';
import { padWidth } from './show/display-width.ts';
import { wrongUsage } from './wrong-usage.ts';

/** What all commands are, on one page. */
export function overview(language: Language): Outcome {
  const names = Object.keys(HELP).map((name) => `  ${padWidth(name, 10)} ${HELP[name]!.summary[language]}`);
  const text = [
    TITLE[language],
    '',
    `${USAGE[language]}: token-sync ${{ zh: '命令 [选项]', en: 'COMMAND [FLAGS]' }[language]}`,
    '',
    `${COMMANDS[language]}:`,
    ...names,
    '',
    globalFlags(language),
    '',
    MORE[language],
  ].join('\n');
  return helpOutcome(text);
}

/** The help of one command. */
export function helpOf(name: string, language: Language): Outcome {
  const { summary, usage, flags = [], example } = HELP[name]!;
  const text = [
    summary[language],
    '',
    `${USAGE[language]}: token-sync ${usage}`,
    ...flags.map(([flag, meaning]) => `  ${padWidth(flag, 20)} ${meaning[language]}`),
    '',
    `${EXAMPLE[language]}: ${example[language]}`,
    '',
    globalFlags(language),
  ].join('\n');
  return helpOutcome(text);
}

/** With every command as the person can type it. */
function helpOutcome(text: string): Outcome {
  const help = spelled(text, ownCommand());
  return { text: `${help}\n`, json: { success: true, help } };
}

/** The refusal of a command line without a command. */
export function missingCommand() {
  const names = Object.keys(HELP).join(' ');
  return wrongUsage(
    { zh: '缺少命令', en: 'a command is missing' },
    { zh: `可用命令：${names}；详情见 token-sync --help`, en: `commands: ${names}; see token-sync --help` },
  );
}

interface Help {
  readonly summary: Bilingual;
  readonly usage: string;
  readonly flags?: readonly (readonly [flag: string, meaning: Bilingual])[];
  readonly example: Bilingual;
}

const FILTERS: NonNullable<Help['flags']> = [
  ['--since TIME', { zh: '从此时间起', en: 'from this time on' }],
  ['--until TIME', { zh: '到此时间为止（只写日期则包含当天）', en: 'up to this time (a date alone includes the day)' }],
  [
    '--type TYPE',
    { zh: 'manual、auto、estimate、import、correction', en: 'manual, auto, estimate, import, correction' },
  ],
  ['--conversation ID', { zh: '属于此对话', en: 'of this conversation' }],
  ['--query TEXT', { zh: '事件中包含此文字', en: 'with this text in the event' }],
];
const ID: NonNullable<Help['flags']>[number] = [
  '--id ID',
  { zh: '记录的 id；相同 id 只记一次', en: 'the id of the reading; the same id counts once' },
];
const CONVERSATION: NonNullable<Help['flags']>[number] = [
  '--conversation ID',
  { zh: '所属对话；也可写在事件末尾：#名称', en: 'the conversation it belongs to; or #NAME at the end of the event' },
];

/** What `import` knows by its content, and the names of columns. */
const IMPORTABLE: NonNullable<Help['flags']> = [
  ...Object.entries(COLUMNS).map(
    ([column, names]) =>
      [
        column,
        { zh: `CSV 列名：${names.join('、')}`, en: `a column of CSV, by any of these names: ${names.join(', ')}` },
      ] as const,
  ),
  [
    'Cursor',
    {
      zh: '仪表盘导出的用量 CSV：Date、Model、Total Tokens（输入、输出、缓存读写合计）；每周重复导入也只计一次',
      en: 'the usage CSV of its dashboard: Date, Model, Total Tokens (input, output, cache read and write); export it again each week, a request counts once',
    },
  ],
  [
    'ccusage',
    {
      zh: 'daily、weekly 或 monthly 的 --json：totalTokens；请只导入一种报告',
      en: 'daily, weekly or monthly --json: totalTokens; keep to one of these reports',
    },
  ],
  [
    'codeburn',
    {
      zh: 'export 的 JSON：每天的输入、输出、缓存读写合计',
      en: 'the JSON of its export: of each day input, output, cache read and cache write',
    },
  ],
];

const HELP: Readonly<Record<string, Help>> = {
  quick: {
    summary: { zh: '记录剪贴板中的 Token 数值', en: 'record the token value in the clipboard' },
    usage: 'quick [EVENT]',
    flags: [CONVERSATION],
    example: { zh: 'token-sync quick "完成架构设计"', en: 'token-sync quick "design done"' },
  },
  record: {
    summary: {
      zh: '记录一个 Token 数值；不写数值则逐项询问',
      en: 'record a token value; asks for it when none is given',
    },
    usage: 'record [VALUE] [EVENT]',
    flags: [
      ID,
      [
        '--type TYPE',
        { zh: '默认 manual（当前总数）；auto 为增量', en: 'manual (the present total) by default; auto adds' },
      ],
      CONVERSATION,
      ['--ask', { zh: '总是逐项询问，也可由管道作答', en: 'always ask; a pipe may answer' }],
    ],
    example: { zh: 'token-sync record 350000 "完成架构设计"', en: 'token-sync record 350K "design done"' },
  },
  status: {
    summary: { zh: '查看使用情况', en: 'show the usage' },
    usage: 'status',
    example: { zh: 'token-sync status --json', en: 'token-sync status --json' },
  },
  estimate: {
    summary: {
      zh: '估算一段对话的 Token 并记录；- 表示标准输入，@文件名 表示文件',
      en: 'count the tokens of a conversation and record them; - is standard input, @FILE a file',
    },
    usage: 'estimate USER_MESSAGE [ASSISTANT_MESSAGE]',
    flags: [
      [
        '-, @FILE',
        { zh: '消息来自标准输入或文件，长度不限', en: 'a message from standard input or a file, however long' },
      ],
      ['@@TEXT', { zh: '以 @ 开头的文字', en: 'a text that begins with @' }],
      ['--dry-run', { zh: '只计数，不记录', en: 'only count' }],
      ['--encoding NAME', { zh: 'o200k_base（默认）或 cl100k_base', en: 'o200k_base (default) or cl100k_base' }],
      ['--event TEXT', { zh: '事件描述', en: 'what it was for' }],
      ID,
      CONVERSATION,
    ],
    example: { zh: 'token-sync estimate "用户消息" "AI回复"', en: 'token-sync estimate @question.md @answer.md' },
  },
  import: {
    summary: { zh: '导入历史记录（JSON、JSON Lines、CSV）', en: 'import past sessions (JSON, JSON Lines, CSV)' },
    usage: 'import FILE',
    flags: IMPORTABLE,
    example: { zh: 'token-sync import history.csv', en: 'token-sync import history.csv' },
  },
  export: {
    summary: { zh: '导出全部历史到标准输出', en: 'write the whole history to standard output' },
    usage: 'export',
    flags: [['--format FORMAT', { zh: 'csv（默认）、json、jsonl', en: 'csv (default), json, jsonl' }], ...FILTERS],
    example: { zh: 'token-sync export --format csv > history.csv', en: 'token-sync export --format csv > history.csv' },
  },
  history: {
    summary: { zh: '查看最近的记录', en: 'show the last sessions' },
    usage: 'history',
    flags: [['--limit N', { zh: '最多显示多少条（默认 20）', en: 'at most so many (20 by default)' }], ...FILTERS],
    example: {
      zh: 'token-sync history --since 2025-11-01 --query 设计',
      en: 'token-sync history --since 2025-11-01 --query design',
    },
  },
  undo: {
    summary: { zh: '撤销上一条记录', en: 'take back the last reading' },
    usage: 'undo',
    example: { zh: 'token-sync undo', en: 'token-sync undo' },
  },
  correct: {
    summary: { zh: '更正已使用的总数', en: 'set the usage to what it should have been' },
    usage: 'correct VALUE [REASON]',
    flags: [ID],
    example: { zh: 'token-sync correct 340000 "录错了"', en: 'token-sync correct 340000 "typing error"' },
  },
  restore: {
    summary: {
      zh: '恢复状态文件的旧副本（其用量记为更正，其余字段一并恢复）',
      en: 'go back to an older copy of the state file: its figure as a correction, and its other fields',
    },
    usage: 'restore FILE',
    flags: [ID],
    example: {
      zh: 'token-sync restore architect_monitor.older-20251118-203005.json',
      en: 'token-sync restore architect_monitor.older-20251118-203005.json',
    },
  },
  budget: {
    summary: { zh: '设置总额度', en: 'set the budget' },
    usage: 'budget TOTAL',
    example: { zh: 'token-sync budget 100万', en: 'token-sync budget 1M' },
  },
  watch: {
    summary: { zh: '实时查看', en: 'watch the usage live' },
    usage: 'watch',
    example: { zh: 'token-sync watch', en: 'token-sync watch --json' },
  },
  open: {
    summary: { zh: '在浏览器中打开仪表盘', en: 'open the dashboard in the browser' },
    usage: 'open',
    example: { zh: 'token-sync open', en: 'token-sync open' },
  },
  start: {
    summary: { zh: '启动守护进程', en: 'start the daemon' },
    usage: 'start',
    example: { zh: 'token-sync start', en: 'token-sync start' },
  },
  stop: {
    summary: { zh: '停止守护进程', en: 'stop the daemon' },
    usage: 'stop',
    example: { zh: 'token-sync stop', en: 'token-sync stop' },
  },
  restart: {
    summary: { zh: '重启守护进程', en: 'stop the daemon and start it again' },
    usage: 'restart',
    example: { zh: 'token-sync restart', en: 'token-sync restart' },
  },
  daemon: {
    summary: { zh: '在前台运行守护进程', en: 'run the daemon in the foreground' },
    usage: 'daemon [FLAGS]',
    flags: SETTINGS.filter(({ key }) => !Object.hasOwn(GLOBAL_FLAGS, key)).map(({ key, wanted }) => [
      `--${flagName(key)}`,
      wanted,
    ]),
    example: { zh: 'token-sync daemon --port 9000', en: 'token-sync daemon --port 9000' },
  },
  doctor: {
    summary: { zh: '检查问题并说明如何解决', en: 'find what is wrong and how to mend it' },
    usage: 'doctor',
    example: { zh: 'token-sync doctor', en: 'token-sync doctor' },
  },
  service: {
    summary: { zh: '登录时自动启动守护进程', en: 'start the daemon at each login' },
    usage: 'service install|uninstall|status',
    flags: [['--dry-run', { zh: '只显示会写什么、运行什么', en: 'only show what would be written and run' }]],
    example: { zh: 'token-sync service install', en: 'token-sync service install' },
  },
  help: {
    summary: { zh: '查看帮助', en: 'show help' },
    usage: 'help [COMMAND]',
    example: { zh: 'token-sync help record', en: 'token-sync help record' },
  },
};

function globalFlags(language: Language): string {
  const flags = GLOBAL.map(([flag, meaning]) => `  ${padWidth(flag, 20)} ${meaning[language]}`);
  return [`${EVERYWHERE[language]}:`, ...flags].join('\n');
}

const GLOBAL: NonNullable<Help['flags']> = [
  ['--json', { zh: '以一个 JSON 对象输出', en: 'one JSON object as the result' }],
  ['--lang zh|en', { zh: '语言', en: 'the language' }],
  ['--data DIR', { zh: '数据文件夹', en: 'the data folder' }],
  ['--port N', { zh: '守护进程的端口', en: "the daemon's port" }],
  ['--no-spawn', { zh: '不自动启动守护进程', en: 'never start the daemon' }],
  [
    '--pause',
    { zh: '结束后等待按键（供双击的脚本使用）', en: 'wait for a key at the end, for scripts to double-click' },
  ],
  ['-h, --help', { zh: '查看帮助', en: 'show help' }],
  ['-V, --version', { zh: '查看版本', en: 'show the version' }],
];

const TITLE = {
  zh: 'token-sync：记录 AI 助手的 Token 用量',
  en: 'token-sync: keeps the token figure of your AI assistant',
};
const USAGE = { zh: '用法', en: 'Usage' };
const COMMANDS = { zh: '命令', en: 'Commands' };
const EXAMPLE = { zh: '示例', en: 'Example' };
const EVERYWHERE = { zh: '通用选项', en: 'Flags of every command' };
const MORE = { zh: '某个命令的详情：token-sync 命令 --help', en: 'More of one command: token-sync COMMAND --help' };
