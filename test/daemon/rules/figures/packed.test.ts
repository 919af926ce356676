import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FigureEntry,
  type Figures,
  figuresOf,
  foldEntries,
  foldEntry,
  NO_STATE,
  type State,
} from '../../../../src/daemon/rules/figures/fold.ts';
import { type PackedState, packState, unpackState } from '../../../../src/daemon/rules/figures/packed.ts';
import { histories } from './histories.ts';
import { entriesOf, fold } from './notation.ts';

function stateAfter(text: string): State {
  return fold(entriesOf(text)).figures.state;
}

/** As it comes back from a line of the ledger. */
function kept(state: State): PackedState {
  return JSON.parse(JSON.stringify(packState(state)));
}

/** The number of estimates listed for each line in a packed world. */
function listed(world: PackedState['world'] | undefined) {
  return world?.lines.map(([name, line]) => [name, line?.estimates?.length ?? 0]);
}

test.each([
  ['no figure', 'e5 e6'],
  ['estimates that the last figure left', 'm350000 e5 e6 m350000 e7 e8'],
  ['estimates that waited for a name', 'm350000 e5#A e6#A m20000#A e7#A'],
  ['a name that the counter took over', 'm350000 e5 m360000#A e6#A e7'],
  ['a slip', 'm350000 e5 m36000 e6 m360000′ e7'],
  ['a correction', 'm350000 e9000 m360000 e6 c355000 e7 e8'],
  ['conversations', 'm350000#A e1#A e2#B m20000#B e3#A e4#B m352000#A e5#B'],
])('what was packed comes back whole: %s', (_, text) => {
  const words = text.split(' ');
  const states = [NO_STATE, ...words.map((_word, index) => stateAfter(words.slice(0, index + 1).join(' ')))];
  for (const state of states) expect(unpackState(kept(state))).toEqual(state);
});

test('an estimate that both worlds hold is listed once', () => {
  const estimates = Array.from({ length: 50 }, () => 'e10').join(' ');
  const packed = packState(stateAfter(`m350000 e1 e2 m351000 ${estimates}`));
  expect([listed(packed.world), listed(packed.without)]).toEqual([[['', 50]], [['', 2]]]);
});

/** What each entry comes to, and the state behind it. */
function told(entries: readonly FigureEntry[], from: Figures) {
  let figures = from;
  const outcomes = entries.map((entry) => {
    const next = foldEntry(figures, entry);
    figures = next.figures;
    return { outcome: next.outcome, packed: packState(figures.state) };
  });
  return { outcomes, figures };
}

test('what was packed goes on as if it had never been packed, and undoes what came since', () => {
  fc.assert(
    fc.property(histories, fc.nat(40), (entries, cut) => {
      const before = foldEntries(entries.slice(0, cut));
      const since = entries.slice(cut);
      const straight = told(since, before);
      const again = told(since, figuresOf(unpackState(kept(before.state))));
      expect(again.outcomes).toEqual(straight.outcomes);
      expect(again.figures.state).toEqual(straight.figures.state);
      const undos = since
        .flatMap((entry) => (entry.kind === 'reading' ? [entry.reading.id] : []))
        .reverse()
        .map((undone) => ({ kind: 'undo', undone, committedMs: 0 }) as const);
      expect(told(undos, again.figures).outcomes).toEqual(told(undos, straight.figures).outcomes);
    }),
  );
});

test('equal states are packed alike, whether they were kept on the way or not', () => {
  fc.assert(
    fc.property(histories, fc.nat(40), (entries, cut) => {
      const halfway = unpackState(kept(foldEntries(entries.slice(0, cut)).state));
      const again = foldEntries(entries.slice(cut), figuresOf(halfway));
      expect(JSON.stringify(packState(again.state))).toBe(JSON.stringify(packState(foldEntries(entries).state)));
    }),
  );
});
