import { TokenSyncError } from '../../../protocol/errors.ts';
import type { Language } from '../../../protocol/language.ts';
import { MAX_PAGE } from '../../../protocol/limits.ts';
import type { Result } from '../../../protocol/methods.ts';
import { CSV_HEADER, csvRow } from '../../../shared/history-csv.ts';
import { missingEntries } from '../../../shared/words/missing-entries.ts';
import type { Caller, Commands } from '../commands.ts';
import type { HttpAnswer, HttpCall } from './http-answer.ts';

const FILTERS = ['since', 'until', 'sync_type', 'conversation_id', 'query'] as const;

/** The whole history, or what the filters leave of it, as one JSON or CSV document that is made while it is read, and that ends with how much cannot be read. */
export async function exportHistory(commands: Commands, request: HttpCall, caller: Caller): Promise<HttpAnswer> {
  const format = request.query.get('format') ?? 'json';
  if (format !== 'json' && format !== 'csv') {
    throw new TokenSyncError(
      'invalid_params',
      { zh: 'format 只能是 json 或 csv', en: 'format must be json or csv' },
      { field: 'format' },
    );
  }
  const filters = Object.fromEntries(
    FILTERS.map((name) => [name, request.query.get(name)]).filter(([, value]) => value !== null),
  );
  const page = (before?: string) =>
    commands('usage.history', { ...filters, limit: MAX_PAGE, ...(before && { before }) }, caller);
  // The first page before the answer begins, so that a wrong filter is still told as an error.
  const first = await page();
  async function* pages() {
    for (let current = first; ; current = await page(current.next)) {
      yield current;
      if (current.next === undefined) return;
    }
  }
  return {
    status: 200,
    type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    headers: { 'content-disposition': `attachment; filename="token-history.${format}"` },
    body: format === 'csv' ? csvOf(pages(), request.query.get('bom') === '1', request.language) : jsonOf(pages()),
  };
}

type Page = Result<'usage.history'>;

async function* jsonOf(pages: AsyncIterable<Page>): AsyncGenerator<string> {
  let separator = '{"sessions":[';
  let missing = 0;
  for await (const { sessions, unreadable = 0 } of pages) {
    missing = unreadable;
    if (sessions.length === 0) continue;
    yield separator + sessions.map((session) => JSON.stringify(session)).join(',');
    separator = ',';
  }
  const end = `]${missing > 0 ? `,"unreadable":${missing}` : ''}}\n`;
  yield separator === ',' ? end : `${separator}${end}`;
}

/** With the mark of UTF-8, without which Excel takes Chinese for another encoding. */
async function* csvOf(pages: AsyncIterable<Page>, isMarked: boolean, language: Language): AsyncGenerator<string> {
  yield `${isMarked ? '\uFEFF' : ''}${CSV_HEADER}`;
  let missing = 0;
  for await (const { sessions, unreadable = 0 } of pages) {
    missing = unreadable;
    yield sessions.map(csvRow).join('');
  }
  // A row that a person finds, and that an import passes over.
  if (missing > 0) yield csvRow({ tokens: 0, event: `⚠️ ${missingEntries(missing)[language]}` });
}
