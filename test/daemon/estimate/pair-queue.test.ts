import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPairQueue } from '../../../src/daemon/estimate/pair-queue.ts';

const POSITIONS = 12;

test('gives the lowest rank first and of equal ones the leftmost, in whatever order pairs come and go', () => {
  // An act adds a pair at a position that has none, removes the one it has, or, without a rank, takes the first.
  const act = fc.record({ position: fc.nat(POSITIONS - 1), rank: fc.option(fc.nat(3)) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const queue = createPairQueue(POSITIONS);
      const waiting = new Map<number, number>();
      for (const { position, rank } of acts) {
        const present = waiting.get(position);
        if (rank === null) {
          expect(queue.takeFirst()).toBe(takeFirstOf(waiting));
        } else if (present === undefined) {
          queue.add(rank, position);
          waiting.set(position, rank);
        } else {
          queue.remove(present, position);
          waiting.delete(position);
        }
      }
      while (waiting.size > 0) expect(queue.takeFirst()).toBe(takeFirstOf(waiting));
      expect(queue.takeFirst()).toBe(-1);
    }),
    { numRuns: 500 },
  );
});

function takeFirstOf(waiting: Map<number, number>): number {
  const [first] = [...waiting].sort(([position, rank], [other, otherRank]) => rank - otherRank || position - other);
  if (!first) return -1;
  waiting.delete(first[0]);
  return first[0];
}
