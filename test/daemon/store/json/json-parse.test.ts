import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonSyntaxError, parseJson, parsePlain } from '../../../../src/daemon/store/json/json-parse.ts';
import { printJson, printJsonLine } from '../../../../src/daemon/store/json/json-print.ts';
import { toPlain } from '../../../../src/daemon/store/json/json-tree.ts';
import { threadMs } from '../../../support/thread-time.ts';
import { arbitraryNode } from '../arbitrary-json.ts';
import { nativeJson } from './native-json.ts';

describe('parseJson', () => {
  const VALID = [
    ...['0', '-0', '-0.0', '1e3', '1E-3', '1.5e+9', '12345678901234567890', '1e999', 'true', ' \t\r\n null \n', '""'],
    ...[
      '"\\u00e9\\"\\\\\\/\\b\\f\\n\\r\\t"',
      '"\\ud800"',
      '"\u2028\u2029\u007f"',
      '"\ud83d\ude00"',
      '[]',
      '{}',
      '[ 1 , [ ] ]',
    ],
    ...[
      '{"a":1,"b":2,"a":3}',
      '{"10":1,"2":2}',
      '{"__proto__":{"x":1}}',
      '{"__proto__":1,"__proto__":null}',
      '{"":{}}',
    ],
  ];
  const INVALID = [
    ...['', ' ', '01', '-', '-01', '1.', '.5', '+1', '1e', '1e+', '1.e3', '0x1', '1_0', 'NaN', 'Infinity', '-Infinity'],
    ...[
      'tru',
      'True',
      'nulll',
      'undefined',
      '"',
      '"\\x"',
      '"\\u12g4"',
      '"\\u12',
      '"\\',
      '"\n"',
      '"\t"',
      '"\u0000"',
      "'a'",
    ],
    ...[
      '[',
      '[1',
      '[1,',
      '[1,]',
      '[,]',
      '[,1]',
      '[1 2]',
      ']',
      '[}',
      '{',
      '{,}',
      '{"a"',
      '{"a":',
      '{"a":1',
      '{"a":1,',
      '{"a":1,}',
    ],
    ...[
      '{"a" 1}',
      '{a:1}',
      '{1:1}',
      '{"a":1 "b":2}',
      '1 2',
      '{}{}',
      '\ufeff{}',
      '\u00a01',
      '\u2028',
      '// x\n1',
      '/**/1',
      '\v1',
    ],
  ];

  test.each(VALID)('parseJson reads %j as JSON.parse does', (text) => {
    expectAsNative(text);
    expect(() => JSON.parse(text)).not.toThrow();
  });

  test.each(INVALID)('parseJson refuses %j as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(() => parseJson(text)).toThrow(JsonSyntaxError);
  });

  test('parseJson accepts exactly what JSON.parse accepts, in random text', () => {
    const pieces = [
      ...'{}[],:"\\/u01-+.eEtx \t\n\u0000\u2028\ufeff\ud800',
      'true',
      'null',
      '"a"',
      '"a":',
      '\\u00e9',
      '1.0',
    ];
    const text = fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(fc.property(text, expectAsNative), { numRuns: 5_000 });
  });

  test('parseJson accepts exactly what JSON.parse accepts, in damaged JSON', () => {
    const piece = fc.constantFrom(
      '',
      '"',
      ',',
      ':',
      '{',
      '}',
      '[',
      ']',
      '\\',
      '0',
      '-',
      '.',
      'e',
      '\n',
      '\u0001',
      '\ufeff',
    );
    const damaged = fc.tuple(arbitraryNode, fc.nat(), fc.nat(3), piece).map(([node, position, length, insert]) => {
      const text = printJson(node);
      const at = position % (text.length + 1);
      return text.slice(0, at) + insert + text.slice(at + length);
    });
    fc.assert(fc.property(damaged, expectAsNative), { numRuns: 3_000 });
  });

  test('a key with an escape is read as it stands, whatever key with a backslash was read before', () => {
    for (const key of ['\\n', '\\"', '\\u952e', '\\ud800', '\\u0061']) {
      for (const text of ['{"h":[],"\\\\":0}', `{"h":1,"${key}":2}`]) {
        expectAsNative(text);
        assert.deepStrictEqual(parsePlain(text), nativeJson(text));
      }
    }
  });

  test('parseJson keeps file order and, of a key that occurs twice, the last value at the first place', () => {
    const text = '{"z":1,"10":1.0,"2":2,"__proto__":3,"z":1e3}';
    expect(printJsonLine(parseJson(text))).toBe('{"z":1e3,"10":1.0,"2":2,"__proto__":3}');
  });

  test.each([
    ['{\n  "a": 1,\n}', 3, 1],
    ['[1,\r\n\r 2 3]', 3, 4],
    ['{"secret": "x', 1, 14],
    ['"😀\u0001"', 1, 4],
    ['\ufeff{}', 1, 1],
  ])('a refusal by parseJson says where %j fails, without quoting it', (text, line, column) => {
    const error = failureOf(text);
    expect(error).toMatchObject({ line, column });
    expect(error.message).not.toMatch(/secret|😀/);
  });

  test('parseJson refuses a text nested deeper than 512, at any length, and reads a flatter one', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;
      expect(printJsonLine(parseJson(nested(512)))).toBe(nested(512));
      expect(failureOf(nested(513)).message).toContain('512');
      expect(failureOf(open.repeat(3_000_000)).message).toContain('512');
    }
  });

  test.each<[string, (size: number) => string]>([
    ['a long string', (size) => `"${'x'.repeat(size * 8)}"`],
    ['a string without an end', (size) => `"${'x'.repeat(size * 8)}`],
    ['many escapes', (size) => `"${'\\n\\u00e9'.repeat(size)}"`],
    ['a long number', (size) => '1'.repeat(size * 8)],
    ['many lines before an error', (size) => `${'\n'.repeat(size * 8)}x`],
    ['many items', (size) => `[${'1,'.repeat(size)}1]`],
    ['many members', (size) => `{${Array.from({ length: size }, (_, index) => `"${index * 65_536}":0`)}}`],
    ['one key again and again', (size) => `{${'"a":0,'.repeat(size)}"a":1}`],
    ['a long text far inside', (size) => `${'['.repeat(512)}"${'x'.repeat(size * 8)}"${']'.repeat(512)}`],
  ])('parseJson takes time in proportion to the length of %s', (_, make) => {
    expect(growthOverEightfold(25_000, make, readAndPrint)).toBeLessThan(24);
  });

  test('negative control: the growth check catches quadratic work', () => {
    const quadratic = (text: string) => {
      let found = 0;
      for (let from = 0; from < text.length; from++) {
        for (let at = from; at < text.length; at++) if (text.charCodeAt(at) === found) found++;
      }
      return found;
    };
    expect(growthOverEightfold(1_000, (size) => 'x'.repeat(size), quadratic)).toBeGreaterThan(24);
  });
});

function expectAsNative(text: string): void {
  let native: { value: unknown } | undefined;
  try {
    native = { value: nativeJson(text) };
  } catch {
    native = undefined;
  }
  if (native) assert.deepStrictEqual(toPlain(parseJson(text)), native.value);
  else assert.throws(() => parseJson(text), JsonSyntaxError, text);
}

function failureOf(text: string): JsonSyntaxError {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}

function readAndPrint(text: string): void {
  try {
    printJson(parseJson(text));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
  }
}

/** How many times longer eight times the input takes: about 8 when linear, 64 when quadratic. */
function growthOverEightfold(size: number, make: (size: number) => string, run: (text: string) => unknown): number {
  const [long, short] = [make(size * 8), make(size)].map((text) => threadMs(() => run(text)));
  return long! / short!;
}
