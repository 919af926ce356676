import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  canUndo,
  type FigureEntry,
  foldEntries,
  foldEntry,
  NO_FIGURES,
  standing,
  usedOf,
} from '../../../../src/daemon/rules/figures/fold.ts';
import { histories } from './histories.ts';
import { entriesOf, fold } from './notation.ts';

const runs = { seed: 20_251_118, numRuns: 1_000 };

test('no amount is ever below 0, used is whole, and an exact manual value is what is used', () => {
  const isWhole = (tokens: number) => Number.isSafeInteger(tokens) && tokens >= 0;
  fc.assert(
    fc.property(histories, (entries) => {
      const { outcomes, counted } = fold(entries);
      for (const [index, { used, counted: atFirst, flags, touched }] of outcomes.entries()) {
        expect([used, atFirst, ...touched.map((touch) => touch.counted)].filter((tokens) => !isWhole(tokens))).toEqual(
          [],
        );
        const entry = entries[index]!;
        if (entry.kind !== 'reading' || entry.reading.sync_type !== 'manual' || entry.reading.unit > 1) continue;
        expect(used).toBe(flags.late ? outcomes[index - 1]!.used : entry.reading.value);
      }
      expect(counted.filter((tokens) => tokens !== undefined && !isWhole(tokens))).toEqual([]);
    }),
    runs,
  );
});

test('the difference that a receipt tells leads from one figure to the next, but for a restart, a gauge and what a source told late', () => {
  fc.assert(
    fc.property(histories, (entries) => {
      let before = 0;
      for (const [index, { used, increment, flags }] of fold(entries).outcomes.entries()) {
        const entry = entries[index]!;
        const isFed = entry.kind === 'reading' && entry.reading.isFed;
        const isGauge = entry.kind === 'reading' && entry.reading.sync_type === 'live';
        const isLate = isFed && used === before;
        if (!flags.reset && !isGauge && !isLate) expect(before + increment).toBe(used);
        before = used;
      }
    }),
    runs,
  );
});

test('where nothing is lower than before, what is counted and set aside is what is used', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('m', 'e', 'a', 'c'), fc.nat(5_000)), { maxLength: 20 }), (steps) => {
      let used = 100_000;
      const words = steps.map(([letter, growth]) => {
        used += growth;
        return `${letter}${letter === 'm' || letter === 'c' ? used : growth}`;
      });
      const { figures, outcomes, counted } = fold(entriesOf(['m100000', ...words].join(' ')));
      const setAside = outcomes.reduce((sum, outcome) => sum + outcome.setAside, 0);
      expect(counted.reduce((sum, tokens = 0) => sum! + tokens, 0)! + setAside).toBe(usedOf(figures));
    }),
    runs,
  );
});

test('a correction to the exact figure that was just told changes nothing that is counted', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const at = history.findLastIndex(
        (entry) => entry.kind === 'reading' && entry.reading.sync_type === 'manual' && entry.reading.unit === 1,
      );
      fc.pre(at !== -1);
      const entries = history.slice(0, at + 1);
      const { reading } = entries.at(-1) as FigureEntry & { kind: 'reading' };
      const { outcomes, counted } = fold(entries);
      fc.pre(!outcomes.at(-1)!.flags.late);
      const correction = { ...reading, id: 'c', sync_type: 'correction' as const, conversation_id: '' };
      const after = fold([...entries, { kind: 'reading', reading: correction, committedMs: 0 }]);
      expect(after.counted).toEqual([...counted, 0]);
    }),
    runs,
  );
});

test('an undo leaves exactly what there would be without the reading, whichever it is', () => {
  fc.assert(
    fc.property(histories, fc.array(fc.nat(), { maxLength: 6 }), (history, picks) => {
      // Edits fall with the reading before them, so each undo is looked at by itself.
      const entries: FigureEntry[] = [...history];
      for (const pick of picks) {
        const readings = standing(entries).filter((entry) => entry.kind === 'reading');
        const target = readings[pick % Math.max(1, readings.length)];
        if (target) entries.push({ kind: 'undo', undone: target.reading.id, committedMs: 0 });
        const taken = fold(entries);
        const stands = standing(entries);
        const never = fold(stands);
        expect(taken.figures.state).toEqual(never.figures.state);
        const countedBy = new Map(stands.map((entry, index) => [entry, never.counted[index]]));
        expect(taken.counted).toEqual(entries.map((entry) => countedBy.get(entry)));
      }
    }),
    { ...runs, numRuns: 300 },
  );
});

test('used is again what it was before the reading that is taken back, also where it was edited since', () => {
  fc.assert(
    fc.property(histories, (entries) => {
      const last = entries.findLastIndex(({ kind }) => kind === 'reading');
      fc.pre(last !== -1);
      const entry = entries[last] as FigureEntry & { kind: 'reading' };
      const { outcomes } = fold([...entries, { kind: 'undo', undone: entry.reading.id, committedMs: 0 }]);
      expect(outcomes.at(-1)!.used).toBe(outcomes[last - 1]?.used ?? 0);
    }),
    runs,
  );
});

test('a state that is held takes back some hundred readings and stays small; the entries take back all', () => {
  const readings = entriesOf(
    Array.from({ length: 3_000 }, (_, index) => (index % 3 ? 'e7' : `m${100 * index}`)).join(' '),
  );
  const figures = foldEntries(readings);
  const last = (count: number) => readings.at(-count) as FigureEntry & { kind: 'reading' };

  expect([200, 600].map((count) => canUndo(figures, last(count).reading.id))).toEqual([true, false]);
  const undos = Array.from(
    { length: 2_000 },
    (_, index): FigureEntry => ({
      kind: 'undo',
      undone: last(index + 1).reading.id,
      committedMs: 0,
    }),
  );
  expect(foldEntries([...readings, ...undos]).state).toEqual(foldEntries(readings.slice(0, 1_000)).state);
});

test('what the ledger says was used stands, and the lines follow from the readings', () => {
  // A version without these rules took the coarse value for a restart.
  const [first, coarse, next] = entriesOf('m350400 m350K~ m351000') as (FigureEntry & { kind: 'reading' })[];
  let { figures } = foldEntry(NO_FIGURES, first!);
  figures = foldEntry(figures, { ...coarse!, used: 350_000 }).figures;
  expect(usedOf(figures)).toBe(350_000);
  expect(foldEntry(figures, next!).outcome).toMatchObject({ used: 351_000, increment: 1_000, counted: 600 });
});

test('of some thousand estimates the oldest count for good', () => {
  const texts = `m1000 ${Array.from({ length: 2_001 }, () => 'e1').join(' ')} m1000`;
  const { figures, counted } = fold(entriesOf(texts));
  expect(usedOf(figures)).toBe(1_000);
  expect(counted.reduce((sum, tokens = 0) => sum! + tokens, 0)).toBe(1_000);
});
