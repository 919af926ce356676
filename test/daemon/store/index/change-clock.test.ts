import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { pageOf, usageOver } from '../../../../src/daemon/queries/session-history.ts';
import { believedTimes } from '../../../../src/daemon/rules/clock.ts';
import { ChangeClock } from '../../../../src/daemon/store/index/change-clock.ts';
import { Column } from '../../../../src/daemon/store/index/columns/columns.ts';
import { temporaryFolder } from '../../../support/folders.ts';
import { openStore } from '../opened-store.ts';

function clockOf(times: readonly number[]): ChangeClock {
  const clock = new ChangeClock();
  for (const atMs of times) clock.add(atMs);
  return clock;
}

function told(clock: ChangeClock, nowMs: number): number[] {
  const timeOf = clock.times(nowMs);
  return Array.from({ length: clock.length }, (_, place) => timeOf(place));
}

test.each([
  ['that was right is believed', [1, 2, 2, 5], 9, [1, 2, 2, 5]],
  ['that ran ahead dates nothing after what came later', [1, 90, 91, 92, 2, 3], 5, [1, 2, 2, 2, 2, 3]],
  ['that runs ahead and has just been set back dates nothing in the future', [1, 90, 91], 5, [1, 5, 5]],
  ['that fell behind is believed of now', [9, 10, 11, 1, 2], 3, [1, 1, 1, 1, 2]],
  ['that fell behind and is right again moves nothing else', [9, 10, 11, 1, 2], 12, [9, 10, 11, 11, 11]],
  ['that fell behind and went on rightly moves nothing else', [9, 10, 11, 1, 2, 12], 12, [9, 10, 11, 11, 11, 12]],
  ['that was set back by a little in between is believed', [1, 2, 9, 8, 10, 11], 12, [1, 2, 8, 8, 10, 11]],
  ['of nothing dates nothing', [], 5, []],
])('a clock %s', (_, times, nowMs, expected) => {
  expect(told(clockOf(times), nowMs)).toEqual(expected);
});

describe('the verdict', () => {
  const jumps = fc.array(fc.nat(30), { maxLength: 40 });

  test('the verdict on a clock is the same however often it was asked for in between, and after a start', () => {
    fc.assert(
      fc.property(jumps, fc.array(fc.option(fc.nat(40)), { maxLength: 40 }), fc.nat(40), (times, asked, nowMs) => {
        const clock = new ChangeClock();
        for (const [place, atMs] of times.entries()) {
          clock.add(atMs);
          const at = asked[place];
          if (typeof at === 'number') clock.times(at);
        }
        const again = new ChangeClock();
        again.append(clock.from(0));
        expect(told(clock, nowMs)).toEqual(told(clockOf(times), nowMs));
        expect(told(again, nowMs)).toEqual(told(clock, nowMs));
      }),
    );
  });

  test('the verdict on a clock that came past all that it said is that of the majority among all changes', () => {
    fc.assert(
      fc.property(jumps, (times) => {
        const all = { length: times.length, atMs: (place: number) => times[place]! };
        expect(told(clockOf(times), 40)).toEqual([...believedTimes(all, 40)]);
      }),
    );
  });

  test('the believed time never falls, never lies ahead of now, and is what the clock said where it was never set back', () => {
    fc.assert(
      fc.property(jumps, fc.nat(40), (times, nowMs) => {
        const rising = (list: readonly number[]) => list.toSorted((one, other) => one - other);
        const believed = told(clockOf(times), nowMs);
        expect(believed).toEqual(rising(believed));
        expect(believed.every((atMs) => atMs <= nowMs)).toBe(true);
        expect(told(clockOf(rising(times)), 40)).toEqual(rising(times));
      }),
    );
  });

  test('the verdict on a clock changes once at most while time passes, and not at all where the clock went on', () => {
    fc.assert(
      fc.property(jumps, (times) => {
        const clock = clockOf(times);
        const sinceMs = clock.length === 0 ? 0 : Math.max(0, clock.lastMs);
        const seen = new Set<string>();
        for (let nowMs = sinceMs; nowMs <= 40; nowMs++) seen.add(told(clock, nowMs).join());
        expect(seen.size).toBeLessThanOrEqual(clock.lastMs < clock.highestMs ? 2 : 1);
      }),
    );
  });

  test('the verdict on a clock is made once for a step back, and then costs neither a question nor a change a look at the others', () => {
    const clock = clockOf([...Array.from({ length: 10_000 }, (_, place) => 1_000 + place), 500]);
    clock.times(600)(0);
    const looks = vi.spyOn(Column.prototype, 'at');
    for (let nowMs = 600; nowMs < 700; nowMs++) {
      clock.add(nowMs);
      clock.times(nowMs)(5);
    }
    expect(looks.mock.calls.length).toBe(0);
    looks.mockRestore();
  });
});

describe('the line, the bars and the filter', () => {
  const DAY = Date.UTC(2026, 0, 1);
  const step = fc.record({ toMs: fc.nat(20), kind: fc.constantFrom('auto', 'auto', 'total', 'import') });

  test('the line, the bars and the filter put every reading at the same time, whatever the clock said, and after a start too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), fc.nat(20), async (steps, laterMs) => {
        let nowMs = 0;
        const folder = temporaryFolder();
        const opened = await openStore(folder, { now: () => nowMs, maxSegmentBytes: 1_500 });
        for (const [place, { toMs, kind }] of steps.entries()) {
          nowMs = DAY + toMs * 60_000;
          if (kind === 'total') await opened.setTotal(1_000_000 + place);
          else if (kind === 'auto') await opened.record(2 ** place, { id: `r${place}` });
          else await opened.import([{ tokens: 2 ** place, id: `r${place}` }]);
        }
        await opened.close();
        const again = await openStore(folder, { now: () => nowMs, maxSegmentBytes: 1_500 });
        for (const { index } of [opened.store.ledger, again.store.ledger]) {
          const askedMs = DAY + laterMs * 60_000;
          const { levels } = index.changes.told(askedMs);
          const line = new Map<number, number>();
          for (let rank = 0; rank < index.changes.length; rank++) {
            const by = levels.used(rank) - (rank > 0 ? levels.used(rank - 1) : 0);
            if (by > 0) line.set(by, levels.atMs(rank));
          }
          const bars = new Map(
            [...usageOver(index, undefined, undefined, askedMs)].map((one) => [one.tokens, one.atMs]),
          );
          expect(bars).toEqual(line);
          for (const [tokens, atMs] of line) {
            const during = { since: new Date(atMs).toISOString(), until: new Date(atMs + 1).toISOString() };
            const { sessions } = await pageOf(index, during, askedMs);
            expect(sessions.map(({ id }) => id)).toContain(`r${Math.log2(tokens)}`);
          }
        }
        await again.close();
      }),
      { numRuns: 25 },
    );
  });
});
