import fc from 'fast-check';
import { expect, test } from 'vitest';
import { believedTimes } from '../../../src/daemon/rules/clock.ts';

function believed(times: readonly number[], nowMs: number): number[] {
  return [...believedTimes({ length: times.length, atMs: (place) => times[place]! }, nowMs)];
}

test.each([
  ['that was right is believed', [1, 2, 2, 5], 9, [1, 2, 2, 5]],
  ['that ran ahead dates nothing after what came later', [1, 90, 2, 3], 5, [1, 2, 2, 3]],
  ['that ran ahead for several dates none of them after what came later', [1, 90, 91, 92, 2, 3], 5, [1, 2, 2, 2, 2, 3]],
  ['that ran ahead long ago does so still', [1, 90, 2, 3, 95], 99, [1, 2, 2, 3, 95]],
  ['that runs ahead and has just been set back dates nothing in the future', [1, 90, 91], 5, [1, 5, 5]],
  ['that fell behind moves nothing else', [9, 10, 11, 1, 2, 12, 13], 20, [9, 10, 11, 11, 11, 12, 13]],
  ['that fell behind last is believed of now', [10, 11, 1], 20, [10, 11, 11]],
  ['of which two tell as much is believed where it was set right', [90, 3], 99, [3, 3]],
  ['of nothing dates nothing', [], 5, []],
])('a clock %s', (_, times, nowMs, expected) => {
  expect(believed(times, nowMs)).toEqual(expected);
});

test('believed times never fall, never lie in the future, and are their own where all agree', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 30 }), fc.nat(50), (times, nowMs) => {
      const told = believed(times, nowMs);
      expect(told).toEqual(told.toSorted((one, other) => one - other));
      expect(told.every((time) => time <= nowMs)).toBe(true);
      const sorted = times.filter((time) => time <= nowMs).toSorted((one, other) => one - other);
      expect(believed(sorted, nowMs)).toEqual(sorted);
    }),
  );
});
