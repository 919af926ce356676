import { ulid } from 'ulid';
import type { Result } from '../../../protocol/methods.ts';
import { given } from '../../../shared/given.ts';
import { countableChunks, MAX_CHUNK_LENGTH } from '../../sdk/countable-chunks.ts';
import { recordedOutcome } from '../calls/recorded.ts';
import { recordingDoubt, withDoubtHint } from '../calls/unanswered.ts';
import { type Call, defineCommand } from '../command.ts';
import { readMessages } from '../input/messages.ts';
import { CONVERSATION_FLAG, ID_FLAG } from '../input/reading-flags.ts';
import { withConversation } from '../input/with-conversation.ts';
import { showProgress } from '../show/progress-bar.ts';
import { countedText, estimatedText } from '../show/render.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** Counts the tokens of a conversation and, unless `--dry-run`, records them. */
export const estimate = defineCommand({
  summary: {
    zh: '估算一段对话的 Token 并记录；- 表示标准输入，@文件名 表示文件',
    en: 'count the tokens of a conversation and record them; - is standard input, @FILE a file',
  },
  example: { zh: 'token-sync estimate "用户消息" "AI回复"', en: 'token-sync estimate @question.md @answer.md' },
  notes: [
    [
      '-, @FILE',
      { zh: '消息来自标准输入或文件，长度不限', en: 'a message from standard input or a file, however long' },
    ],
    ['@@TEXT', { zh: '以 @ 开头的文字', en: 'a text that begins with @' }],
  ],
  flags: {
    'dry-run': { meaning: { zh: '只计数，不记录', en: 'only count' } },
    encoding: {
      value: 'NAME',
      meaning: { zh: 'o200k_base（默认）或 cl100k_base', en: 'o200k_base (default) or cl100k_base' },
    },
    event: { value: 'TEXT', meaning: { zh: '事件描述', en: 'what it was for' } },
    id: ID_FLAG,
    conversation: CONVERSATION_FLAG,
  },
  args: ['USER_MESSAGE', '[ASSISTANT_MESSAGE]'],
  async run({ flags, positionals, daemon, language }) {
    const encoding = flags.encoding === undefined ? undefined : toEncoding(flags.encoding);
    const [user_message = '', assistant_message = ''] = await readMessages(positionals);
    const messages: Messages = { user_message, assistant_message, ...(encoding && { encoding }) };
    const isLong = user_message.length + assistant_message.length > MAX_CHUNK_LENGTH;
    const counted = isLong || flags['dry-run'] ? await count(messages, daemon, COUNTING[language]) : undefined;
    if (counted && flags['dry-run']) {
      return { text: countedText(counted, language), json: { success: true, ...counted } };
    }
    const { event, conversation } = withConversation({ value: '', event: flags.event ?? '' }, flags.conversation);
    const fields = {
      event: event || DEFAULT_EVENT[language],
      id: flags.id ?? ulid(),
      ...given({ conversation_id: conversation }),
    };
    const record = (call: Call) =>
      counted ? recordCounted(counted, fields, call) : call('conversation.record', { ...messages, ...fields });
    const recorded = await withDoubtHint(daemon(record), recordingDoubt(fields.id));
    return await recordedOutcome(recorded, estimatedText(recorded, language), { daemon, language });
  },
});

const DEFAULT_EVENT = { zh: '对话', en: 'Conversation' };
const COUNTING = { zh: '正在计数', en: 'Counting' };

interface Messages {
  readonly user_message: string;
  readonly assistant_message: string;
  readonly encoding?: 'o200k_base' | 'cl100k_base';
}

type Counted = Result<'conversation.estimate'>;

/** Counts messages of any length, part by part. */
async function count(
  { user_message, assistant_message, encoding = 'o200k_base' }: Messages,
  daemon: <T>(work: (call: Call) => Promise<T>) => Promise<T>,
  label: string,
): Promise<Counted> {
  const length = user_message.length + assistant_message.length;
  let done = 0;
  using progress = showProgress(label, length > MAX_CHUNK_LENGTH ? length : 0);
  const tokensOf = async (message: string) => {
    let tokens = 0;
    for (const chunk of countableChunks(message)) {
      const part = { user_message: chunk, assistant_message: '', encoding };
      tokens += (await daemon((call) => call('conversation.estimate', part))).total_tokens;
      done += chunk.length;
      progress.show(done);
    }
    return tokens;
  };
  const user_tokens = await tokensOf(user_message);
  const assistant_tokens = await tokensOf(assistant_message);
  return { user_tokens, assistant_tokens, total_tokens: user_tokens + assistant_tokens, encoding };
}

/** Records a count, and gives the answer of `conversation.record`. */
async function recordCounted(
  { user_tokens, assistant_tokens, total_tokens }: Counted,
  fields: { readonly event: string; readonly id: string; readonly conversation_id?: string },
  call: Call,
): Promise<Result<'conversation.record'>> {
  const receipt = await call('usage.record', { ...fields, tokens: total_tokens, sync_type: 'estimate' });
  return { ...receipt, session_tokens: total_tokens, user_tokens, assistant_tokens };
}

function toEncoding(text: string): 'o200k_base' | 'cl100k_base' {
  if (text === 'o200k_base' || text === 'cl100k_base') return text;
  throw wrongUsage(
    { zh: `--encoding 的值无效：${text}`, en: `--encoding is wrong: ${text}` },
    { zh: '可用的编码：o200k_base、cl100k_base', en: 'known encodings: o200k_base, cl100k_base' },
  );
}
