import { describe, expect, test } from 'vitest';
import { Lineage } from '../../../../src/daemon/meters/forms/codex-lineage.ts';
import { CodexRollout, isMisrooted } from '../../../../src/daemon/meters/forms/codex-rollout.ts';
import { cellsOf, countsOf, totalOf } from './cells.ts';
import {
  agentOf,
  bytes,
  event,
  FIRST,
  forkOf,
  meta,
  NOW_MS,
  observationsOf,
  readRollout,
  SECOND,
  tokenCount,
  turn,
  usage,
} from './codex-lines.ts';

describe('forks of Codex', () => {
  const later = (line: object) => ({ ...line, timestamp: '2026-09-20T11:59:00.000Z' });
  const parent = [meta('parent'), FIRST, FIRST, SECOND];
  const own = event(usage(500), usage(3500, 1300, 300, 90));
  const fork = [meta('fork', forkOf('parent')), meta('parent'), ...[FIRST, FIRST, SECOND].map(later), own];

  test('a fork that repeats its parent with other times counts its own events only', () => {
    const lineage = new Lineage();
    const cells = [parent, fork].map((lines) => cellsOf(observationsOf(lines, { lineage })));
    expect(totalOf(cells[0]!)).toBe(3300);
    expect(totalOf(new Map([...cells[0]!, ...cells[1]!]))).toBe(3800);
  });

  test('a fork whose parent is gone counts all of it once, like any other fork of that parent', () => {
    const other = [meta('other', forkOf('parent')), ...[FIRST, FIRST, SECOND].map(later)];
    const lineage = new Lineage();
    expect(totalOf(cellsOf([fork, other].flatMap((lines) => observationsOf(lines, { lineage }))))).toBe(3800);
  });

  test('a sub-agent that repeats its parent counts its own events only', () => {
    const agent = [meta('agent', agentOf('parent')), FIRST, FIRST, SECOND, own];
    const lineage = new Lineage();
    expect(totalOf(cellsOf([agent, parent].flatMap((lines) => observationsOf(lines, { lineage }))))).toBe(3800);
  });

  test('conversations that have nothing to do with each other count both, though their figures are equal', () => {
    const stranger = [meta('stranger'), FIRST, FIRST, SECOND];
    expect(totalOf(cellsOf([parent, stranger].flatMap((lines) => observationsOf(lines))))).toBe(6600);
  });

  test.each<[string, object, number]>([
    ['usage and total', event(usage(2001), usage(3101)), 2001],
    ['its total alone', event(usage(2000, 900, 200, 60), usage(2900, 1300, 300, 90)), 2100],
    ['its usage alone', event(usage(2001, 900, 200, 60), usage(3000, 1300, 300, 90)), 2200],
  ])('two forks whose last event differs in %s share what lies before it only', (_, last, size) => {
    const other = [meta('other', forkOf('parent')), FIRST, FIRST, last];
    expect(totalOf(cellsOf([parent, other].flatMap((lines) => observationsOf(lines))))).toBe(1100 + 2200 + size);
  });

  test('forks that parted share nothing any more, though an event of both is equal', () => {
    const forkWith = (id: string, size: number) => [
      meta(id, forkOf('parent')),
      FIRST,
      event(usage(size), undefined),
      event(usage(7), undefined),
    ];
    const observations = [forkWith('a', 5), forkWith('b', 6)].flatMap((lines) => observationsOf(lines));
    expect(totalOf(cellsOf(observations))).toBe(1100 + 5 + 7 + 6 + 7);
  });

  test('a fork tells every link that its ancestors’ lines hold, and is the conversation of its first line', () => {
    const lines = [meta('c', forkOf('b')), meta('b', forkOf('a')), meta('a'), FIRST];
    const { rollout, findings } = readRollout(lines);
    expect(findings.flatMap(({ link }) => link ?? [])).toEqual([
      { child: 'c', parent: 'b' },
      { child: 'b', parent: 'a' },
    ]);
    expect(rollout.state).toMatchObject({ session: 'c', root: 'a', folder: '/home/ada/project' });
  });

  test('the folder is that of the conversation itself, not of an ancestor', () => {
    const lines = [meta('b', { ...forkOf('a'), cwd: '/b' }), meta('a', { cwd: '/a' }), FIRST];
    expect(countsOf(observationsOf(lines))[0]).toMatchObject({ conversation: 'b', folder: '/b' });
  });

  test('what names a conversation after the first count changes neither conversation nor root', () => {
    const { rollout, findings } = readRollout([
      meta('a'),
      FIRST,
      meta('b', forkOf('z')),
      meta('a', forkOf('z')),
      SECOND,
    ]);
    expect(rollout.state).toMatchObject({ session: 'a', root: 'a' });
    expect(findings.flatMap(({ link }) => link ?? [])).toEqual([]);
  });

  test('a link that becomes known after a file was counted under a root too low says so of that file alone', () => {
    const lineage = new Lineage();
    const child = readRollout([meta('c', forkOf('b')), FIRST], { lineage }).rollout.state;
    const stranger = readRollout([meta('x'), FIRST], { lineage }).rollout.state;
    expect([child.root, isMisrooted(child, lineage)]).toEqual(['b', false]);
    readRollout([meta('b', forkOf('a'))], { lineage });
    expect([isMisrooted(child, lineage), isMisrooted(stranger, lineage)]).toEqual([true, false]);
    expect(readRollout([meta('c', forkOf('b')), FIRST], { lineage }).rollout.state.root).toBe('a');
  });

  test('a file that goes on after such a link stays under the root that it began with, until it is read anew', () => {
    const lineage = new Lineage();
    const { rollout } = readRollout([meta('c', forkOf('b')), FIRST], { lineage });
    lineage.learn({ child: 'b', parent: 'a' });
    rollout.take(bytes(SECOND), NOW_MS);
    expect([rollout.state.root, isMisrooted(rollout.state, lineage)]).toEqual(['b', true]);
  });

  test('a file without a count is never under a wrong root', () => {
    const { state } = readRollout([meta('c', forkOf('b'))]).rollout;
    expect(isMisrooted(state, new Lineage([{ child: 'c', parent: 'a' }]))).toBe(false);
  });

  test('a fork is preferred to the conversation that started it, and a link to itself is none', () => {
    const both = { ...forkOf('forked'), ...agentOf('started') };
    const links = (lines: object[]) => readRollout(lines).findings.flatMap(({ link }) => link ?? []);
    expect(links([meta('c', both)])).toEqual([{ child: 'c', parent: 'forked' }]);
    expect(links([meta('c', forkOf('c'))])).toEqual([]);
    expect(links([meta('c', { source: { subagent: 'review' } })])).toEqual([]);
    expect(links([meta('c', { forked_from_id: null, source: 'cli' })])).toEqual([]);
  });

  test('a file that does not tell its conversation is one by itself, and its copies are the same', () => {
    const lines = [FIRST, SECOND];
    const [one, copy, other] = ['head-1', 'head-1', 'head-2'].map((fallbackId) =>
      observationsOf(lines, { fallbackId }),
    );
    expect(countsOf(one!)[0]?.conversation).toBe('head-1');
    expect(totalOf(cellsOf([...one!, ...copy!]))).toBe(3300);
    expect(totalOf(cellsOf([...one!, ...other!]))).toBe(6600);
  });
});

describe('the state of a rollout', () => {
  const lines = [
    meta('c', forkOf('b')),
    turn('one'),
    FIRST,
    FIRST,
    event(usage(7), null),
    SECOND,
    tokenCount(null),
    SECOND,
  ];

  test('a reader that stops after any line and goes on from its state as JSON tells the same', () => {
    const whole = observationsOf(lines);
    for (let stop = 0; stop <= lines.length; stop += 1) {
      const lineage = new Lineage();
      const begun = readRollout(lines.slice(0, stop), { lineage });
      const kept: unknown = JSON.parse(JSON.stringify(begun.rollout.state));
      const resumed = CodexRollout.resume('head', lineage, kept)!;
      const rest = lines.slice(stop).map((line) => resumed.take(bytes(line), NOW_MS));
      expect([...begun.findings, ...rest].flatMap(({ observations }) => observations)).toEqual(whole);
    }
  });

  test.each<[unknown]>([[undefined], [null], [{}], [{ form: 0, heads: [] }], ['state'], [[]]])(
    'a state of another form, %j, is not gone on with',
    (kept) => {
      expect(CodexRollout.resume('head', new Lineage(), kept)).toBeUndefined();
    },
  );
});
