import { describe, expect, test } from 'vitest';
import { Lineage } from '../../../../src/daemon/meters/forms/codex-lineage.ts';
import type { Link } from '../../../../src/daemon/meters/observation.ts';

const link = (child: string, parent: string): Link => ({ child, parent });

describe('the root of a conversation', () => {
  test.each<[string, Link[], string, string]>([
    ['without a link it is its own', [], 'a', 'a'],
    ['it is the parent', [link('b', 'a')], 'b', 'a'],
    ['it is a parent whose file nobody has read', [link('c', 'gone')], 'c', 'gone'],
    ['it is the oldest ancestor', [link('c', 'b'), link('b', 'a')], 'c', 'a'],
    ['a link to itself is none', [link('a', 'a')], 'a', 'a'],
    ['of a circle it is the smallest, entered at one side', [link('b', 'c'), link('c', 'b')], 'b', 'b'],
    ['of a circle it is the smallest, entered at the other', [link('b', 'c'), link('c', 'b')], 'c', 'b'],
    ['of one that leads into a circle too', [link('x', 'c'), link('b', 'c'), link('c', 'b')], 'x', 'b'],
    ['names like those of every object are names', [link('__proto__', 'constructor')], '__proto__', 'constructor'],
    ['a name like that of every object has no parent by itself', [], 'constructor', 'constructor'],
  ])('%s', (_, links, conversation, root) => {
    expect(new Lineage(links).rootOf(conversation)).toBe(root);
    expect(new Lineage([...links].reverse()).rootOf(conversation)).toBe(root);
  });

  test('a long line of forks has its first as root', () => {
    const links = Array.from({ length: 20_000 }, (_, index) => link(`s${index + 1}`, `s${index}`));
    expect(new Lineage(links).rootOf('s20000')).toBe('s0');
  });

  test('of two parents that are told for one child the same stands in both orders', () => {
    const links = [link('c', 'b'), link('c', 'a')];
    expect(new Lineage(links).rootOf('c')).toBe('a');
    expect(new Lineage([...links].reverse()).rootOf('c')).toBe('a');
  });

  test('a link is new once', () => {
    const lineage = new Lineage();
    expect([lineage.learn(link('b', 'a')), lineage.learn(link('b', 'a')), lineage.learn(link('c', 'c'))]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
