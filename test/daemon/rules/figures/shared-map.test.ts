import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  differences,
  EMPTY_MAP,
  type SharedMap,
  valueAt,
  withValue,
} from '../../../../src/daemon/rules/figures/shared-map.ts';

const changes = fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant('__proto__')), fc.option(fc.nat())), {
  maxLength: 300,
});

test('a shared map holds what a map holds, whatever comes and goes, and the ones before it stay as they were', () => {
  fc.assert(
    fc.property(changes, changes, (first, second) => {
      const plain = new Map<string, number>();
      let shared: SharedMap<number> = EMPTY_MAP;
      const apply = ([key, value]: readonly [string, number | null]) => {
        if (value === null) plain.delete(key);
        else plain.set(key, value);
        shared = withValue(shared, key, value ?? undefined);
      };
      first.forEach(apply);
      const [before, was] = [shared, new Map(plain)];
      second.forEach(apply);

      expect(new Map(differences(EMPTY_MAP, shared))).toEqual(plain);
      expect(new Map(differences(EMPTY_MAP, before))).toEqual(was);
      for (const [key, value] of plain) expect(valueAt(shared, key)).toBe(value);
      let again: SharedMap<number> = before;
      for (const [key, value] of differences(before, shared)) again = withValue(again, key, value);
      expect(new Map(differences(EMPTY_MAP, again))).toEqual(plain);
    }),
    { seed: 7, numRuns: 200 },
  );
});
