import { ulid } from 'ulid';
import { defineCommand } from '../command.ts';
import { countedText, estimatedText } from '../render.ts';
import { readStandardInput } from '../standard-input.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** Counts the tokens of a conversation and, unless `--dry-run`, records them. */
export const estimate = defineCommand({
  flags: { 'dry-run': 'switch', encoding: 'text', event: 'text', id: 'text', conversation: 'text' },
  places: ['USER_MESSAGE', '[ASSISTANT_MESSAGE]'],
  async run({ flags, positionals, daemon, language }) {
    const encoding = flags.encoding === undefined ? undefined : toEncoding(flags.encoding);
    const [user_message, assistant_message] = await readMessages(positionals);
    const messages = { user_message, assistant_message, ...(encoding && { encoding }) };
    if (flags['dry-run']) {
      const counted = await daemon((call) => call('conversation.estimate', messages));
      return { text: countedText(counted, language), json: { success: true, ...counted } };
    }
    const conversation = {
      ...messages,
      event: flags.event || DEFAULT_EVENT[language],
      id: flags.id ?? ulid(),
      ...(flags.conversation !== undefined && { conversation_id: flags.conversation }),
    };
    const [recorded, { total }] = await daemon((call) =>
      Promise.all([call('conversation.record', conversation), call('usage.get', {})]),
    );
    return { text: estimatedText(recorded, total, language), json: { ...recorded, total } };
  },
});

const DEFAULT_EVENT = { zh: '对话', en: 'Conversation' };

async function readMessages([user = '', assistant = '']: readonly string[]): Promise<readonly [string, string]> {
  if (user === '-' && assistant === '-') throw twoInputs();
  // The newline that a shell's `echo` ends with is nobody's message.
  const input = async () => (await readStandardInput()).toString('utf8').replace(/\r?\n$/, '');
  return [user === '-' ? await input() : user, assistant === '-' ? await input() : assistant];
}

function toEncoding(text: string): 'o200k_base' | 'cl100k_base' {
  if (text === 'o200k_base' || text === 'cl100k_base') return text;
  throw wrongUsage(
    { zh: `--encoding 的值无效：${text}`, en: `--encoding is wrong: ${text}` },
    { zh: '可用的编码：o200k_base、cl100k_base', en: 'known encodings: o200k_base, cl100k_base' },
  );
}

function twoInputs() {
  return wrongUsage(
    { zh: '两条消息不能都从标准输入读取', en: 'only one of the messages can be read from standard input' },
    { zh: '只写一个 -', en: 'write - only once' },
  );
}
