import { wrongUsage } from '../wrong-usage.ts';
import { readFile } from './read-file.ts';
import { readStandardInput } from './standard-input.ts';

/**
 * The texts that arguments stand for: `-` is standard input, `@FILE` a file, and `@@` begins a text that begins with `@`. The
 * newline at the end of an input or file, which `echo` and editors put there, is nobody's message.
 */
export async function readMessages(args: readonly string[]): Promise<string[]> {
  if (args.filter((arg) => arg === '-').length > 1) throw twoInputs();
  const messages: string[] = [];
  for (const arg of args) messages.push(await readMessage(arg));
  return messages;
}

async function readMessage(arg: string): Promise<string> {
  if (arg === '-') return decode(await readStandardInput(), { zh: '标准输入', en: 'standard input' });
  if (arg.startsWith('@@')) return arg.slice(1);
  if (!arg.startsWith('@')) return arg;
  const path = arg.slice(1);
  return decode(readFile(path, ESCAPED_AT), { zh: `文件 ${path} `, en: `the file ${path}` });
}

const ESCAPED_AT = { zh: '以 @ 开头的文字请写成 @@', en: 'write @@ for a text that begins with @' };

/** UTF-8, or what Windows calls Unicode; a byte order mark is no part of the text. */
function decode(bytes: Uint8Array, source: { readonly zh: string; readonly en: string }): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw wrongUsage(
      { zh: `${source.zh}不是 UTF-8 文本`, en: `${source.en} is not UTF-8 text` },
      { zh: '请先转换为 UTF-8', en: 'convert it to UTF-8 first' },
    );
  }
}

function twoInputs() {
  return wrongUsage(
    { zh: '两条消息不能都从标准输入读取', en: 'only one of the messages can be read from standard input' },
    { zh: '只写一个 -', en: 'write - only once' },
  );
}
