import { ulid } from 'ulid';
import { CLIPBOARD_EVENT, noValueInClipboard } from '../../../protocol/clipboard.ts';
import { parseTokenValue, writeAmount } from '../../../protocol/token-value.ts';
import { readClipboard } from '../clipboard.ts';
import { defineCommand } from '../command.ts';
import { noteOf, syncedText, VALUE_RECORDED } from '../render.ts';
import { syncOf } from '../unanswered.ts';

/** Records the value in the clipboard; nothing else of it leaves this process. */
export const quick = defineCommand({
  flags: {},
  places: ['[EVENT]'],
  async run({ positionals: [event], daemon, language }) {
    const value = parseTokenValue(await readClipboard());
    if (!value.ok) throw noValueInClipboard(value);
    const reading = { tokens: writeAmount(value), event: event || CLIPBOARD_EVENT[language], id: ulid() };
    const receipt = await syncOf(daemon((call) => call('usage.record', reading)));
    return { text: syncedText(receipt, language), json: receipt, ...noteOf(receipt, language), effect: VALUE_RECORDED };
  },
});
