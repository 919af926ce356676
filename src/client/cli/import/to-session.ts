import { createHash } from 'node:crypto';
import type { Bilingual } from '../../../protocol/language.ts';
import type { ImportSession } from '../../../protocol/methods.ts';
import { parseTimestamp } from '../../../protocol/timestamp.ts';
import { explainRefusal, parseTokenValue } from '../../../protocol/token-value.ts';
import { badFile } from './bad-file.ts';
import type { Entry } from './entry.ts';
import { toPlainTime } from './spreadsheet-time.ts';

/** A session ready to be sent, and where it came from. */
export interface Ready {
  readonly session: ImportSession;
  readonly place: Bilingual;
  readonly number: number;
}

/** An entry that is not imported, and why. */
export interface Skipped {
  readonly place: Bilingual;
  readonly number: number;
  readonly reason: Bilingual;
}

/**
 * The sessions of a whole file that are to be sent, and those that are left out. Each session's id is its own or made from its content and
 * from how many of the same content stand before it, so that the same file counts once, also when it has grown at
 * either end. Throws `value_refused` for the first entry that cannot be understood.
 */
export function toSessions(entries: readonly Entry[]): { readonly ready: Ready[]; readonly skipped: Skipped[] } {
  const ready: Ready[] = [];
  const skipped: Skipped[] = [];
  const seen = new Map<string, number>();
  for (const { fields, place, number, leftOut } of entries) {
    const reason = leftOut ?? skipReason(fields);
    if (reason) {
      skipped.push({ place, number, reason });
      continue;
    }
    const content = contentOf(fields, place);
    const key = JSON.stringify(content);
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    const id = textOf(fields.id) || textOf(fields.session_id) || idOf(key, nth);
    if (tooLong(id, 128)) throw badFile({ zh: 'id 超过 128 个字符', en: 'the id is over 128 characters' }, place);
    ready.push({ session: { ...content, id }, place, number });
  }
  return { ready, skipped };
}

function skipReason({ tokens, undone }: Entry['fields']): Bilingual | undefined {
  if (undone === true || undone === 'true') return { zh: '已撤销的记录', en: 'it was undone' };
  const isNone =
    typeof tokens === 'number'
      ? tokens <= 0
      : typeof tokens === 'string' && /^\s*(?:[-−－].*|0+(?:\.0+)?)\s*$/.test(tokens);
  return isNone ? { zh: 'tokens 不大于 0', en: 'tokens are not above 0' } : undefined;
}

function contentOf(fields: Entry['fields'], place: Bilingual): Omit<ImportSession, 'id'> {
  const timestamp = timeOf(textOf(fields.timestamp) ?? textOf(fields.start_time), place);
  const event = textOf(fields.event) ?? textOf(fields.task);
  const conversationId = textOf(fields.conversation_id);
  requireText('event', event, 1_000, place);
  requireText('conversation_id', conversationId, 256, place);
  return {
    tokens: tokensOf(fields.tokens, place),
    ...(event && { event }),
    ...(timestamp && { timestamp }),
    ...(conversationId && { conversation_id: conversationId }),
  };
}

function timeOf(text: string | undefined, place: Bilingual): string | undefined {
  if (!text) return undefined;
  const time = toPlainTime(text);
  if (parseTimestamp(time) !== undefined) return time;
  const shown = text.slice(0, 40);
  throw badFile(
    {
      zh: `时间无效：${shown}（可写 2026-11-01 10:00:00、2026/11/1 10:00 或 ISO 8601）`,
      en: `not a time: ${shown} (write 2026-11-01 10:00:00, 2026/11/1 10:00 or ISO 8601)`,
    },
    place,
  );
}

function tokensOf(value: unknown, place: Bilingual): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  if (typeof value !== 'string') throw badFile({ zh: 'tokens 不是有效的数值', en: 'tokens are not a value' }, place);
  // pandas writes a column of whole numbers with a gap in it as `350000.0`.
  const parsed = parseTokenValue(value.replace(/^(\s*\d+)\.0+(?=\s*$)/, '$1'));
  if (parsed.ok) return parsed.tokens;
  throw badFile(explainRefusal(value), place);
}

function requireText(name: string, text: string | undefined, maxLength: number, place: Bilingual): void {
  if (text === undefined) return;
  if (tooLong(text, maxLength)) {
    throw badFile({ zh: `${name} 超过 ${maxLength} 个字符`, en: `${name} is over ${maxLength} characters` }, place);
  }
  if (/\p{Cc}/u.test(text.replace(/[\t\n]/g, ''))) {
    throw badFile({ zh: `${name} 含有控制字符`, en: `${name} holds a control character` }, place);
  }
}

function tooLong(text: string, maxLength: number): boolean {
  return text.length > maxLength && [...text].length > maxLength;
}

/** Other programs put anything there; only a text is one. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function idOf(content: string, nth: number): string {
  return `import-${createHash('sha256').update(`${nth}\n${content}`).digest('base64url').slice(0, 22)}`;
}
