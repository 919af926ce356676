import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { TokenSyncError } from '../../../protocol/errors.ts';
import { headerValues } from './origin-check.ts';

/** A code is for the moment between `token-sync open` and the page that it opens. */
const CODE_MS = 60_000;
const MAX_CODES = 16;

/** A browser stays signed in for a week; a new token ends that at once. */
const COOKIE_MS = 7 * 24 * 3_600_000;

/** Wrong tokens, cookies and codes that are answered in a minute; further ones are told that they are too many. */
const MAX_FAILURES = 100;
const WINDOW_MS = 60_000;

/** Lets requests pass with the token, or with the cookie that our own page was given for a one-time code. */
export class TokenCheck {
  readonly #token: string;
  readonly #now: () => number;
  /** By their digests, so that looking one up tells nothing by its time. */
  readonly #codes = new Map<string, { readonly endsMs: number }>();
  #failures = 0;
  #windowEndsMs = 0;

  constructor(token: string, now: () => number = Date.now) {
    this.#token = token;
    this.#now = now;
  }

  /** Why a request may not pass, or nothing; `port` tells our cookies from those of other services of the machine. */
  refusal(rawHeaders: readonly string[], port: number): TokenSyncError | undefined {
    const given = headerValues(rawHeaders, 'authorization');
    const [, offered] = /^Bearer ([\w-]{1,200})$/i.exec(given.length === 1 ? given[0]! : '') ?? [];
    if (offered !== undefined && isSameSecret(offered, this.#token)) return undefined;
    const cookies = cookiesOf(rawHeaders, cookieName(port));
    if (given.length === 0 && cookies.some((cookie) => this.#isOurs(cookie))) return undefined;
    // A caller without a token has not guessed. The right token passes however many others are wrong,
    // or any program of the machine could lock its owner out.
    const isGuess = given.length > 0 || cookies.length > 0;
    return isGuess ? this.#failed(unauthorized()) : unauthorized();
  }

  /** A code that is good for one cookie within a minute. */
  newCode(): string {
    const oldest = this.#codes.keys().next().value;
    if (oldest !== undefined && this.#codes.size >= MAX_CODES) this.#codes.delete(oldest);
    const code = randomBytes(24).toString('base64url');
    this.#codes.set(digestOf(code).toString('hex'), { endsMs: this.#now() + CODE_MS });
    return code;
  }

  /** The `Set-Cookie` for a code, which is used up by it; throws `unauthorized`, or `too_many_failures` after many wrong ones of anybody. */
  redeem(code: string, port: number): string {
    // A right one passes however many others are wrong: it cannot be guessed.
    const digest = digestOf(code).toString('hex');
    const found = this.#codes.get(digest);
    this.#codes.delete(digest);
    if (!found || found.endsMs < this.#now()) throw this.#failed(wrongCode());
    const endsMs = this.#now() + COOKIE_MS;
    const attributes = `Path=/; Max-Age=${COOKIE_MS / 1_000}; HttpOnly; SameSite=Strict`;
    return `${cookieName(port)}=${endsMs}.${this.#signature(endsMs)}; ${attributes}`;
  }

  /** Signed and not remembered, so that an open page outlives a restart of the daemon. */
  #isOurs(cookie: string): boolean {
    const [, ends, signature = ''] = /^(\d{1,15})\.([\w-]{43})$/.exec(cookie) ?? [];
    return ends !== undefined && isSameSecret(signature, this.#signature(Number(ends))) && Number(ends) > this.#now();
  }

  #signature(endsMs: number): string {
    return createHmac('sha256', this.#token).update(`dashboard until ${endsMs}`).digest('base64url');
  }

  #failed(refusal: TokenSyncError): TokenSyncError {
    if (this.#isLimited()) return tooManyFailures();
    this.#failures++;
    return refusal;
  }

  #isLimited(): boolean {
    if (this.#now() >= this.#windowEndsMs) {
      this.#failures = 0;
      this.#windowEndsMs = this.#now() + WINDOW_MS;
    }
    return this.#failures >= MAX_FAILURES;
  }
}

/** Cookies know no ports: without it two daemons of a machine would take each other's. */
function cookieName(port: number): string {
  return `token_sync_${port}`;
}

function cookiesOf(rawHeaders: readonly string[], name: string): string[] {
  return headerValues(rawHeaders, 'cookie')
    .flatMap((value) => value.split(';'))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
}

/** Compares digests, so that the time tells neither a length nor a prefix. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digestOf(a), digestOf(b));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function unauthorized(): TokenSyncError {
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

function wrongCode(): TokenSyncError {
  return new TokenSyncError(
    'unauthorized',
    { zh: '此链接已用过或已过期', en: 'this link has been used or has expired' },
    { hint: { zh: '请再运行 token-sync open', en: 'run `token-sync open` again' } },
  );
}

function tooManyFailures(): TokenSyncError {
  return new TokenSyncError(
    'too_many_failures',
    { zh: '错误的令牌或链接太多', en: 'too many wrong tokens or links' },
    { hint: { zh: '请一分钟后再试', en: 'try again in a minute' } },
  );
}
