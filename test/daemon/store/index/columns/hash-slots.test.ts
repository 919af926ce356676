import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HashSlots, NO_HASH } from '../../../../../src/daemon/store/index/columns/hash-slots.ts';

test('every entry is found by its hash, the first of equal ones first, however the search and the additions take turns', () => {
  const hashes = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 - 1 }), fc.nat()),
    { maxLength: 600 },
  );
  fc.assert(
    fc.property(hashes, fc.integer({ min: 1, max: 200 }), (all, step) => {
      const slots = new HashSlots((ordinal) => all[ordinal]!);
      for (let length = 0; length < all.length + step; length += step) {
        const known = all.slice(0, length);
        for (const hash of new Set(known)) {
          if (hash === NO_HASH) continue;
          const expected = known.flatMap((other, ordinal) => (other === hash ? [ordinal] : []));
          expect(slots.candidates(hash, known.length)).toEqual(expected);
        }
        expect(slots.candidates(123_456_789_012 % 2 ** 32, known.length).length).toBeLessThan(2);
      }
    }),
    { numRuns: 60 },
  );
});

test('hash slots find nothing where nothing was added', () => {
  expect(new HashSlots(() => 1).candidates(1, 0)).toEqual([]);
});
