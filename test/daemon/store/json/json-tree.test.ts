import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../../../src/daemon/store/json/json-parse.ts';
import { printJson, printJsonLine } from '../../../../src/daemon/store/json/json-print.ts';
import {
  equalJson,
  getMember,
  type JsonObject,
  sameJson,
  toJsonNode,
  withMember,
  withoutMember,
} from '../../../../src/daemon/store/json/json-tree.ts';
import { arbitraryKey, arbitraryNode, arbitraryObject } from '../arbitrary-json.ts';

describe('members', () => {
  test('a changed member keeps its place, a new one goes to the end, the object itself stays as it was', () => {
    const object = parseJson('{"b":1.0,"1":2,"a":3}') as JsonObject;
    expect(printJsonLine(withMember(object, '1', toJsonNode('x')))).toBe('{"b":1.0,"1":"x","a":3}');
    expect(printJsonLine(withMember(object, '__proto__', toJsonNode([])))).toBe('{"b":1.0,"1":2,"a":3,"__proto__":[]}');
    expect(printJsonLine(withoutMember(object, 'b'))).toBe('{"1":2,"a":3}');
    expect(printJsonLine(object)).toBe('{"b":1.0,"1":2,"a":3}');
  });

  test('a member that was put in is found, one that was taken out is not, and no change gives the same object', () => {
    fc.assert(
      fc.property(arbitraryObject, arbitraryKey, arbitraryNode, (object, key, value) => {
        const changed = withMember(object, key, value);
        expect(getMember(changed, key)).toBe(value);
        expect(withMember(changed, key, value)).toBe(changed);
        const without = withoutMember(changed, key);
        expect(getMember(without, key)).toBeUndefined();
        expect(withoutMember(without, key)).toBe(without);
      }),
    );
  });
});

describe('comparison', () => {
  test.each([
    ['{"a":1,"b":[2]}', '{"b":[2],"a":1}', true, false],
    ['[{"a":1,"b":2}]', '[{"b":2,"a":1}]', true, false],
    ['[1,2]', '[2,1]', false, false],
    ['1', '1.0', false, false],
    ['"1"', '1', false, false],
    ['{"a":1}', '{"a":1,"b":1}', false, false],
    ['{}', '[]', false, false],
    ['"\\u0061"', '"a"', true, true],
  ])('comparing %s with %s gives equal %s, same %s', (a, b, isEqual, isSame) => {
    expect(equalJson(parseJson(a), parseJson(b))).toBe(isEqual);
    expect(sameJson(parseJson(a), parseJson(b))).toBe(isSame);
  });

  test('two trees are the same exactly when they print alike', () => {
    fc.assert(
      fc.property(arbitraryNode, arbitraryNode, (a, b) => {
        expect(sameJson(a, b)).toBe(printJson(a) === printJson(b));
        expect(sameJson(a, parseJson(printJson(a)))).toBe(true);
        expect(equalJson(a, parseJson(printJson(a)))).toBe(true);
      }),
    );
  });
});

describe('toJsonNode', () => {
  test('toJsonNode leaves members out that are undefined', () => {
    expect(printJsonLine(toJsonNode({ a: undefined, b: [{ c: undefined }] }))).toBe('{"b":[{}]}');
  });

  const cycle: unknown[] = [];
  cycle.push(cycle);
  test.each([
    [undefined],
    [Number.NaN],
    [1n],
    [[undefined]],
    [new Array(1)],
    [new Date()],
    [new Map()],
    [() => 1],
    [cycle],
  ])('toJsonNode refuses a value that JSON cannot hold: %o', (value) => {
    expect(() => toJsonNode(value)).toThrow(TypeError);
  });
});
