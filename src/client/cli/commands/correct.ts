import { ulid } from 'ulid';
import { defineCommand } from '../command.ts';
import { correctedText, VALUE_RECORDED } from '../render.ts';
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
    const [receipt, { total }] = await recordingOf(
      reading.id,
      daemon((call) => Promise.all([call('usage.record', reading), call('usage.get', {})])),
    );
    return { text: correctedText(receipt, total, language), json: { ...receipt, total }, effect: VALUE_RECORDED };
  },
});

const DEFAULT_REASON = { zh: '更正', en: 'Correction' };
