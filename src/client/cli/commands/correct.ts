import { ulid } from 'ulid';
import { defineCommand } from '../command.ts';
import { correctedText, noteOf, VALUE_RECORDED } from '../render.ts';
import { recordingOf } from '../unanswered.ts';
import { readValue } from '../value.ts';

/** Sets the usage to what it should have been. */
export const correct = defineCommand({
  flags: { id: 'text' },
  places: ['VALUE', '[REASON]'],
  async run({ flags, positionals: [value = '', reason], daemon, language }) {
    readValue(value);
    const reading = {
      tokens: value,
      event: reason || DEFAULT_REASON[language],
      id: flags.id ?? ulid(),
      sync_type: 'correction' as const,
    };
    const receipt = await recordingOf(
      reading.id,
      daemon((call) => call('usage.record', reading)),
    );
    return {
      text: correctedText(receipt, language),
      json: receipt,
      ...noteOf(receipt, language),
      effect: VALUE_RECORDED,
    };
  },
});

const DEFAULT_REASON = { zh: '更正', en: 'Correction' };
