import { TokenSyncError } from '../protocol/errors.ts';

/** What a caller is told whose body is no JSON. */
export function notJson(cause?: unknown): TokenSyncError {
  return new TokenSyncError(
    'not_json',
    { zh: '请求体不是有效的 JSON', en: 'the body is not valid JSON' },
    { hint: { zh: '例如 {"tokens": 350000}', en: 'for example {"tokens": 350000}' }, cause },
  );
}
