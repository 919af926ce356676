import { deserialize, serialize } from 'node:v8';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromFlatBytes, toFlatBytes } from '../../../../../src/daemon/store/index/columns/flat-bytes.ts';

const arrays = fc.oneof(
  fc.uint8Array(),
  fc.uint16Array(),
  fc.uint32Array(),
  fc.float64Array(),
  fc.uint16Array().map((array) => array.subarray(1)),
);

test('flat bytes give back whatever went in, with arrays of every length beside each other', () => {
  const values = fc.record({ name: fc.string(), from: fc.double(), arrays: fc.array(arrays), nested: fc.object() });
  fc.assert(
    fc.property(values, (value) => {
      expect(fromFlatBytes(toFlatBytes(value))).toEqual(deserialize(serialize(value)));
    }),
  );
});

test('arrays lie in the bytes that were read, so that they cost nothing of their own', () => {
  const bytes = toFlatBytes([new Uint8Array(3), new Float64Array(1_000)]);
  for (const array of fromFlatBytes(bytes) as Uint8Array[]) expect(array.buffer).toBe(bytes.buffer);
});
