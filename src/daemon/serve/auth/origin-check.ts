import { TokenSyncError } from '../../../protocol/errors.ts';

/** The part of a request that is checked before anything else looks at it. */
export interface RequestHead {
  readonly method: string;
  /** Names and values in turn, as they came: a second `Host` is hidden everywhere else. */
  readonly rawHeaders: readonly string[];
}

/** Where a daemon listens, which is what a `Host` may say. */
export interface ListenAddress {
  readonly port: number;
  /** The addresses that it listens on besides loopback. */
  readonly addresses: readonly string[];
}

/** Lets requests pass with one `Host` that is ours, from no foreign page, and with writes only as plain JSON in UTF-8; returns the refusal of any other. */
export function checkOrigin({ method, rawHeaders }: RequestHead, address: ListenAddress): TokenSyncError | undefined {
  const hosts = headerValues(rawHeaders, 'host');
  const authorities = ownAuthorities(address);
  if (hosts.length !== 1 || !authorities.includes(hosts[0]!.toLowerCase())) return wrongHost(authorities[0]!);
  const origins = headerValues(rawHeaders, 'origin');
  const isOwnOrigin = (origin: string) =>
    authorities.some((authority) => origin.toLowerCase() === `http://${authority}`);
  if (origins.length > 1 || !origins.every(isOwnOrigin)) return wrongOrigin();
  if (isPartOfForeignPage(rawHeaders)) return wrongOrigin();
  const isWrite = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
  if (!isWrite) return undefined;
  const types = headerValues(rawHeaders, 'content-type');
  if (!isJson(types)) return wrongContentType();
  if (!isUtf8(types[0]!)) return wrongCharset();
  const codings = [...headerValues(rawHeaders, 'content-encoding'), ...headerValues(rawHeaders, 'transfer-encoding')];
  return codings.every((coding) => /^(?:|identity|chunked)$/i.test(coding.trim())) ? undefined : wrongCoding();
}

/** The values of a header, in any case of its name. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]!.toLowerCase() === name);
}

/**
 * Browsers send no `Origin` for pictures, scripts and frames, but say in other words that another page asks for them.
 * A link to us is none of these.
 */
function isPartOfForeignPage(rawHeaders: readonly string[]): boolean {
  const says = (name: string, value: string) => headerValues(rawHeaders, name).includes(value);
  const isForeign = says('sec-fetch-site', 'cross-site') || says('sec-fetch-site', 'same-site');
  return isForeign && !(says('sec-fetch-mode', 'navigate') && says('sec-fetch-dest', 'document'));
}

function ownAuthorities({ port, addresses }: ListenAddress): string[] {
  const others = addresses.map((address) => (address.includes(':') ? `[${address}]` : address).toLowerCase());
  const names = ['127.0.0.1', 'localhost', '[::1]', ...others];
  const withPort = names.map((name) => `${name}:${port}`);
  // A browser leaves the port out when it is the one of the scheme.
  return port === 80 ? [...withPort, ...names] : withPort;
}

function isJson(contentTypes: readonly string[]): boolean {
  return contentTypes.length === 1 && /^application\/json\s*(?:;|$)/i.test(contentTypes[0]!);
}

/** JSON is UTF-8, and has no such parameter (RFC 8259, 8.1 and 11); some callers name it all the same. */
function isUtf8(contentType: string): boolean {
  const charsets = [...contentType.matchAll(/;\s*charset\s*=\s*"?([^\s;"]*)/gi)].map(([, charset]) => charset!);
  return charsets.every((charset) => /^(?:utf-?8|us-ascii)$/i.test(charset));
}

function wrongHost(authority: string): TokenSyncError {
  return new TokenSyncError(
    'wrong_host',
    { zh: '请求的 Host 不是本服务', en: 'the Host of the request is not this service' },
    { hint: { zh: `请用 http://${authority}/ 访问`, en: `use http://${authority}/` } },
  );
}

function wrongOrigin(): TokenSyncError {
  return new TokenSyncError(
    'wrong_origin',
    { zh: '不接受来自其他网页的请求', en: 'requests from other web pages are not accepted' },
    { hint: { zh: '请从本机程序或本服务的页面调用', en: 'call from a program of this machine or from our own page' } },
  );
}

function wrongContentType(): TokenSyncError {
  return new TokenSyncError(
    'wrong_content_type',
    { zh: 'Content-Type 必须是 application/json', en: 'the Content-Type must be application/json' },
    { hint: { zh: '加上 -H "Content-Type: application/json"', en: 'add -H "Content-Type: application/json"' } },
  );
}

function wrongCharset(): TokenSyncError {
  return new TokenSyncError(
    'wrong_content_type',
    { zh: '请求体必须是 UTF-8', en: 'the body must be in UTF-8' },
    { hint: { zh: '请以 UTF-8 发送，并去掉 charset', en: 'send it in UTF-8, and leave the charset out' } },
  );
}

function wrongCoding(): TokenSyncError {
  return new TokenSyncError(
    'wrong_content_type',
    { zh: '请求体不能压缩', en: 'the body must not be compressed' },
    { hint: { zh: '请去掉 Content-Encoding，原样发送', en: 'send it as it is, without a Content-Encoding' } },
  );
}
