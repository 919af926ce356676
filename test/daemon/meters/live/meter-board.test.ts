import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MeterBoard, type MetersChange } from '../../../../src/daemon/meters/live/meter-board.ts';
import type { Meter } from '../../../../src/protocol/methods.ts';

const START = Date.parse('2026-03-01T10:00:00Z');

beforeEach(() => vi.useFakeTimers({ now: START }));
afterEach(() => vi.useRealTimers());

function gauge(conversation: string, used: number, at = START, meter = 'cursor.context'): Meter {
  const observed_at = new Date(at).toISOString();
  return { meter, kind: 'gauge', conversation, used, provenance: 'exact', observed_at };
}

function window(resetsAt: number, used_percent = 12): Meter {
  const [resets_at, observed_at] = [new Date(resetsAt).toISOString(), new Date(START).toISOString()];
  return {
    meter: 'codex.5h',
    kind: 'window',
    used_percent,
    resets_at,
    window_minutes: 300,
    provenance: 'exact',
    observed_at,
  };
}

function boardWithTold() {
  const told: MetersChange[] = [];
  return { board: new MeterBoard({ tell: (change) => told.push(change) }), told };
}

/** The values of a conversation as they were told, in order. */
function valuesOf(told: readonly MetersChange[], conversation: string): number[] {
  return told
    .flatMap(({ meters }) => meters)
    .flatMap((meter) => (meter.kind === 'gauge' && meter.conversation === conversation ? [meter.used] : []));
}

test('the first value is told at once, and of a burst within a quarter of a second the last one alone', () => {
  const { board, told } = boardWithTold();
  for (let used = 1; used <= 100; used++) board.take([gauge('a', used)]);
  expect(valuesOf(told, 'a')).toEqual([1]);
  vi.advanceTimersByTime(249);
  expect(valuesOf(told, 'a')).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(valuesOf(told, 'a')).toEqual([1, 100]);
});

test('a meter that changes all the time is told four times a second, whatever its conversations', () => {
  const { board, told } = boardWithTold();
  for (let ms = 0; ms < 10_000; ms += 10) {
    board.take([gauge('a', ms + 1), gauge('b', ms + 2)]);
    vi.advanceTimersByTime(10);
  }
  expect(told.length).toBeGreaterThanOrEqual(39);
  expect(told.length).toBeLessThanOrEqual(41);
});

test('a busy meter makes no other one wait', () => {
  const { board, told } = boardWithTold();
  board.take([gauge('a', 1)]);
  board.take([gauge('a', 2)]);
  board.take([gauge('c', 7, START, 'codex.context')]);
  expect(valuesOf(told, 'c')).toEqual([7]);
});

test('numbers grow with every change, begin at the time of the start, and what was told after one is found by it', () => {
  const { board, told } = boardWithTold();
  expect(board.seq).toBe(START);
  board.take([gauge('a', 1)]);
  board.take([gauge('c', 7, START, 'codex.context')]);
  const [first, second] = told.map(({ seq }) => seq);
  expect(second).toBeGreaterThan(first!);
  expect(board.meters(first).map((meter) => meter.meter)).toEqual(['codex.context']);
  expect(board.meters(second)).toEqual([]);
  // Of another run, or of nobody.
  for (const unknown of [START - 5, second! + 1, undefined]) expect(board.meters(unknown)).toHaveLength(2);
});

test('a change that waits for its turn is missed by nobody who asks by the number told last', () => {
  const { board, told } = boardWithTold();
  board.take([gauge('a', 1)]);
  board.take([gauge('a', 2)]);
  board.take([gauge('c', 7, START, 'codex.context')]);
  const last = told.at(-1)!.seq;
  expect(board.meters(last)).toMatchObject([{ conversation: 'a', used: 2 }]);
});

test('what is the same as before is not told again', () => {
  const { board, told } = boardWithTold();
  board.take([gauge('a', 1)]);
  vi.advanceTimersByTime(1_000);
  board.take([gauge('a', 1)]);
  board.takeSources([]);
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(1);
});

test('of a gauge the fifty conversations written last are told, the newest first', () => {
  const { board } = boardWithTold();
  for (let n = 0; n < 60; n++) board.take([gauge(`c${n}`, n, START + n)]);
  const shown = board.meters();
  expect(shown).toHaveLength(50);
  expect(shown[0]).toMatchObject({ conversation: 'c59' });
  expect(shown.at(-1)).toMatchObject({ conversation: 'c10' });
});

test('a window that is past its reset is told as expired, also when nothing was read since', () => {
  const { board } = boardWithTold();
  board.take([window(START + 1_000)]);
  expect(board.meters()[0]).not.toHaveProperty('expired');
  vi.advanceTimersByTime(1_000);
  expect(board.meters()[0]).toMatchObject({ expired: true, used_percent: 12 });
});

test('a clock that is set back holds nothing up', () => {
  const { board, told } = boardWithTold();
  board.take([gauge('a', 1)]);
  vi.setSystemTime(START - 3_600_000);
  board.take([gauge('a', 2)]);
  expect(valuesOf(told, 'a')).toEqual([1, 2]);
});

test('sources are told with the change in which one of them changed, and only then', () => {
  const { board, told } = boardWithTold();
  board.takeSources([{ name: 'cursor', state: 'absent' }]);
  board.takeSources([{ name: 'cursor', state: 'absent' }]);
  board.take([gauge('a', 1)]);
  expect(told.map(({ sources }) => sources)).toEqual([[{ name: 'cursor', state: 'absent' }], undefined]);
});
