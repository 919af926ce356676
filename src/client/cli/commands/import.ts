import { statSync } from 'node:fs';
import type { Language } from '../../../protocol/language.ts';
import { formatTokens } from '../../../protocol/token-value.ts';
import { visibleLine } from '../../../shared/visible-text.ts';
import { figureText, tokensText } from '../../../shared/words/figures.ts';
import { budgetRemark } from '../calls/recorded.ts';
import { type Command, defineCommand } from '../command.ts';
import { COLUMNS } from '../import/columns.ts';
import { readEntries } from '../import/read-entries.ts';
import { type Sent, sendSessions } from '../import/send.ts';
import { type Skipped, toSessions } from '../import/to-session.ts';
import { readFile } from '../input/read-file.ts';
import { readStandardInput } from '../input/standard-input.ts';
import { block } from '../show/render.ts';

/** The columns of CSV by all their names, and the files of other tools, which are known by their content. */
const IMPORTABLE: NonNullable<Command['notes']> = [
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

/** Adds the sessions of a file, which is understood as a whole before the first one is sent. */
export const importFile = defineCommand({
  summary: { zh: '导入历史记录（JSON、JSON Lines、CSV）', en: 'import past sessions (JSON, JSON Lines, CSV)' },
  example: { zh: 'token-sync import history.csv', en: 'token-sync import history.csv' },
  notes: IMPORTABLE,
  flags: {},
  args: ['FILE'],
  async run({ positionals: [file = ''], daemon, language }) {
    const bytes = file === '-' ? await readStandardInput() : readFile(file);
    const writtenMs = file === '-' ? Date.now() : Math.min(Date.now(), statSync(file).mtimeMs);
    const { ready, skipped: leftOut } = toSessions(await readEntries(bytes, file, writtenMs));
    const sent = await sendSessions(ready, daemon, IMPORTING[language]);
    const skipped = [...leftOut, ...sent.skipped].sort((one, other) => one.number - other.number);
    const isFirst = sent.totalTokens > 0 && sent.currentUsage.used === sent.totalTokens;
    const remark = isFirst ? await budgetRemark(sent.currentUsage.total, { daemon, language }) : '';
    return {
      text: importedText({ ...sent, skipped }, language),
      json: {
        success: true,
        imported_count: sent.importedCount,
        skipped: skipped.map(({ number, place, reason }) => ({
          number,
          place: place[language],
          reason: reason[language],
        })),
        total_tokens: sent.totalTokens,
        current_usage: sent.currentUsage,
        total: sent.currentUsage.total,
      },
      ...(skipped.length > 0 && { note: skippedText(skipped, language) }),
      ...(remark !== '' && { remark }),
    };
  },
});

function importedText(sent: Sent, language: Language): string {
  return block(language, `✅ ${IMPORTED[language]}: ${formatTokens(sent.importedCount)}`, [
    [ADDED, tokensText(sent.totalTokens)],
    [SKIPPED, formatTokens(sent.skipped.length)],
    [SUM, figureText(sent.currentUsage)],
  ]);
}

const MAX_SHOWN = 20;

function skippedText(skipped: readonly Skipped[], language: Language): string {
  const shown = skipped
    .slice(0, MAX_SHOWN)
    .map(({ place, reason }) => visibleLine(`${LEFT_OUT[language]} ${place[language]}: ${reason[language]}`));
  const more = skipped.length - shown.length;
  if (more > 0)
    shown.push({ zh: `另外还跳过 ${formatTokens(more)} 条`, en: `skipped ${formatTokens(more)} more` }[language]);
  return shown.map((text) => `${text}\n`).join('');
}

const IMPORTING = { zh: '正在导入', en: 'Importing' };
const IMPORTED = { zh: '已导入', en: 'Imported' };
const ADDED = { zh: '本次增量', en: 'Increment' };
const SKIPPED = { zh: '已跳过', en: 'Skipped' };
const SUM = { zh: '总计', en: 'Total' };
const LEFT_OUT = { zh: '跳过', en: 'skipped' };
