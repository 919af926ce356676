import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyPatch, diffJson, type JsonPatch } from '../../../../src/daemon/store/json/json-diff.ts';
import { parseJson } from '../../../../src/daemon/store/json/json-parse.ts';
import { printJson, printJsonLine } from '../../../../src/daemon/store/json/json-print.ts';
import {
  equalJson,
  getMember,
  type JsonNode,
  type JsonObject,
  withMember,
  withoutMember,
} from '../../../../src/daemon/store/json/json-tree.ts';
import { arbitraryKey, arbitraryNode, arbitraryObject } from '../arbitrary-json.ts';

/** Theirs is another document, or the base with its members mixed, some left out and others put in between, at two levels. */
const arbitraryEdit: fc.Arbitrary<{ base: JsonObject; theirs: JsonObject }> = arbitraryObject.chain((inner) =>
  fc.tuple(arbitraryObject, arbitraryKey).chain(([outer, key]) => {
    const base = withMember(outer, key, inner);
    const mixed = fc
      .tuple(arbitraryMix(base), arbitraryMix(inner))
      .map(([rest, within]) => withMember(rest, key, within));
    return fc.record({ base: fc.constant(base), theirs: fc.oneof(mixed, arbitraryMix(base), arbitraryObject) });
  }),
);

const THOROUGH = { numRuns: 2_000 };

describe('diffJson and applyPatch', () => {
  test('the patch that diffJson makes turns base into theirs, in value, order and spelling', () => {
    fc.assert(
      fc.property(arbitraryEdit, ({ base, theirs }) => {
        const patch = diffJson(base, theirs);
        expect(printJson(applyPatch(base, patch))).toBe(printJson(theirs));
      }),
      THOROUGH,
    );
  });

  test('a patch goes through JSON.stringify and JSON.parse unharmed', () => {
    fc.assert(
      fc.property(arbitraryEdit, ({ base, theirs }) => {
        const patch = diffJson(base, theirs);
        expect(JSON.parse(JSON.stringify(patch))).toStrictEqual(patch);
      }),
      THOROUGH,
    );
  });

  test('diffJson finds nothing between a document and itself', () => {
    fc.assert(
      fc.property(arbitraryObject, (document) => {
        const again = object(printJson(document));
        expect(diffJson(document, again)).toStrictEqual([]);
        expect(applyPatch(document, [])).toBe(document);
      }),
    );
  });

  test('patches hold both of two independent changes, at the top and one level down', () => {
    const pair = fc.tuple(arbitraryObject, arbitraryObject).map(([outer, inner]) => withMember(outer, 'shared', inner));
    const keys = fc.uniqueArray(arbitraryKey, { maxLength: 8 });
    fc.assert(
      fc.property(pair, pair, pair, keys, fc.nat(8), (base, one, two, keysTouched, split) => {
        const ours = takeMembers(base, one, keysTouched.slice(0, split));
        const theirs = takeMembers(base, two, keysTouched.slice(split));
        const merged = applyPatch(ours, diffJson(base, theirs));
        expect(equalJson(merged, takeMembers(ours, two, keysTouched.slice(split)))).toBe(true);
      }),
      THOROUGH,
    );
  });

  test('applyPatch never throws, whatever the target has become', () => {
    fc.assert(
      fc.property(arbitraryEdit, arbitraryObject, ({ base, theirs }, target) => {
        const patched = applyPatch(target, diffJson(base, theirs));
        expect(printJson(parseJson(printJson(patched)))).toBe(printJson(patched));
      }),
      THOROUGH,
    );
  });

  test('a patch applied twice gives the same as applied once', () => {
    fc.assert(
      fc.property(arbitraryEdit, arbitraryObject, ({ base, theirs }, target) => {
        const patch = diffJson(base, theirs);
        const once = applyPatch(target, patch);
        expect(printJson(applyPatch(once, patch))).toBe(printJson(once));
      }),
      THOROUGH,
    );
  });
});

describe('ignored paths', () => {
  const paths = fc.array(fc.array(arbitraryKey, { minLength: 1, maxLength: 3 }), { maxLength: 3 });

  test('members at ignored paths stay as they are, on any target', () => {
    fc.assert(
      fc.property(arbitraryEdit, arbitraryObject, paths, ({ base, theirs }, target, ignore) => {
        const patched = applyPatch(target, diffJson(base, theirs, { ignore }));
        for (const path of ignore) expect(textAt(patched, path)).toBe(textAt(target, path));
      }),
      THOROUGH,
    );
  });

  test('ignored paths do not keep the rest from becoming theirs', () => {
    fc.assert(
      fc.property(arbitraryEdit, arbitraryKey, ({ base, theirs }, key) => {
        const patched = applyPatch(base, diffJson(base, theirs, { ignore: [[key]] }));
        expect(printJson(withoutMember(patched, key))).toBe(printJson(withoutMember(theirs, key)));
      }),
      THOROUGH,
    );
  });

  test.each<[string, string, string, string, string]>([
    ['a removed parent loses only the rest', '{"u":{"used":1,"x":2}}', '{}', 'u.used', '{"u":{"used":1}}'],
    ['a new parent comes without it', '{"z":1}', '{"u":{"used":5,"x":2},"z":1}', 'u.used', '{"u":{"x":2},"z":1}'],
    ['a number in place of the parent counts as {}', '{"u":{"used":1,"x":2}}', '{"u":5}', 'u.used', '{"u":{"used":1}}'],
    ['its place among the others is taken over', '{"a":1,"used":1}', '{"used":9,"a":1}', 'used', '{"used":1,"a":1}'],
  ])('with an ignored path, %s', (_, base, theirs, path, expected) => {
    const patch = diffJson(object(base), object(theirs), { ignore: [path.split('.')] });
    expect(printJsonLine(applyPatch(object(base), patch))).toBe(expected);
  });
});

describe('a patch', () => {
  test.each<[string, string, string, JsonPatch]>([
    [
      'names only what changed',
      '{"a":{"x":1,"y":2},"b":3}',
      '{"a":{"x":1,"y":4},"b":3}',
      [{ path: ['a', 'y'], set: '4' }],
    ],
    ['keeps the spelling of a number', '{"a":1}', '{"a":1.0}', [{ path: ['a'], set: '1.0' }]],
    ['takes an array as a whole', '{"a":[1,{"b":2}]}', '{"a":[1,{"b":3}]}', [{ path: ['a'], set: '[1,{"b":3}]' }]],
    [
      'sees a change of order inside an array',
      '{"a":[{"b":1,"c":2}]}',
      '{"a":[{"c":2,"b":1}]}',
      [{ path: ['a'], set: '[{"c":2,"b":1}]' }],
    ],
    ['needs no order for a member at the end', '{"a":1}', '{"a":1,"b":2}', [{ path: ['b'], set: '2' }]],
    [
      'gives the order for one that is not',
      '{"a":1}',
      '{"b":2,"a":1}',
      [
        { path: ['b'], set: '2' },
        { path: [], order: ['b', 'a'] },
      ],
    ],
    [
      'knows a key named __proto__',
      '{"__proto__":{"x":1}}',
      '{"__proto__":{}}',
      [{ path: ['__proto__', 'x'], remove: true }],
    ],
  ])('a patch %s', (_, base, theirs, patch) => {
    expect(diffJson(object(base), object(theirs))).toStrictEqual(patch);
  });

  test.each<[string, string, string, string, string]>([
    ['a missing parent is made', '{"a":{"b":{"c":1}}}', '{"a":{"b":{"c":2}}}', '{}', '{"a":{"b":{"c":2}}}'],
    [
      'a parent that became a number is replaced',
      '{"a":{"b":1}}',
      '{"a":{"b":2}}',
      '{"a":7,"z":0}',
      '{"a":{"b":2},"z":0}',
    ],
    ['a removal of what is gone does nothing', '{"a":{"b":1}}', '{"a":{}}', '{"a":7}', '{"a":7}'],
    ['an order skips what is gone', '{"a":1,"b":2,"c":3}', '{"c":3,"b":2,"a":1}', '{"a":1,"c":3}', '{"c":3,"a":1}'],
    [
      'our new member stays where it was',
      '{"a":1,"b":2}',
      '{"n":0,"a":1,"b":2}',
      '{"a":1,"o":5,"b":2}',
      '{"n":0,"a":1,"o":5,"b":2}',
    ],
    ['a removed and a changed member both hold', '{"a":1,"b":2}', '{"b":2}', '{"a":1,"b":3.0}', '{"b":3.0}'],
  ])('on a target that has changed, %s', (_, base, theirs, ours, expected) => {
    expect(printJsonLine(applyPatch(object(ours), diffJson(object(base), object(theirs))))).toBe(expected);
  });

  test('a patch leaves the parts that it does not reach the very same', () => {
    const base = object('{"a":{"x":1},"b":[1],"c":{"d":{"e":1},"f":{"g":1}}}');
    const patched = applyPatch(base, diffJson(base, object('{"a":{"x":1},"b":[1],"c":{"d":{"e":2},"f":{"g":1}}}')));
    expect(getMember(patched, 'a')).toBe(getMember(base, 'a'));
    expect(getMember(patched, 'b')).toBe(getMember(base, 'b'));
    expect(nodeAt(patched, ['c', 'f'])).toBe(nodeAt(base, ['c', 'f']));
  });

  test('a patch with an empty path sets and removes nothing', () => {
    const target = object('{"":1,"a":2}');
    const patched = applyPatch(target, [
      { path: [], set: '3' },
      { path: [], remove: true },
    ]);
    expect(printJsonLine(patched)).toBe('{"":1,"a":2}');
  });
});

function arbitraryMix(document: JsonObject): fc.Arbitrary<JsonObject> {
  const kept = fc.oneof(fc.shuffledSubarray([...document.entries]), fc.subarray([...document.entries]));
  const added = fc.array(fc.tuple(arbitraryKey, arbitraryNode, fc.nat(7)), { maxLength: 3 });
  return fc.tuple(kept, added).map(([entries, extras]) => {
    const list = [...entries];
    for (const [key, value, place] of extras) list.splice(place, 0, [key, value]);
    return { kind: 'object', entries: [...new Map(list)] };
  });
}

/** The document with these members, and those of its `shared`, as they are in the other: changed, added or gone. */
function takeMembers(document: JsonObject, other: JsonObject, keys: readonly string[]): JsonObject {
  const shared = takeOwn(sharedOf(document), sharedOf(other), keys);
  return withMember(takeOwn(document, other, keys), 'shared', shared);
}

function takeOwn(document: JsonObject, other: JsonObject, keys: readonly string[]): JsonObject {
  return keys.reduce((result, key) => {
    const value = getMember(other, key);
    return value ? withMember(result, key, value) : withoutMember(result, key);
  }, document);
}

function sharedOf(document: JsonObject): JsonObject {
  return getMember(document, 'shared') as JsonObject;
}

function nodeAt(document: JsonNode, path: readonly string[]): JsonNode | undefined {
  return path.reduce<JsonNode | undefined>(
    (node, key) => (node?.kind === 'object' ? getMember(node, key) : undefined),
    document,
  );
}

function textAt(document: JsonObject, path: readonly string[]): string | undefined {
  const node = nodeAt(document, path);
  return node && printJson(node);
}

function object(text: string): JsonObject {
  return parseJson(text) as JsonObject;
}
