import { ulid } from 'ulid';
import { recordedOutcome } from '../calls/recorded.ts';
import { recordingOf } from '../calls/unanswered.ts';
import { defineCommand } from '../command.ts';
import { readFile, textIn } from '../input/read-file.ts';
import { readStandardInput } from '../input/standard-input.ts';
import { restoredText } from '../show/render.ts';

/** Goes back to an older copy of the state file: its figure is recorded as a correction, its other members are taken over. */
export const restore = defineCommand({
  flags: { id: 'text' },
  places: ['FILE'],
  async run({ flags, positionals: [file = ''], daemon, language }) {
    const bytes = file === '-' ? await readStandardInput() : readFile(file);
    const copy = { content: textIn(bytes), event: EVENT[language], id: flags.id ?? ulid() };
    const receipt = await recordingOf(
      copy.id,
      daemon((call) => call('usage.restore', copy)),
    );
    return await recordedOutcome(receipt, restoredText(receipt, language), { daemon, language });
  },
});

const EVENT = { zh: '恢复副本', en: 'Restored from a copy' };
