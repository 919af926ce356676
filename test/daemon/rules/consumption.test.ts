import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CountedSessions, eachConsumed } from '../../../src/daemon/rules/consumption.ts';
import type { FigureEntry } from '../../../src/daemon/rules/figures/fold.ts';
import { DAY_MS, paceOf } from '../../../src/daemon/rules/pace.ts';
import { type Amount, type Bucket, bucketUsage } from '../../../src/daemon/rules/stats.ts';
import { histories } from './figures/histories.ts';
import { fold, START_MS } from './figures/notation.ts';

const ZONES = ['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Chatham', undefined] as const;
const zones = fc.constantFrom(...ZONES);
const sizes = fc.constantFrom<Bucket>('hour', 'day', 'week', 'month');

/** Sessions in columns after a history in which some of the last readings were taken back. */
function sessionsOf(history: readonly FigureEntry[], undone: number): CountedSessions {
  const readings = history.filter((entry) => entry.kind === 'reading');
  const gone = readings.slice(Math.max(0, readings.length - undone)).map(({ reading }) => reading.id);
  const undos = gone.toReversed().map((id): FigureEntry => ({ kind: 'undo', undone: id, committedMs: 0 }));
  const { counted, outcomes } = fold([...history, ...undos]);
  const ordinals = history.flatMap((entry, index) => (entry.kind === 'reading' ? [index] : []));
  const column = (of: (ordinal: number) => number) => Float64Array.from(readings.keys(), of);
  return {
    length: readings.length,
    toldMs: column((ordinal) => {
      const { id, atMs } = readings[ordinal]!.reading;
      return gone.includes(id) ? Number.NaN : atMs;
    }),
    counted: column((ordinal) => counted[ordinals[ordinal]!] ?? 0),
    setAside: column((ordinal) => outcomes[ordinals[ordinal]!]!.setAside),
    conversation: column(() => 0),
  };
}

function consumptionOf(
  sessions: CountedSessions,
  sinceMs = Number.NEGATIVE_INFINITY,
  untilMs = Number.POSITIVE_INFINITY,
): Amount[] {
  const amounts: Amount[] = [];
  eachConsumed(sessions, { sinceMs, untilMs, nowMs: Number.POSITIVE_INFINITY }, (atMs, tokens, setAside) => {
    amounts.push({ atMs, tokens, setAside });
  });
  return amounts;
}

function sum(amounts: Iterable<{ readonly tokens: number }>): number {
  let all = 0;
  for (const { tokens } of amounts) all += tokens;
  return all;
}

test('the buckets of any size, in any zone, hold over any stretch what the forecast counts there', () => {
  const stretches = fc.tuple(fc.integer({ min: -60, max: 400 }), fc.nat(400));
  fc.assert(
    fc.property(histories, fc.nat(5), stretches, sizes, zones, (history, undone, [hours, length], size, zone) => {
      const sessions = sessionsOf(history, undone);
      const sinceMs = START_MS + hours * 3_600_000;
      const untilMs = sinceMs + length * 3_600_000;

      const buckets = bucketUsage(consumptionOf(sessions, sinceMs, untilMs), size, zone);

      const within = consumptionOf(sessions).filter(({ atMs }) => atMs >= sinceMs && atMs < untilMs);
      expect(sum(buckets)).toBe(sum(within));
      expect(buckets.filter(({ tokens }) => tokens < 0)).toEqual([]);
    }),
    { seed: 5, numRuns: 500 },
  );
});

test('the pace, by as many days as it is known from, is the sum of all buckets', () => {
  fc.assert(
    fc.property(histories, fc.nat(3), sizes, zones, (history, undone, size, zone) => {
      // Three days, of which none can stand out.
      const brief = history.map((entry): FigureEntry => {
        if (entry.kind !== 'reading') return entry;
        const atMs = START_MS + (entry.reading.atMs % (3 * DAY_MS));
        return { ...entry, reading: { ...entry.reading, atMs } };
      });
      const sessions = sessionsOf(brief, undone);
      const { perDay, days } = paceOf(consumptionOf(sessions), START_MS + 3 * DAY_MS);
      expect(perDay * days).toBeCloseTo(sum(bucketUsage(consumptionOf(sessions), size, zone)), 3);
    }),
    { seed: 6, numRuns: 300 },
  );
});

test('what is set aside stands in the buckets beside what counts, and nowhere where there is none', () => {
  const [first, second] = [START_MS, START_MS + DAY_MS];
  const amounts = [
    { atMs: first, tokens: 0, setAside: 350_000 },
    { atMs: first, tokens: 5, setAside: -50 },
    { atMs: second, tokens: 7, setAside: 0 },
  ];
  expect(bucketUsage(amounts, 'day', 'UTC')).toEqual([
    { start: '2025-11-18T00:00:00+00:00', tokens: 5, readings: 2, set_aside: 349_950 },
    { start: '2025-11-19T00:00:00+00:00', tokens: 7, readings: 1 },
  ]);
});

test('consumption ends before its end, leaves out what was undone, and lies ahead of now only where its time was named', () => {
  const sessions = {
    length: 5,
    toldMs: Float64Array.of(1, 2, Number.NaN, 9, 9),
    counted: Float64Array.of(10, 20, 30, 40, 50),
    setAside: Float64Array.of(0, 0, 0, 0, -5),
    // Of the conversations 3, 3, 4, 5 and 6; the times of the second and the last were named.
    conversation: Float64Array.of(6, 7, 8, 10, 13),
  };
  const taken: number[][] = [];
  const take = (...consumed: number[]) => void taken.push(consumed);

  eachConsumed(sessions, { sinceMs: 2, untilMs: 9, nowMs: 5 }, take);
  expect(taken.splice(0)).toEqual([
    [2, 20, 0, 3],
    [5, 40, 0, 5],
  ]);
  eachConsumed(sessions, { sinceMs: 6, untilMs: 10, nowMs: 5 }, take);
  expect(taken).toEqual([[9, 50, -5, 6]]);
});
