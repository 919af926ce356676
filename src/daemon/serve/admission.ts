import { createHash, timingSafeEqual } from 'node:crypto';
import { TokenSyncError } from '../../protocol/errors.ts';
import { headerValues } from './gate.ts';

/** Why a request may not pass without the token, or nothing. */
export function bearerRefusal(rawHeaders: readonly string[], token: string): TokenSyncError | undefined {
  const given = headerValues(rawHeaders, 'authorization');
  const [, offered] = /^Bearer ([\w-]{1,200})$/i.exec(given.length === 1 ? given[0]! : '') ?? [];
  if (offered !== undefined && isSame(offered, token)) return undefined;
  return new TokenSyncError(
    'unauthorized',
    { zh: '缺少或错误的访问令牌', en: 'the access token is missing or wrong' },
    {
      hint: {
        zh: '令牌在数据文件夹的 token 文件中；以 Authorization: Bearer 发送',
        en: 'the token is in the file `token` of the data folder; send it as Authorization: Bearer',
      },
    },
  );
}

/** Compares digests, so that the time tells neither a length nor a prefix. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
