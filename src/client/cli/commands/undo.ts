import { ulid } from 'ulid';
import { defineCommand } from '../command.ts';
import { undoneOutcome } from '../recorded.ts';
import { undoingOf } from '../unanswered.ts';

/** Takes back the last reading. */
export const undo = defineCommand({
  flags: {},
  places: [],
  async run({ daemon, language }) {
    const id = ulid();
    return undoneOutcome(await undoingOf(daemon((call) => call('usage.undo', { id }))), language);
  },
});
