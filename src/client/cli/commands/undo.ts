import { ulid } from 'ulid';
import { undoneOutcome } from '../calls/recorded.ts';
import { undoingOf } from '../calls/unanswered.ts';
import { defineCommand } from '../command.ts';

/** Takes back the last reading. */
export const undo = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, language }) {
    const id = ulid();
    return undoneOutcome(await undoingOf(daemon((call) => call('usage.undo', { id }))), language);
  },
});
