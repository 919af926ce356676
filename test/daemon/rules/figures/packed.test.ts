import { expect, test } from 'vitest';
import { NO_STATE, type State } from '../../../../src/daemon/rules/figures/fold.ts';
import { packState, unpackState } from '../../../../src/daemon/rules/figures/packed.ts';
import { entriesOf, fold } from './notation.ts';

function stateAfter(text: string): State {
  return fold(entriesOf(text)).figures.state;
}

/** The number of estimates listed for each line in a packed world. */
function listed(world: ReturnType<typeof packState>['world'] | undefined) {
  return world?.lines.map(([name, line]) => [name, line?.estimates.length]);
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
  for (const earlier of states) {
    for (const state of states) expect(unpackState(earlier, packState(earlier, state))).toEqual(state);
  }
});

test('an estimate that both worlds hold is listed once', () => {
  const estimates = Array.from({ length: 50 }, () => 'e10').join(' ');
  const packed = packState(NO_STATE, stateAfter(`m350000 e1 e2 m351000 ${estimates}`));
  expect([listed(packed.world), listed(packed.without)]).toEqual([[['', 50]], [['', 2]]]);
});
