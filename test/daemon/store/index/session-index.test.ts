import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChangeClock } from '../../../../src/daemon/store/index/change-clock.ts';
import { lastReading } from '../../../../src/daemon/store/index/latest-readings.ts';
import { type IndexedSession, SessionIndex } from '../../../../src/daemon/store/index/session-index.ts';

/** A session as it is recorded; each has a change of its own. */
type Recorded = Omit<IndexedSession, 'change'>;

function session(atMs: number, more: Partial<Recorded> = {}): Recorded {
  return { id: undefined, line: 0, atMs, dated: false, counted: 1, kind: 'auto', reset: false, ...more };
}

/** A session with a time that its caller named, recorded together with the one before it. */
function add(index: SessionIndex, clock: ChangeClock, recorded: Recorded): void {
  clock.add(recorded.dated ? Math.max(0, clock.lastMs) : recorded.atMs);
  index.add({ ...recorded, change: clock.length - 1 });
}

function clockAndIndexOf(...sessions: readonly Recorded[]) {
  const clock = new ChangeClock();
  const index = new SessionIndex(clock);
  for (const each of sessions) add(index, clock, each);
  return { clock, index };
}

function indexOf(...sessions: readonly Recorded[]): SessionIndex {
  return clockAndIndexOf(...sessions).index;
}

function inOrder(index: SessionIndex): number[] {
  return Array.from({ length: index.length }, (_, rank) => index.byTime(rank));
}

const dated = (atMs: number, more: Partial<Recorded> = {}) => session(atMs, { dated: true, ...more });

describe('the order', () => {
  test.each<[string, Recorded[], number[]]>([
    ['is that of recording while the clock runs', [session(1), session(1), session(2)], [0, 1, 2]],
    ['puts what is dated back where its time belongs', [session(5), session(9), dated(7), dated(1)], [3, 0, 2, 1]],
    ['puts what is dated to one instant in the order of recording', [dated(5), dated(5), session(5)], [0, 1, 2]],
    ['keeps what was recorded last on top when the clock is set back', [session(9), session(3), session(4)], [0, 1, 2]],
    ['does not let a date ahead carry what follows along', [session(1), dated(99), session(2)], [0, 2, 1]],
    ['takes a date before a clock that was set back', [session(9), session(3), dated(4)], [2, 0, 1]],
  ])('the order of sessions %s', (_, sessions, expected) => {
    expect(inOrder(indexOf(...sessions))).toEqual(expected);
  });

  test('the order of sessions leaves every session its own time', () => {
    const index = indexOf(session(9), session(3), dated(99), session(4));

    expect([0, 1, 2, 3].map((ordinal) => index.atMs(ordinal))).toEqual([9, 3, 99, 4]);
    expect([0, 1, 2, 3].map((ordinal) => index.orderMs(ordinal))).toEqual([9, 9, 99, 9]);
  });

  test('the order of sessions is the same however often it is asked for in between', () => {
    const sessions = fc.array(fc.record({ atMs: fc.nat({ max: 20 }), isDated: fc.boolean(), isAsked: fc.boolean() }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(sessions, (list) => {
        const { clock, index } = clockAndIndexOf();
        for (const { atMs, isDated, isAsked } of list) {
          add(index, clock, session(atMs, { dated: isDated }));
          if (isAsked) index.byTime(0);
        }
        const expected = Array.from(list, (_, ordinal) => ordinal).sort(
          (a, b) => index.orderMs(a) - index.orderMs(b) || a - b,
        );
        expect(inOrder(index)).toEqual(expected);
        for (const [rank, ordinal] of expected.entries()) {
          expect(index.rankOf(index.orderMs(ordinal), ordinal)).toBe(rank + 1);
          expect(index.rankOf(index.orderMs(ordinal), ordinal - 1)).toBe(rank);
        }
        expect(index.rankOf(Number.POSITIVE_INFINITY, -1)).toBe(list.length);
        expect(index.rankOf(-1, 0)).toBe(0);
      }),
    );
  });
});

describe('the time', () => {
  const timesOf = (index: SessionIndex, nowMs: number) => {
    const time = index.times(nowMs);
    return Array.from({ length: index.length }, (_, ordinal) => time(ordinal));
  };

  test('the time of a session whose clock ran ahead lies between its neighbours; a dated one is taken as it is', () => {
    const index = indexOf(session(1), session(90), dated(95), session(2), dated(0), session(3));
    expect(timesOf(index, 5)).toEqual([1, 2, 95, 2, 0, 3]);
    expect(timesOf(index, 99)).toEqual([1, 2, 95, 2, 0, 3]);
  });

  test('the times of sessions are the same from an index that was kept for a start', () => {
    const { clock, index } = clockAndIndexOf(session(1), session(90), session(2), dated(95), session(3));
    const again = new SessionIndex(clock);
    again.addRows(index.rowsFrom(0, 0), 0);
    expect(timesOf(again, 99)).toEqual(timesOf(index, 99));
    expect(timesOf(again, 99)).toEqual([1, 2, 2, 95, 3]);
  });

  test('a time in the future is now, until the clock has come there', () => {
    expect(timesOf(indexOf(session(1), session(9_000)), 5_000)).toEqual([1, 5_000]);
    expect(timesOf(indexOf(session(1), session(9_000)), 9_000)).toEqual([1, 9_000]);
  });
});

test('tokens of other programs never keep a sum from being told, also after a start', () => {
  const foreign = (counted: number) => dated(1, { kind: 'foreign', counted });
  const most = Number.MAX_SAFE_INTEGER;
  const { clock, index } = clockAndIndexOf(foreign(5), foreign(most), foreign(2 ** 52 - 5), foreign(1));
  expect([0, 1, 2, 3].map((ordinal) => index.countedOf(ordinal))).toEqual([5, 0, 2 ** 52 - 5, 0]);
  const again = new SessionIndex(clock);
  again.addRows(index.rowsFrom(0, 0), 0);
  add(again, clock, foreign(1));
  expect(again.countedOf(4)).toBe(0);
});

describe('an id', () => {
  test('a session’s id is found among any others, and candidates are few', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.string({ maxLength: 4 }), { nil: undefined }), { maxLength: 400 }), (ids) => {
        const index = indexOf(...ids.map((id) => session(1, { id })));
        for (const [ordinal, id] of ids.entries()) {
          if (id !== undefined) expect([...index.candidates(id)]).toContain(ordinal);
        }
        expect([...index.candidates('not among them')].length).toBeLessThan(3);
      }),
      { numRuns: 50 },
    );
  });

  test('an id that occurs twice is that of the first session', () => {
    const many = Array.from({ length: 300 }, (_, index) => session(1, { id: `x${index}` }));
    const index = indexOf(session(1, { id: 'a' }), ...many, session(1, { id: 'a' }));

    expect([...index.candidates('a')]).toEqual([0, 301]);
  });

  test('an id is found after a thousand sessions without one', () => {
    const index = indexOf(
      ...Array.from({ length: 1_000 }, () => session(1)),
      session(1, { id: 'a' }),
      session(1, { id: 'b' }),
    );

    expect([[...index.candidates('a')], [...index.candidates('b')]]).toEqual([[1_000], [1_001]]);
  });
});

describe('the last reading', () => {
  test('the last reading is the last one recorded, not the latest by date, neither undone nor of another program', () => {
    const index = indexOf(session(1), session(5), dated(2), dated(9, { kind: 'foreign' }));

    expect(lastReading(index)).toBe(2);
    index.markUndone(2);
    expect(lastReading(index)).toBe(1);
    index.markUndone(1);
    index.markUndone(0);
    expect(lastReading(index)).toBeUndefined();
  });

  test('the last reading is still one that an edit removed', () => {
    const index = indexOf(session(1));
    index.markRemoved(0, true);
    expect([index.isRemoved(0), index.isUndone(0), lastReading(index)]).toEqual([true, false, 0]);
    index.markRemoved(0, false);
    expect(index.isRemoved(0)).toBe(false);
  });
});

test('the fields of a session are given back as they were added', () => {
  const index = indexOf(
    session(1, { kind: 'correction', counted: 0, setAside: -5, line: 3 }),
    session(2, { kind: 'manual', reset: true, counted: 9e15, line: 4 }),
    session(3, { kind: 'foreign', counted: 5 }),
  );

  expect([0, 1, 2].map((ordinal) => [index.kindOf(ordinal), index.isReset(ordinal), index.countedOf(ordinal)])).toEqual(
    [
      ['correction', false, 0],
      ['manual', true, 9e15],
      ['foreign', false, 5],
    ],
  );
  expect([0, 1].map((ordinal) => index.lineOf(ordinal))).toEqual([3, 4]);
});
