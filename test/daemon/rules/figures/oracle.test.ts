import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FigureEntry } from '../../../../src/daemon/rules/figures/entry.ts';
import { histories } from '../../../support/worlds/histories.ts';
import { Account } from '../../../support/worlds/judges.ts';
import { naiveFold, notUndone, standingAfter, without } from '../../../support/worlds/naive-fold.ts';
import { productFold } from '../../../support/worlds/product.ts';

const LENGTH = 30;

describe('the fold', () => {
  test('the fold says of every entry of a random history what the naive one says', () => {
    fc.assert(
      fc.property(histories(LENGTH), (entries) => {
        const account = new Account(productFold);
        const expected = naiveFold(entries);
        for (const [index, entry] of entries.entries()) {
          const { used, counted, flags } = account.add(entry);
          const naive = expected[index]!;
          const place = `entry ${index} of ${told(entries)}`;
          expect({ used, counted, flags }, place).toEqual({
            used: naive.used,
            counted: naive.counted,
            flags: naive.flags,
          });
          const standing = standingAfter(entries.slice(0, index + 1)).counted;
          expect(positive(account.counted), place).toEqual(positive(standing));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('the fold tells by how much it changed what an earlier reading counted', () => {
    fc.assert(
      fc.property(histories(LENGTH), (entries) => {
        const account = new Account(productFold);
        for (const entry of entries) {
          const before = new Map(account.counted);
          for (const { id, counted, difference } of account.add(entry).touched) {
            expect(difference, `${id} in ${told(entries)}`).toBe(counted - (before.get(id) ?? 0));
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the naive fold', () => {
  test('the naive fold counts whole amounts not below 0, and shows a whole figure not below 0', () => {
    fc.assert(
      fc.property(histories(LENGTH), (entries) => {
        const { used, counted } = standingAfter(entries);
        for (const amount of [used, ...counted.values()]) expect(Number.isInteger(amount) && amount >= 0).toBe(true);
      }),
    );
  });

  test('the naive fold shows an exact figure as it was told, unless it came late', () => {
    fc.assert(
      fc.property(histories(LENGTH), (entries) => {
        for (const [index, { used, flags }] of naiveFold(entries).entries()) {
          const entry = entries[index]!;
          if (entry.kind !== 'reading' || flags.late) continue;
          const { sync_type, unit, value } = entry.reading;
          if (unit === 1 && (sync_type === 'manual' || sync_type === 'correction')) expect(used).toBe(value);
        }
      }),
    );
  });

  test('the naive fold forgets with an undo that the reading ever was', () => {
    fc.assert(
      fc.property(histories(LENGTH), fc.nat(), (entries, place) => {
        const left = notUndone(entries);
        const readings = left.flatMap((entry) => (entry.kind === 'reading' ? [entry.reading.id] : []));
        fc.pre(readings.length > 0);
        const undone = readings[place % readings.length]!;
        const { used, counted } = standingAfter([...entries, { kind: 'undo', undone, committedMs: 0 }]);
        const expected = standingAfter(without(left, undone));
        expect({ used, counted: positive(counted) }).toEqual({
          used: expected.used,
          counted: positive(expected.counted),
        });
      }),
    );
  });
});

function positive(counted: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counted].filter(([, tokens]) => tokens !== 0));
}

/** The history in the words of `entriesOf`, with the minutes since the entry before. */
function told(entries: readonly FigureEntry[]): string {
  let beforeMs = entries[0]!.committedMs;
  return entries
    .map((entry) => {
      const minutes = (entry.committedMs - beforeMs) / 60_000;
      beforeMs = entry.committedMs;
      return `+${minutes}′ ${wordOf(entry)}`;
    })
    .join(' ');
}

function wordOf(entry: FigureEntry): string {
  if (entry.kind === 'undo') return `u${entry.undone}`;
  if (entry.kind === 'edit') return `E${entry.used}`;
  const { id, sync_type, value, unit, conversation_id, dated, atMs } = entry.reading;
  const name = conversation_id && `#${conversation_id}`;
  const ago = dated ? `@${(atMs - entry.committedMs) / 60_000}` : '';
  return `${id}:${sync_type[0]}${unit > 1 ? `${value / unit}K` : value}${name}${ago}`;
}
