import { ulid } from 'ulid';
import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Bilingual, Language } from '../../../protocol/language.ts';
import { parseTokenValue, splitValueLine } from '../../../protocol/token-value.ts';
import { nameConversation } from '../../../shared/conversation-name.ts';
import { given } from '../../../shared/given.ts';
import { recordedOutcome } from '../calls/recorded.ts';
import { defineCommand } from '../command.ts';
import { describeFailure } from '../failure.ts';
import { recordEntered } from '../input/asking.ts';
import { isPersonThere, openPrompts } from '../input/prompts.ts';
import { CONVERSATION_FLAG, ID_FLAG } from '../input/reading-flags.ts';
import { toSyncType } from '../input/sync-type.ts';
import { readValue } from '../input/value.ts';
import { withConversation } from '../input/with-conversation.ts';
import { writeNote } from '../show/output.ts';
import { recordedText } from '../show/render.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** Records a value; asks for it and the event when none is given and a person is there. */
export const record = defineCommand({
  summary: {
    zh: '记录一个 Token 数值；不写数值则逐项询问',
    en: 'record a token value; asks for it when none is given',
  },
  example: { zh: 'token-sync record 350000 "完成架构设计"', en: 'token-sync record 350K "design done"' },
  flags: {
    id: ID_FLAG,
    type: {
      value: 'TYPE',
      meaning: { zh: '默认 manual（当前总数）；auto 为增量', en: 'manual (the present total) by default; auto adds' },
    },
    conversation: CONVERSATION_FLAG,
    ask: { meaning: { zh: '总是逐项询问，也可由管道作答', en: 'always ask; a pipe may answer' } },
  },
  args: ['[VALUE]', '[EVENT]'],
  async run({ flags, positionals, daemon, language }) {
    const sync_type = flags.type === undefined ? 'manual' : toSyncType(flags.type);
    const { conversation: flag } = flags;
    const entry = offeredBy(positionals, flag) ?? (await ask(language, flags.ask === true, flag));
    const { value, event, conversation } = entry;
    readValue(value);
    const reading = {
      // The text itself, so that the daemon knows how coarse it is.
      tokens: value,
      event: event || (flags.ask ? ASKED_EVENT : DEFAULT_EVENT)[language],
      id: flags.id ?? ulid(),
      sync_type,
      ...given({ conversation_id: conversation }),
    };
    const receipt = await recordEntered(reading, { daemon, language });
    return await recordedOutcome(receipt, recordedText(receipt, language), { daemon, language });
  },
});

type Offered = ReturnType<typeof withConversation>;

function offeredBy([text, eventText = '']: readonly string[], flag: string | undefined): Offered | undefined {
  if (text === undefined) return undefined;
  const offered = withConversation({ value: text, event: eventText }, flag);
  const { value, event } = offered;
  if (isTornApart(value, event)) throw tornApart(`${value} ${event}`);
  return offered;
}

/** `record 350 000` and `record 35 万` would otherwise be recorded as 350 and 35: a line of a drop-file tells how they are read. */
function isTornApart(value: string, event: string): boolean {
  const part = parseTokenValue(value);
  const whole = parseTokenValue(splitValueLine(`${value} ${event}`).value);
  return part.ok && whole.ok && part.tokens !== whole.tokens;
}

async function ask(language: Language, isAskedFor: boolean, flag: string | undefined): Promise<Offered> {
  if (!isAskedFor && !isPersonThere()) throw missingValue();
  using prompts = openPrompts();
  const value = await askValue((question) => prompts.ask(question), language);
  const event = await prompts.ask(ASK_EVENT[language]);
  if (event === undefined && isPersonThere()) throw cancelled();
  return withConversation({ value, event: event?.trim() ?? '' }, flag);
}

const MAX_ATTEMPTS = 3;

async function askValue(ask: (question: string) => Promise<string | undefined>, language: Language): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const value = await ask(ASK_VALUE[language]);
    if (value === undefined) throw cancelled();
    try {
      readValue(nameConversation({ value, event: '' }).value);
      return value;
    } catch (error) {
      if (!(error instanceof TokenSyncError) || attempt === MAX_ATTEMPTS) throw error;
      await writeNote(describeFailure(error, language).text);
    }
  }
}

function missingValue(): TokenSyncError {
  return wrongUsage(
    { zh: '缺少 Token 数值', en: 'the token value is missing' },
    { zh: '例如：token-sync record 350000 "完成架构设计"', en: 'for example: token-sync record 350000 "design done"' },
  );
}

function cancelled(): TokenSyncError {
  return wrongUsage(
    { zh: '已取消，没有记录', en: 'cancelled; nothing was recorded' },
    { zh: '再次运行 token-sync record 即可录入', en: 'run `token-sync record` again to enter a value' },
  );
}

function tornApart(text: string): TokenSyncError {
  const joined: Bilingual = {
    zh: `“${text}”像是被空格拆开的一个数值`,
    en: `"${text}" looks like one value torn apart by a space`,
  };
  return new TokenSyncError('value_refused', joined, {
    field: 'tokens',
    hint: {
      zh: `请加引号或去掉空格：token-sync record "${text}"`,
      en: `put quotes around it or leave out the space: token-sync record "${text}"`,
    },
  });
}

const DEFAULT_EVENT = { zh: '手动记录', en: 'Manual entry' };
const ASKED_EVENT = { zh: '手动录入', en: 'Manual entry' };
const ASK_VALUE = { zh: '请输入当前Token值: ', en: 'Current token value: ' };
const ASK_EVENT = { zh: '事件描述 (可选，按回车跳过): ', en: 'Event (optional, Enter to skip): ' };
