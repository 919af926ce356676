import type { Language } from '../../../protocol/language.ts';
import type { Params, Result } from '../../../protocol/methods.ts';
import { parseTimestamp, toSessionTime } from '../../../protocol/timestamp.ts';
import { given } from '../../../shared/given.ts';
import { MISSING_ENTRIES_HINT, missingEntries } from '../../../shared/words/missing-entries.ts';
import type { Input } from '../command.ts';
import type { FlagTable } from '../flags.ts';
import { toSessionType } from '../input/sync-type.ts';
import { asTyped } from '../own-command.ts';
import { wrongUsage } from '../wrong-usage.ts';

/** The flags that choose sessions of the history. */
export const FILTER_FLAGS = {
  since: { value: 'TIME', meaning: { zh: '从此时间起', en: 'from this time on' } },
  until: {
    value: 'TIME',
    meaning: { zh: '到此时间为止（只写日期则包含当天）', en: 'up to this time (a date alone includes the day)' },
  },
  type: {
    value: 'TYPE',
    meaning: {
      zh: 'manual、auto、estimate、import、correction、period',
      en: 'manual, auto, estimate, import, correction, period',
    },
  },
  conversation: { value: 'ID', meaning: { zh: '属于此对话', en: 'of this conversation' } },
  query: { value: 'TEXT', meaning: { zh: '事件中包含此文字', en: 'with this text in the event' } },
} as const satisfies FlagTable;

export type Filters = Omit<Params<'usage.history'>, 'limit' | 'before'>;

/** The filters that flags name; throws `wrong_usage` for a time or type that is none. */
export function toFilters(flags: { readonly [Name in keyof typeof FILTER_FLAGS]?: string }): Filters {
  const { since, until, type, conversation, query } = flags;
  return {
    ...(since !== undefined && { since: requireTime('--since', since) }),
    ...(until !== undefined && { until: endOf(requireTime('--until', until)) }),
    ...(type !== undefined && { sync_type: toSessionType(type) }),
    ...given({ conversation_id: conversation }),
    ...(query !== undefined && { query }),
  };
}

/** The sessions newest first, page by page, at most `limit` of them. */
export async function* historyPages(
  daemon: Input['daemon'],
  filters: Filters,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Result<'usage.history'>> {
  let left = limit;
  let before: string | undefined;
  do {
    const params = { ...filters, limit: Math.min(MAX_PAGE, left), ...given({ before }) };
    const page = await daemon((call) => call('usage.history', params));
    yield page;
    left -= page.sessions.length;
    before = page.next;
  } while (before !== undefined && left > 0);
}

/** For standard error: how much the pages lack; `undefined` where they are whole. */
export function missingNote(unreadable: number, language: Language): string | undefined {
  if (unreadable === 0) return undefined;
  return `⚠️ ${missingEntries(unreadable)[language]}\n   ${asTyped(MISSING_ENTRIES_HINT)[language]}\n`;
}

const MAX_PAGE = 1_000;

function requireTime(flag: string, text: string): string {
  if (parseTimestamp(text) !== undefined) return text;
  throw wrongUsage(
    { zh: `${flag} 不是有效时间：${text}`, en: `${flag} is not a time: ${text}` },
    {
      zh: '请写成 2025-11-18 或 "2025-11-18 20:30:00"',
      en: 'write 2025-11-18 or "2025-11-18 20:30:00"',
    },
  );
}

/** A day that is named as the end is meant as a whole. */
function endOf(text: string): string {
  const day = /^\s*(\d{4})-(\d{2})-(\d{2})\s*$/.exec(text);
  // Behind the last day that has a name there is nothing to leave out.
  if (!day || text.trim() === '9999-12-31') return day ? '9999-12-31 23:59:59' : text;
  return toSessionTime(new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3]) + 1).getTime());
}
