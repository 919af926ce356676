import { ulid } from 'ulid';
import { defineCommand } from '../command.ts';
import { undoneText } from '../render.ts';
import { undoingOf } from '../unanswered.ts';

/** Takes back the last reading. */
export const undo = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, language }) {
    const id = ulid();
    const [receipt, { total }] = await undoingOf(
      daemon((call) => Promise.all([call('usage.undo', { id }), call('usage.get', {})])),
    );
    return { text: undoneText(receipt, total, language), json: { ...receipt, total } };
  },
});
