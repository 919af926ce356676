import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FigureEntry, usedOf } from '../../../../src/daemon/rules/figures/fold.ts';
import { packState, unpackState } from '../../../../src/daemon/rules/figures/packed.ts';
import { histories } from '../../../support/worlds/histories.ts';
import { fold } from './notation.ts';

type Reading = FigureEntry & { readonly kind: 'reading' };

/** Readings of a budget that adds up, which begins anew at some of the places; the first figure of all comes before. */
function addedHistories(kinds: readonly string[]): fc.Arbitrary<readonly Reading[]> {
  return fc.tuple(histories(30), fc.array(fc.nat(30), { maxLength: 3 })).map(([entries, resets]) => {
    const readings = entries.filter((entry) => entry.kind === 'reading' && kinds.includes(entry.reading.sync_type));
    const startMs = Date.UTC(2025, 9, 1);
    const first = readingOf('first', 'manual', 350_000, startMs);
    return [first, ...(readings as Reading[])].flatMap((entry, place): Reading[] => {
      // What a person reads while a source feeds the budget sets the figure, and is no sum.
      const { feeds: _, ...offered } = entry;
      const added = { ...offered, adds: true } as const;
      const reset = readingOf(`period:${place}`, 'period', 0, entry.committedMs);
      return resets.includes(place) ? [added, reset] : [added];
    });
  });
}

function readingOf(id: string, sync_type: 'manual' | 'period', value: number, atMs: number): Reading {
  const reading = { id, sync_type, value, unit: 1, conversation_id: '', atMs, dated: sync_type === 'period' };
  return { kind: 'reading', committedMs: atMs, reading, adds: true };
}

describe('a budget that adds up', () => {
  test('used is the sum of what counts of the time since the last reset', () => {
    fc.assert(
      fc.property(addedHistories(['manual', 'auto', 'estimate', 'import', 'live']), (entries) => {
        const { figures, counted, outcomes } = fold(entries);
        const last = entries.findLastIndex(({ reading }) => reading.sync_type === 'period');
        const isFirst = (place: number) => outcomes[place]!.flags.first === true;
        // A second first figure says what stood there from the start.
        fc.pre(entries.every((_, place) => place === 0 || !isFirst(place)));
        const sinceMs = last === -1 ? Number.NEGATIVE_INFINITY : entries[last]!.reading.atMs;
        const since = entries.reduce(
          (sum, { reading }, place) => (reading.atMs >= sinceMs ? sum + (counted[place] ?? 0) : sum),
          last === -1 ? 350_000 : 0,
        );
        // An amount that came before the reset and is dated after it is the clock's doing.
        fc.pre(entries.every(({ reading }, place) => place >= last || reading.atMs < sinceMs));
        expect(usedOf(figures)).toBe(since);
      }),
      { numRuns: 500 },
    );
  });

  test('what is counted is the same as of a budget that follows its counter, with resets or without', () => {
    fc.assert(
      fc.property(addedHistories(['manual', 'auto', 'estimate', 'import', 'live']), (entries) => {
        const follows = entries
          .filter(({ reading }) => reading.sync_type !== 'period')
          .map(({ adds: _, ...rest }) => rest);
        const countedBy = (all: readonly Reading[]) => {
          const { counted } = fold(all);
          return new Map(all.map(({ reading }, place) => [reading.id, counted[place]]));
        };
        const added = countedBy(entries);
        for (const [id, counted] of countedBy(follows)) expect([id, added.get(id)]).toEqual([id, counted]);
      }),
      { numRuns: 300 },
    );
  });

  test('an undo leaves what there would be had the reading never been, and every reset', () => {
    fc.assert(
      fc.property(
        addedHistories(['manual', 'auto', 'estimate', 'import', 'correction', 'live']),
        fc.nat(),
        (entries, pick) => {
          const offered = entries.filter(({ reading }) => reading.sync_type !== 'period');
          const undone = offered[pick % offered.length]!.reading.id;
          const left = entries.filter(({ reading }) => reading.id !== undone);
          const { figures, counted } = fold([...entries, { kind: 'undo', undone, committedMs: 0 }]);
          const expected = fold(left);
          expect(usedOf(figures)).toBe(usedOf(expected.figures));
          expect(counted.filter((_, place) => entries[place] && entries[place].reading.id !== undone)).toEqual(
            expected.counted,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a figure is whole and never below 0, and the state comes back from the disk as it was', () => {
    fc.assert(
      fc.property(addedHistories(['manual', 'auto', 'estimate', 'import', 'correction', 'live']), (entries) => {
        const { figures, outcomes } = fold(entries);
        for (const { used, counted } of outcomes) {
          expect([used >= 0, counted >= 0, Number.isInteger(used + counted)]).toEqual([true, true, true]);
        }
        const packed = JSON.stringify(packState(figures.state));
        expect(JSON.stringify(packState(unpackState(JSON.parse(packed))))).toBe(packed);
      }),
    );
  });
});
