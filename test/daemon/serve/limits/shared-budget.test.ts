import { describe, expect, test } from 'vitest';
import { giveBack, SharedBudget } from '../../../../src/daemon/serve/limits/shared-budget.ts';

/** A budget of 100 bytes, shares by name, and who had to give up, in order. */
function budget() {
  let nowMs = 0;
  const gaveUp: string[] = [];
  const shared = new SharedBudget(100, () => nowMs);
  const shares = new Map<string, ReturnType<SharedBudget['share']>>();
  const hold = (name: string, bytes: number) => {
    if (!shares.has(name)) {
      shares.set(
        name,
        shared.share(() => gaveUp.push(name)),
      );
    }
    shares.get(name)!.hold(bytes);
    nowMs++;
  };
  return { shared, gaveUp, hold };
}

describe('a budget that all share', () => {
  test.each<[string, [name: string, bytes: number][], string[], number]>([
    [
      'takes nothing from anybody up to it',
      [
        ['a', 60],
        ['b', 40],
      ],
      [],
      100,
    ],
    [
      'takes from whoever has held as much for longest',
      [
        ['a', 40],
        ['b', 40],
        ['c', 40],
      ],
      ['a'],
      80,
    ],
    [
      'spares one that holds little for long',
      [
        ['a', 1],
        ['b', 50],
        ['c', 30],
        ['d', 30],
      ],
      ['b'],
      61,
    ],
    [
      'spares one that is sending much just now',
      [
        ['a', 40],
        ['b', 20],
        ['b', 40],
        ['b', 70],
      ],
      ['a'],
      70,
    ],
    [
      'takes from several where one is not enough',
      [
        ['a', 30],
        ['b', 30],
        ['c', 40],
        ['d', 90],
      ],
      ['a', 'b', 'c'],
      90,
    ],
    [
      'counts no more what was given up',
      [
        ['a', 60],
        ['b', 60],
        ['a', 0],
        ['c', 40],
      ],
      ['a'],
      100,
    ],
    [
      'begins anew with one that holds again',
      [
        ['a', 60],
        ['a', 0],
        ['b', 50],
        ['a', 60],
      ],
      ['b'],
      60,
    ],
    [
      'leaves a single one all of it and more',
      [
        ['a', 99],
        ['a', 101],
        ['a', 500],
      ],
      [],
      500,
    ],
    [
      'and takes it as soon as there is another',
      [
        ['a', 500],
        ['b', 1],
      ],
      ['a'],
      1,
    ],
  ])('%s', (_, steps, gaveUp, heldBytes) => {
    const { shared, gaveUp: given, hold } = budget();

    for (const [name, bytes] of steps) hold(name, bytes);

    expect(given).toEqual(gaveUp);
    expect(shared.heldBytes).toBe(heldBytes);
  });
});

test('memory is given back at once, but not what others may still read', () => {
  const own = new Uint8Array(100);
  const [part, rest] = [new Uint8Array(own.buffer.slice(0)), new Uint8Array(100)];
  const view = rest.subarray(10);

  giveBack([part, view, new Uint8Array()]);

  expect(part.byteLength).toBe(0);
  expect(view.byteLength).toBe(90);
  expect(own.byteLength).toBe(100);
});
