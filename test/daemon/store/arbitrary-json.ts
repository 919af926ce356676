import fc from 'fast-check';
import type { JsonNode, JsonObject } from '../../../src/daemon/store/json/json-tree.ts';

const AWKWARD_KEYS = ['__proto__', 'constructor', '10', '2', '', 'a', 'b', '键', '"\\\n', '\ud800'];
const AWKWARD_STRINGS = ['"\\/\b\n\u0000', '\u2028\u007f', 'x\udc00', '\ud800'.repeat(70), '完成✅'];
const SPELLINGS = ['0', '-0', '-0.0', '1', '1.0', '1e3', '1E+3', '12345678901234567890', '1e999', 'true', 'null'];

/** Keys from a small set, so that two generated objects have members in common. */
export const arbitraryKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...AWKWARD_KEYS),
  fc.string({ maxLength: 3 }),
);

const trees = fc.letrec<{ node: JsonNode; object: JsonObject }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...SPELLINGS).map((text) => ({ kind: 'literal' as const, text })),
    fc.string({ unit: 'binary', maxLength: 80 }).map((value) => ({ kind: 'string' as const, value })),
    fc.constantFrom(...AWKWARD_STRINGS).map((value) => ({ kind: 'string' as const, value })),
    fc.array(tie('node'), { maxLength: 4 }).map((items) => ({ kind: 'array' as const, items })),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(arbitraryKey, tie('node')), { maxLength: 7, selector: ([key]) => key })
    .map((entries) => ({ kind: 'object' as const, entries })),
}));

/** Any document, with the keys and the spellings that plain objects and doubles cannot hold. */
export const arbitraryNode: fc.Arbitrary<JsonNode> = trees.node;

/** Any document whose root is an object. */
export const arbitraryObject: fc.Arbitrary<JsonObject> = trees.object;
