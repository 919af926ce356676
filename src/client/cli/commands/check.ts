import type { Bilingual } from '../../../protocol/language.ts';
import type { Usage } from '../../../protocol/methods.ts';
import { withDaemon } from '../../sdk/daemon/daemon-finder.ts';
import { callOnce } from '../../sdk/daemon/http-call.ts';
import { findOptions } from '../calls/daemon-caller.ts';
import { defineCommand } from '../command.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** A hook or a prompt waits for it: a daemon that is silent for longer is as good as none. */
const PATIENCE_MS = 2_000;

const WITHIN = 0;
const OVER = 7;

/** Tells by its exit code whether usage is within a share of the budget; starts no daemon. */
export const check = defineCommand({
  summary: { zh: '检查用量是否超出（供钩子、提示符和 CI 使用）', en: 'check the usage, for hooks, prompts and CI' },
  example: { zh: 'token-sync check --max 90', en: 'token-sync check --max 90' },
  flags: {
    max: {
      value: 'PERCENT',
      meaning: {
        zh: '超过总额度的这个百分比时退出码为 7（默认 100）',
        en: 'end with 7 above this share of the budget (100)',
      },
    },
  },
  args: [],
  async run({ flags, settings, language }) {
    const max = readMax(flags.max);
    const usage = await withDaemon(findOptions({ ...settings, mayStart: false }, language), (address) =>
      callOnce(address, 'usage.get', {}, { language, timeoutMs: PATIENCE_MS }),
    );
    const isWithin = usage.percent <= max;
    return {
      text: `${isWithin ? '✅' : '❌'} ${shareText(usage, max)[language]}\n`,
      json: { success: isWithin, used: usage.used, total: usage.total, percent: usage.percent, max },
      exitCode: isWithin ? WITHIN : OVER,
    };
  },
});

function readMax(text = '100'): number {
  if (/^\d{1,9}(?:\.\d{1,9})?[%％]?$/.test(text)) return Number.parseFloat(text);
  throw wrongUsage(
    { zh: `--max 的值无效：${text}`, en: `--max is wrong: ${text}` },
    { zh: '请写一个从 0 起的百分比，如 --max 90', en: 'write a percentage from 0, such as --max 90' },
  );
}

/** The share as it was compared: rounded to fewer digits, one that is over could look as if it were not. */
function shareText({ percent }: Usage, max: number): Bilingual {
  return percent <= max
    ? { zh: `已使用 ${percent}%，未超过 ${max}%`, en: `${percent}% of the budget is used, which is within ${max}%` }
    : { zh: `已使用 ${percent}%，超过 ${max}%`, en: `${percent}% of the budget is used, which is above ${max}%` };
}
