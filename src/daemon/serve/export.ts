import { TokenSyncError } from '../../protocol/errors.ts';
import { MAX_PAGE } from '../../protocol/fields.ts';
import { CSV_HEADER, csvRow } from '../../protocol/history-csv.ts';
import type { Session } from '../../protocol/methods.ts';
import { type Caller, type Commands, call } from './commands.ts';
import type { HttpAnswer, HttpCall } from './http.ts';

const FILTERS = ['since', 'until', 'sync_type', 'conversation_id', 'query'] as const;

/** The whole history, or what the filters leave of it, as one JSON or CSV document that is made while it is read. */
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
    call(commands, 'usage.history', { ...filters, limit: MAX_PAGE, ...(before && { before }) }, caller);
  // The first page before the answer begins, so that a wrong filter is still told as an error.
  const first = await page();
  async function* pages() {
    for (let current = first; ; current = await page(current.next)) {
      yield current.sessions;
      if (current.next === undefined) return;
    }
  }
  return {
    status: 200,
    type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    headers: { 'content-disposition': `attachment; filename="token-history.${format}"` },
    body: format === 'csv' ? csvOf(pages(), request.query.get('bom') === '1') : jsonOf(pages()),
  };
}

async function* jsonOf(pages: AsyncIterable<Session[]>): AsyncGenerator<string> {
  let separator = '{"sessions":[';
  for await (const sessions of pages) {
    if (sessions.length === 0) continue;
    yield separator + sessions.map((session) => JSON.stringify(session)).join(',');
    separator = ',';
  }
  yield separator === ',' ? ']}\n' : `${separator}]}\n`;
}

/** With the mark of UTF-8, without which Excel takes Chinese for another encoding. */
async function* csvOf(pages: AsyncIterable<Session[]>, isMarked: boolean): AsyncGenerator<string> {
  yield `${isMarked ? '\uFEFF' : ''}${CSV_HEADER}`;
  for await (const sessions of pages) yield sessions.map(csvRow).join('');
}
