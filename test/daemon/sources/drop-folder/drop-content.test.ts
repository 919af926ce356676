import { describe, expect, test } from 'vitest';
import { splitDropText, understandDropText } from '../../../../src/daemon/sources/drop-folder/drop-content.ts';
import { TokenSyncError } from '../../../../src/protocol/errors.ts';

const utf8 = (text: string) => Buffer.from(text);

const readingsOf = (bytes: Uint8Array) => understandDropText(splitDropText(bytes));

describe('a drop-file is read as', () => {
  test.each<[string, Buffer, object[]]>([
    ['a value', utf8('350000\n'), [{ tokens: '350000' }]],
    ['a value and an event', utf8('350000 完成架构设计\n'), [{ tokens: '350000', event: '完成架构设计' }]],
    [
      'several lines',
      utf8('1000 a\r\n\r\n2K b\r'),
      [
        { tokens: '1000', event: 'a' },
        { tokens: '2K', event: 'b' },
      ],
    ],
    [
      'lines that end as Unicode has it',
      utf8('1000 one\u20282000 two\u20293000 three\u00854000 four\f5000 five\n'),
      ['one', 'two', 'three', 'four', 'five'].map((event, at) => ({ tokens: String(1_000 * (at + 1)), event })),
    ],
    [
      'a text of JSON that holds such ends',
      utf8('{"tokens": 5, "event": "a\u2028b"}\r{"tokens": 6}\r'),
      [{ tokens: 5, event: 'a\u2028b' }, { tokens: 6 }],
    ],
    [
      'lines that name their conversation at the end',
      utf8('350000 完成 #设计\n351,000 tokens used #web\n352000 #docs-2026\nToken: 353000 #a\n"354000 done #b"\n'),
      [
        { tokens: '350000', event: '完成', conversation_id: '设计' },
        { tokens: '351,000 tokens used', conversation_id: 'web' },
        { tokens: '352000', conversation_id: 'docs-2026' },
        { tokens: 'Token: 353000', conversation_id: 'a' },
        { tokens: '354000', event: 'done', conversation_id: 'b' },
      ],
    ],
    [
      'lines whose quotes a Windows shell has left',
      utf8('"350000 architecture done" \r\n\'360000 done\'\r\n\'{"tokens": 5}\'\r\n'),
      [{ tokens: '350000', event: 'architecture done' }, { tokens: '360000', event: 'done' }, { tokens: 5 }],
    ],
    ['a line that names an issue', utf8('350000 fix #123\n'), [{ tokens: '350000', event: 'fix #123' }]],
    ['one JSON reading', utf8('{"tokens": 5, "sync_type": "auto"}'), [{ tokens: 5, sync_type: 'auto' }]],
    ['a JSON array', utf8('[{"tokens": 5},\n {"tokens": "6K"}]\n'), [{ tokens: 5 }, { tokens: '6K' }]],
    ['JSON Lines', utf8('{"tokens": 5}\n{"tokens": 6, "id": "x"}\n'), [{ tokens: 5 }, { tokens: 6, id: 'x' }]],
    ['JSON beside plain lines', utf8('{"tokens": 5}\n7 x\n'), [{ tokens: 5 }, { tokens: '7', event: 'x' }]],
    ['a value in brackets, which is no array of readings', utf8('[350000]\n'), [{ tokens: '[350000]' }]],
    ['UTF-8 with its mark', utf8('\uFEFF350000 好\n'), [{ tokens: '350000', event: '好' }]],
    [
      'UTF-16, as PowerShell writes it',
      Buffer.from('\uFEFF350000 好\r\n', 'utf16le'),
      [{ tokens: '350000', event: '好' }],
    ],
    [
      'GBK, as a Chinese cmd writes it',
      Buffer.from('333530303030 CDEAB3C9 0D0A'.replaceAll(' ', ''), 'hex'),
      [{ tokens: '350000完成' }],
    ],
  ])('a drop-file is read as %s', (_, bytes, readings) => {
    expect(readingsOf(bytes).map(({ offered }) => offered)).toEqual(readings);
  });
});

test.each([
  ['350000\n', true],
  ['350000\u2028', true],
  ['350000\u0085', true],
  ['350000', false],
  ['350000 a\n360000 b', false],
  ['{"tokens": 5}', true],
  ['[{"tokens": 5}]', true],
  ['{"tokens": 5}\n{"tokens": 6}', false],
  ['[\n', false],
  ['\uFEFF [\n\n', false],
  ['{\n', false],
  ['{\n  "tokens": 5,\n', false],
  ['no figure here\n', true],
])('a drop-file of %j is finished: %s', (text, isFinished) => {
  expect(splitDropText(utf8(text)).isFinished).toBe(isFinished);
});

test.each([
  ['written with blanks', '{"tokens": 100, "event": "x"}'],
  ['written without', '{"tokens":100,"event":"x"}'],
])('a JSON reading %s is the same one when a line is appended, so that it is recorded once', (_, json) => {
  const [alone] = readingsOf(utf8(`${json}\n`));
  const [first, second] = readingsOf(utf8(`${json}\n{"tokens": 7}\n`));

  expect(first!.text).toBe(alone!.text);
  expect(second!.text).not.toBe(alone!.text);
});

describe('a drop-file is refused with the place and the reason', () => {
  test.each([
    ['', /empty/, /空/],
    [' \n\n', /empty/, /空/],
    ['hello\n', /^line 1: no token value/, /^第 1 行：/],
    ['350000\n\nbetween 300000 and 350000\n', /^line 3: more than one/, /^第 3 行：/],
    ['{"tokens": 350', /^line 1: the JSON is cut off/, /^第 1 行：JSON/],
    ['[{"tokens": 350000},', /^the JSON is cut off/, /^JSON/],
    ['[\n  {"tokens": 350000, "event": "x"', /^the JSON is cut off/, /^JSON/],
    ['[{"tokens": 350000}, 7]', /^the JSON is cut off or not valid/, /^JSON/],
    ['350000\n[{"tokens": 360000}, {"tokens": 370000}]', /^line 2: the JSON/, /^第 2 行：JSON/],
    ['[{"tokens": 5}, {"tokens": 5, "used": 1}]', /^item 2: unknown parameter: used/, /^第 2 项：/],
    ['{"event": "x"}', /^tokens is missing/, /^tokens/],
    [`5 ${'x'.repeat(1_001)}`, /^line 1: event is too long/, /太长/],
    ['5 \u0007', /^line 1: event holds a control character/, /控制字符/],
    ['{"tokens": 1.5}', /must be a whole number/, /整数/],
  ])('a drop-file of %j is refused with the place and the reason', (text, en, zh) => {
    const refusal = refusalOf(utf8(text));
    expect(refusal.text.en).toMatch(en);
    expect(refusal.text.zh).toMatch(zh);
  });

  test('a drop-file as a power cut leaves it, with a 0 in it, is refused', () => {
    expect(() => readingsOf(Buffer.concat([Buffer.alloc(1), utf8('"tokens":3}\n')]))).toThrow(TokenSyncError);
  });

  test('a drop-file is refused that is no text, or of an encoding that is not known', () => {
    expect(refusalOf(Buffer.from([0x33, 0x35, 0, 0, 0])).text.en).toBe('this is no text');
    const refusal = refusalOf(Buffer.from('333530303030207465726d696ee90a', 'hex'));
    expect(refusal.text.en).toMatch(/^the encoding of the file is not known/);
    expect(refusal.hint?.en).toBe('save it as UTF-8');
  });
});

function refusalOf(bytes: Uint8Array): TokenSyncError {
  try {
    readingsOf(bytes);
  } catch (error) {
    if (error instanceof TokenSyncError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
