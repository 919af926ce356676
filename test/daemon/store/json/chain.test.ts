import { expect, test } from 'vitest';
import { Chain } from '../../../../src/daemon/store/json/chain.ts';

const ALL = Number.POSITIVE_INFINITY;

test.each<[string, string[], [key: string, before: string | null][], string[]]>([
  ['before one that is there', ['a', 'b'], [['n', 'b']], ['a', 'n', 'b']],
  [
    'before one that has just come',
    ['a', 'b'],
    [
      ['n', 'b'],
      ['m', 'n'],
    ],
    ['a', 'm', 'n', 'b'],
  ],
  [
    'between that and the one before which it came',
    ['a', 'b'],
    [
      ['n', 'b'],
      ['m', 'b'],
    ],
    ['a', 'n', 'm', 'b'],
  ],
  [
    'at the end',
    ['a'],
    [
      ['n', null],
      ['m', null],
    ],
    ['a', 'n', 'm'],
  ],
  [
    'on top where there is no such one',
    ['a'],
    [
      ['n', 'gone'],
      ['m', 'gone'],
    ],
    ['m', 'n', 'a'],
  ],
  [
    'into nothing',
    [],
    [
      ['n', 'gone'],
      ['m', null],
    ],
    ['n', 'm'],
  ],
  [
    'before the first of two with one key',
    ['a', 'b'],
    [
      ['n', 'b'],
      ['n', 'a'],
      ['m', 'n'],
    ],
    ['m', 'n', 'a', 'n', 'b'],
  ],
  [
    'before the first of two, of which the second came later',
    ['a', 'b'],
    [
      ['n', 'a'],
      ['n', 'b'],
      ['m', 'n'],
    ],
    ['m', 'n', 'a', 'n', 'b'],
  ],
])('an item added to a chain is put %s', (_, list, added, expected) => {
  const chain = new Chain(list.map((key) => [key, key] as const));

  for (const [key, before] of added) chain.add(key, key, before);

  expect(chain.first(ALL)).toEqual(expected);
  expect(chain.first(2)).toEqual(expected.slice(0, 2));
});
