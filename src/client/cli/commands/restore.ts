import { ulid } from 'ulid';
import { recordedOutcome } from '../calls/recorded.ts';
import { recordingDoubt, withDoubtHint } from '../calls/unanswered.ts';
import { defineCommand } from '../command.ts';
import { readFile, textIn } from '../input/read-file.ts';
import { ID_FLAG } from '../input/reading-flags.ts';
import { readStandardInput } from '../input/standard-input.ts';
import { restoredText } from '../show/render.ts';

/** Goes back to an older copy of the state file: its figure is recorded as a correction, its other members are taken over. */
export const restore = defineCommand({
  summary: {
    zh: '恢复状态文件的旧副本（其用量记为更正，其余字段一并恢复）',
    en: 'go back to an older copy of the state file: its figure as a correction, and its other fields',
  },
  example: {
    zh: 'token-sync restore architect_monitor.older-20251118-203005.json',
    en: 'token-sync restore architect_monitor.older-20251118-203005.json',
  },
  flags: { id: ID_FLAG },
  args: ['FILE'],
  async run({ flags, positionals: [file = ''], daemon, language }) {
    const bytes = file === '-' ? await readStandardInput() : readFile(file);
    const copy = { content: textIn(bytes), event: EVENT[language], id: flags.id ?? ulid() };
    const receipt = await withDoubtHint(
      daemon((call) => call('usage.restore', copy)),
      recordingDoubt(copy.id),
    );
    return await recordedOutcome(receipt, restoredText(receipt, language), { daemon, language });
  },
});

const EVENT = { zh: '恢复副本', en: 'Restored from a copy' };
