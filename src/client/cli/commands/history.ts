import type { Session } from '../../../protocol/methods.ts';
import { given } from '../../../shared/given.ts';
import { FILTER_FLAGS, historyPages, missingNote, toFilters } from '../calls/history-pages.ts';
import { defineCommand } from '../command.ts';
import { isNoteSeen, resultColumns } from '../show/output.ts';
import { sessionTable } from '../show/session-table.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** The last sessions as a table, newest first. */
export const history = defineCommand({
  summary: { zh: '查看最近的记录', en: 'show the last sessions' },
  example: {
    zh: 'token-sync history --since 2025-11-01 --query 设计',
    en: 'token-sync history --since 2025-11-01 --query design',
  },
  flags: {
    limit: { value: 'N', meaning: { zh: '最多显示多少条（默认 20）', en: 'at most so many (20 by default)' } },
    ...FILTER_FLAGS,
  },
  args: [],
  async run({ flags, daemon, language }) {
    const limit = flags.limit === undefined ? DEFAULT_LIMIT : toLimit(flags.limit);
    const sessions: Session[] = [];
    let next: string | undefined;
    let unreadable = 0;
    for await (const page of historyPages(daemon, toFilters(flags), limit)) {
      sessions.push(...page.sessions);
      next = page.next;
      unreadable = page.unreadable ?? 0;
    }
    const more = next !== undefined && isNoteSeen() ? `${MORE[language]}\n` : '';
    const remark = missingNote(unreadable, language);
    return {
      text: sessions.length > 0 ? sessionTable(sessions, language, resultColumns()) : `${NOTHING[language]}\n`,
      json: {
        success: true,
        sessions,
        ...given({ next }),
        ...(unreadable > 0 && { unreadable }),
      },
      ...(more !== '' && { note: more }),
      ...given({ remark }),
    };
  },
});

const DEFAULT_LIMIT = 20;

function toLimit(text: string): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit >= 1) return limit;
  throw wrongUsage(
    { zh: `--limit 的值无效：${text}`, en: `--limit is wrong: ${text}` },
    { zh: '请写从 1 起的整数，如 --limit 50', en: 'write a whole number from 1, such as --limit 50' },
  );
}

const NOTHING = { zh: '没有符合条件的记录', en: 'no sessions' };
const MORE = { zh: '还有更早的记录；用 --limit 显示更多', en: 'there are earlier ones; --limit shows more' };
