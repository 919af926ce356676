import { hash } from 'node:crypto';
import { parseJson } from '../json/json-parse.ts';
import { type JsonNode, type JsonObject, MAX_JSON_DEPTH } from '../json/json-tree.ts';
import type { Problem } from './problem.ts';

/** The state file's bytes as they were found at one moment. */
export interface FileContent {
  readonly bytes: Buffer;
  readonly hash: string;
}

/** A content that nobody is in the middle of writing; its document is `undefined` where it is no JSON object. */
export interface SettledContent extends FileContent {
  readonly document: JsonObject | undefined;
}

/** The hash by which a content is known again. */
export function hashOf(content: string | Buffer): string {
  return hash('sha256', content).slice(0, 32);
}

/** The content that a text or bytes are. */
export function contentOf(content: string | Buffer): FileContent {
  const bytes = Buffer.from(content as string);
  return { bytes, hash: hashOf(bytes) };
}

/** The document in a file's bytes (UTF-8, or UTF-16 with its byte order mark), or `undefined` when they hold no JSON object. */
export function parseContent(content: FileContent): JsonObject | undefined {
  const node = nodeIn(content);
  return node?.kind === 'object' ? node : undefined;
}

/** Why a file's bytes hold no JSON object, said of the state file. */
export function faultOf(content: FileContent): Problem {
  const lost = content.hash;
  if (nodeIn(content)) return { zh: '状态文件应为一个 JSON 对象', en: 'the state file should be a JSON object', lost };
  if (isTooDeep(content)) {
    return {
      zh: `状态文件嵌套超过 ${MAX_JSON_DEPTH} 层`,
      en: `the state file was nested deeper than ${MAX_JSON_DEPTH} levels`,
      lost,
    };
  }
  const isEmpty = content.bytes.toString('latin1').trim() === '';
  return isEmpty
    ? { zh: '状态文件是空的', en: 'the state file was empty', lost }
    : { zh: '状态文件不是有效的 JSON', en: 'the state file was not valid JSON', lost };
}

function nodeIn({ bytes }: FileContent): JsonNode | undefined {
  try {
    return parseJson(decode(bytes));
  } catch {
    // The only thing that can be wrong with the bytes is that they are no JSON text.
    return undefined;
  }
}

/** True for what is JSON, but deeper than we read. */
function isTooDeep({ bytes }: FileContent): boolean {
  try {
    JSON.parse(decode(bytes));
    return true;
  } catch {
    return false;
  }
}

/** True when every JSON parser reads the bytes: UTF-8 without a byte order mark. */
export function isPlainUtf8({ bytes }: FileContent): boolean {
  return bytes[0] !== 0xef && bytes[0] !== 0xff && bytes[0] !== 0xfe;
}

function decode(bytes: Buffer): string {
  // The decoder takes the byte order mark away and throws on bytes that are no text.
  return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
}

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
}
