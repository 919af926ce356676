import { ulid } from 'ulid';
import { type ParsedTokenValue, parseTokenValue, writeAmount } from '../../../protocol/token-value.ts';
import { CLIPBOARD_EVENT, noValueInClipboard } from '../../../shared/clipboard-helpers.ts';
import { given } from '../../../shared/given.ts';
import { recordedOutcome } from '../calls/recorded.ts';
import { CLIPBOARD_DOUBT } from '../calls/unanswered.ts';
import { defineCommand } from '../command.ts';
import { recordAfterAsking } from '../input/asking.ts';
import { readClipboard } from '../input/clipboard.ts';
import { CONVERSATION_FLAG } from '../input/reading-flags.ts';
import { withConversation } from '../input/with-conversation.ts';
import { syncedText } from '../show/render.ts';

/** Records the value in the clipboard; nothing else of it leaves this process. */
export const quick = defineCommand({
  summary: { zh: '记录剪贴板中的 Token 数值', en: 'record the token value in the clipboard' },
  example: { zh: 'token-sync quick "完成架构设计"', en: 'token-sync quick "design done"' },
  flags: { conversation: CONVERSATION_FLAG },
  args: ['[EVENT]'],
  async run({ flags, positionals: [text = ''], daemon, language }) {
    const value = parseTokenValue(await readClipboard());
    if (!value.ok) throw noValueInClipboard(value);
    const { event, conversation } = withConversation({ value: '', event: text }, flags.conversation);
    const reading = {
      tokens: written(value),
      event: event || CLIPBOARD_EVENT[language],
      id: ulid(),
      ...given({ conversation_id: conversation }),
    };
    const receipt = await recordAfterAsking(reading, { daemon, language }, CLIPBOARD_DOUBT);
    return await recordedOutcome(receipt, syncedText(receipt, language), { daemon, language });
  },
});

/** The value as it was copied: how coarse, and whether a label says what it is, without which the daemon takes it for a bare number. */
function written(value: Extract<ParsedTokenValue, { readonly ok: true }>): string {
  const amount = writeAmount(value);
  // A budget beside it says so as well as a label does.
  return (value.labelled || value.total !== undefined) && !amount.endsWith('tokens') ? `${amount} tokens` : amount;
}
