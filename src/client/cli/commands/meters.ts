import type { TokenSyncError } from '../../../protocol/errors.ts';
import { defineCommand } from '../command.ts';
import { metersText } from '../show/meters-view.ts';
import { resultColumns } from '../show/output.ts';
import { statsTable } from '../show/stats-table.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** The live meters with their sources, or what the counters counted as a table. */
export const meters = defineCommand({
  summary: {
    zh: '查看各 AI 工具自己的用量，及其来源',
    en: 'show the figures of your AI tools, and where they come from',
  },
  example: { zh: 'token-sync meters --by model', en: 'token-sync meters --by model' },
  flags: {
    by: {
      value: 'WHAT',
      meaning: {
        zh: '按 tool（工具）、model（模型）、project（项目）或 day（天）汇总',
        en: 'what was counted by tool, model, project or day',
      },
    },
  },
  args: [],
  async run({ flags: { by }, daemon, language }) {
    if (by === undefined) {
      const told = await daemon((call) => call('meters.get', {}));
      return { text: metersText(told, Date.now(), language), json: { success: true, ...told } };
    }
    const dimension = DIMENSIONS.find((each) => each === by);
    if (dimension === undefined) throw unknownDimension(by);
    const time_zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    const stats = await daemon((call) => call('meters.stats', { by: [dimension], time_zone }));
    return {
      text: statsTable(stats, dimension, language, resultColumns()),
      json: { success: true, ...stats },
    };
  },
});

const DIMENSIONS = ['tool', 'model', 'project', 'day'] as const;

function unknownDimension(by: string): TokenSyncError {
  const names = DIMENSIONS.join(', ');
  return wrongUsage(
    { zh: `--by 的值无效：${by}`, en: `--by is wrong: ${by}` },
    { zh: `可用的值：${names}`, en: `known values: ${names}` },
  );
}
