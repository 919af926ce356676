import { ulid } from 'ulid';
import { undoneOutcome } from '../calls/recorded.ts';
import { UNDO_DOUBT, withDoubtHint } from '../calls/unanswered.ts';
import { defineCommand } from '../command.ts';

/** Takes back the last reading. */
export const undo = defineCommand({
  summary: { zh: '撤销上一条记录', en: 'take back the last reading' },
  example: { zh: 'token-sync undo', en: 'token-sync undo' },
  flags: {},
  args: [],
  async run({ daemon, language }) {
    const id = ulid();
    const undoing = daemon((call) => call('usage.undo', { id }));
    return undoneOutcome(await withDoubtHint(undoing, UNDO_DOUBT), language);
  },
});
