import { ulid } from 'ulid';
import { recordedOutcome } from '../calls/recorded.ts';
import { defineCommand } from '../command.ts';
import { recordEntered } from '../input/asking.ts';
import { ID_FLAG } from '../input/reading-flags.ts';
import { readValue } from '../input/value.ts';
import { correctedText } from '../show/render.ts';

/** Sets the usage to what it should have been. */
export const correct = defineCommand({
  summary: { zh: '更正已使用的总数', en: 'set the usage to what it should have been' },
  example: { zh: 'token-sync correct 340000 "录错了"', en: 'token-sync correct 340000 "typing error"' },
  flags: { id: ID_FLAG },
  args: ['VALUE', '[REASON]'],
  async run({ flags, positionals: [value = '', reason], daemon, language }) {
    readValue(value);
    const reading = {
      tokens: value,
      event: reason || DEFAULT_REASON[language],
      id: flags.id ?? ulid(),
      sync_type: 'correction' as const,
    };
    const receipt = await recordEntered(reading, { daemon, language });
    return await recordedOutcome(receipt, correctedText(receipt, language), { daemon, language });
  },
});

const DEFAULT_REASON = { zh: '更正', en: 'Correction' };
