import type { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { believedTimes } from '../../../../src/daemon/rules/clock.ts';
import { type ClockState, ToldTimes } from '../../../../src/daemon/store/index/writing/told-times.ts';
import { believed } from '../../../history/believed.ts';
import { addChange, addSession, emptyHistory } from './filled-database.ts';

const NOTHING: ClockState = { highestMs: undefined, lastMs: undefined, setBack: undefined, isPast: true };

/** Changes that come one after the other, each with a session whose time was named and one whose time was not. */
class Told {
  readonly db: DatabaseSync = emptyHistory();
  #times = new ToldTimes(this.db, NOTHING);
  #changes = 0;

  note(atMs: number): void {
    const place = this.#changes++;
    addChange(this.db, { place, committed_ms: atMs, first_ordinal: 2 * place, sessions: 2 });
    addSession(this.db, { ordinal: 2 * place, place, told_ms: atMs });
    addSession(this.db, { ordinal: 2 * place + 1, place, told_ms: -1, dated: 1 });
    this.#times.note(place, atMs);
  }

  decide(nowMs: number): number | undefined {
    return this.#times.decide(nowMs);
  }

  isOpen(nowMs: number): boolean {
    return this.#times.isOpen(nowMs);
  }

  /** As after a start, which knows the rows and the state that was saved. */
  restart(): void {
    this.#times = new ToldTimes(this.db, structuredClone(this.#times.state));
  }

  /** When each change was, as it is told now. */
  told(nowMs: number): number[] {
    return this.unclamped().map((toldMs) => Math.min(toldMs, nowMs));
  }

  unclamped(): number[] {
    return this.#column('select told_ms as n from change order by place');
  }

  sessions(dated: 0 | 1): number[] {
    return this.#column(`select told_ms as n from session where dated = ${dated} order by ordinal`);
  }

  #column(sql: string): number[] {
    return (this.db.prepare(sql).all() as { n: number }[]).map(({ n }) => n);
  }
}

function toldOf(times: readonly number[], nowMs: number): Told {
  const told = new Told();
  for (const atMs of times) told.note(atMs);
  told.decide(nowMs);
  return told;
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
  expect(toldOf(times, nowMs).told(nowMs)).toEqual(expected);
});

describe('the times that are told', () => {
  const times = fc.array(fc.nat(30), { maxLength: 40 });
  /** After each change: whether it is decided then and by which clock, and whether a start follows. */
  const steps = fc.array(fc.record({ atMs: fc.nat(30), nowMs: fc.option(fc.nat(40)), isRestarted: fc.boolean() }), {
    maxLength: 40,
  });

  test('the times that are told are those believed of all changes, however often they were decided in between, and over starts', () => {
    fc.assert(
      fc.property(steps, fc.nat(40), (all, lastMs) => {
        const told = new Told();
        const noted: number[] = [];
        for (const { atMs, nowMs, isRestarted } of all) {
          told.note(atMs);
          noted.push(atMs);
          if (nowMs === null) continue;
          told.decide(nowMs);
          expect(told.told(nowMs)).toEqual(believed(noted, nowMs));
          if (isRestarted) told.restart();
        }
        told.decide(lastMs);
        expect(told.told(lastMs)).toEqual(believed(noted, lastMs));
      }),
      { numRuns: 400 },
    );
  });

  test('the times that are told, once the clock came past all that it said, are those that the majority gives', () => {
    fc.assert(
      fc.property(times, (all) => {
        const recorded = { length: all.length, atMs: (place: number) => all[place]! };
        expect(toldOf(all, 40).unclamped()).toEqual([...believedTimes(recorded, 40)]);
      }),
    );
  });

  test('a decision tells the first change that it told anew, and nothing where all stayed', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const told = new Told();
        for (const { atMs, nowMs } of all) {
          told.note(atMs);
          if (nowMs === null) continue;
          const before = told.unclamped();
          const wasOpen = told.isOpen(nowMs);
          const first = told.decide(nowMs);
          const after = told.unclamped();
          const changed = after.findIndex((toldMs, place) => toldMs !== before[place]);
          expect(first).toBe(changed === -1 ? undefined : changed);
          if (!wasOpen) expect(first).toBeUndefined();
          expect(told.isOpen(nowMs)).toBe(false);
        }
      }),
    );
  });

  test('the sessions of a change are told at its time, but for those whose time was named', () => {
    fc.assert(
      fc.property(times, fc.nat(40), (all, nowMs) => {
        const told = toldOf(all, nowMs);
        expect(told.sessions(0)).toEqual(told.unclamped());
        expect(told.sessions(1)).toEqual(all.map(() => -1));
      }),
    );
  });

  test('a clock that went on opens no question, so that a change costs nothing but its row', () => {
    fc.assert(
      fc.property(times, fc.nat(40), (all, laterMs) => {
        const told = new Told();
        for (const atMs of all.toSorted((one, other) => one - other)) {
          told.note(atMs);
          expect(told.isOpen(atMs + laterMs)).toBe(false);
        }
      }),
    );
  });
});
