import { ulid } from 'ulid';
import { defineCommand } from '../command.ts';
import { noteOf, undoneText } from '../render.ts';
import { undoingOf } from '../unanswered.ts';

/** Takes back the last reading. */
export const undo = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, language }) {
    const id = ulid();
    const receipt = await undoingOf(daemon((call) => call('usage.undo', { id })));
    return { text: undoneText(receipt, language), json: receipt, ...noteOf(receipt, language) };
  },
});
