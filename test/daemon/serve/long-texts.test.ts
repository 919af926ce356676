import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isJson, parseWithoutLongTexts } from '../../../src/daemon/serve/long-texts.ts';

const LONG = 16 * 1024;
const long = (part: string) => part.repeat(Math.ceil(LONG / Buffer.byteLength(JSON.stringify(part).slice(1, -1))));
const itself = (value: unknown) => value;

/** What the request says once its long texts are put back. */
function restored({ value, longTexts }: ReturnType<typeof parseWithoutLongTexts>): unknown {
  if (!longTexts) return value;
  const entries = Object.entries(value as object).map(([name, member]) => {
    const text = longTexts.get(member);
    return [name, text ? JSON.parse(`"${Buffer.from(text)}"`) : member];
  });
  return Object.fromEntries(entries);
}

describe('a long text that is only counted stays as it came', () => {
  test.each<[string, string]>([
    ['plain', long('a')],
    ['of Chinese', long('一')],
    ['of quotes', long('"')],
    ['of backslashes', long('\\')],
    ['of backslashes before quotes', long('\\\\\\"')],
    ['with quotes far apart', `${long('a')}"${long('b')}\\"${long('c')}\\`],
    ['that ends with a backslash', `${long('a')}\\`],
    ['with escapes of every kind', long('\b\f\n\r\t\0\u2028\ud800"\\/')],
    ['that looks like JSON', long('","assistant_message":"')],
  ])('%s', (_, text) => {
    const request = { user_message: text, assistant_message: 'short', encoding: 'o200k_base' };

    const parsed = parseWithoutLongTexts(Buffer.from(JSON.stringify(request)), itself);

    expect(parsed.longTexts?.size).toBe(1);
    expect(restored(parsed)).toEqual(request);
  });

  test('both of them, wherever they stand and however the request is laid out', () => {
    const request = { assistant_message: long('b'), event: '对话 "\\', user_message: long('a\n') };

    const parsed = parseWithoutLongTexts(Buffer.from(JSON.stringify(request, undefined, 2)), itself);

    expect(parsed.longTexts?.size).toBe(2);
    expect(restored(parsed)).toEqual(request);
  });

  test('whatever is in a request', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('"', '\\', '\ud800', 'a', '\n') }),
    );
    const message = fc.tuple(text, fc.nat({ max: 20_000 })).map(([part, times]) => part.repeat(times).slice(0, 40_000));
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(text, fc.constantFrom('user_message', 'assistant_message')), message),
        fc.constantFrom(undefined, 1, '\t'),
        (request, space) => {
          const json = JSON.stringify(request, undefined, space);
          expect(restored(parseWithoutLongTexts(Buffer.from(json), itself))).toEqual(JSON.parse(json));
        },
      ),
    );
  });
});

describe('a long text anywhere else is parsed', () => {
  const text = JSON.stringify(long('a'));
  test.each([
    ['of another param', `{"user_message":"","event":${text}}`],
    ['beside one that is counted', `{"user_message":${text},"event":${text}}`],
    ['as a name', `{${text}:1,"user_message":"a"}`],
    ['deeper', `{"user_message":[${text}]}`],
    ['of a param that stands there twice', `{"user_message":${text},"user_message":${text}}`],
    ['of a prototype', `{"__proto__":{"user_message":${text}}}`],
    ['of a list', `[${text}]`],
    ['alone', text],
    ['in a request that counts nothing', `{"user_message":${text}}`, () => undefined],
    ['with much beside it', `{"user_message":${text},"event":[${'"a",'.repeat(10_000)}1]}`],
    ['with much before it', `{"event":[${'[],'.repeat(20_000)}1],"user_message":${text}}`],
    ['with much space behind it', `{"user_message":${text}}${' '.repeat(40_000)}`],
    ['with short ones', `{"user_message":"a"}${' '.repeat(LONG)}`],
  ])('%s', (_, json, estimateParams: (value: unknown) => unknown = itself) => {
    expect(parseWithoutLongTexts(Buffer.from(json), estimateParams)).toEqual({ value: JSON.parse(json) });
  });
});

test.each([
  ['a text without an end', `{"user_message":"${long('a')}`],
  ['a text whose end is escaped', `{"user_message":"${long('a')}\\"}`],
  ['a text that ends in the midst of an escape', `{"user_message":"${long('a')}\\`],
  ['what follows it', `{"user_message":"${long('a')}" "assistant_message":""}`],
  ['what precedes it', `{user_message:"${long('a')}"}`],
  ['a short text with a line break', `{"assistant_message":"\n","user_message":"${long('a')}"}`],
])('%s is refused', (_, json) => {
  expect(() => parseWithoutLongTexts(Buffer.from(json), itself)).toThrow(SyntaxError);
});

test('what stood in the place of a long text stands for nothing in another request', () => {
  const json = Buffer.from(JSON.stringify({ user_message: long('a'), assistant_message: '' }));
  const [first, second] = [parseWithoutLongTexts(json, itself), parseWithoutLongTexts(json, itself)];

  expect([...first.longTexts!.keys()]).not.toEqual([...second.longTexts!.keys()]);
});

test.each([
  [`{"user_message":"${long('a')}"}`, true],
  [`{"user_message":"${long('a')}\n"}`, false],
  [`{"user_message":"${long('a')}"`, false],
  ['', false],
])('whether %.20s… is JSON is told', (json, expected) => {
  expect(isJson(Buffer.from(json))).toBe(expected);
});
