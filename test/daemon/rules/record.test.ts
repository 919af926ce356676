import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { receiptOf, sessionOf } from '../../../src/daemon/rules/change.ts';
import { importReadings, recordReading } from '../../../src/daemon/rules/record.ts';
import { MAX_TOKENS } from '../../../src/protocol/limits.ts';
import type { SyncType } from '../../../src/protocol/methods.ts';
import { parseTokenValue } from '../../../src/protocol/token-value.ts';
import { effectOf, NOW_MS, readingOf, snapshotOf } from './readings.ts';

describe('what a value means', () => {
  test.each<[SyncType, number, number, object]>([
    ['manual', 335_000, 350_000, { used: 350_000, increment: 15_000 }],
    ['manual', 350_000, 350_000, { used: 350_000, increment: 0 }],
    ['manual', 350_000, 350_000, { used: 350_000, increment: 0 }],
    ['manual', 350_000, 349_999, { used: 349_999, increment: 349_999, reset: true }],
    ['manual', 350_000, 1_200, { used: 1_200, increment: 1_200, reset: true }],
    ['manual', 350_000, 0, { used: 0, increment: 0, reset: true }],
    ['manual', 0, 0, { used: 0, increment: 0 }],
    ['auto', 335_000, 15_000, { used: 350_000, increment: 15_000 }],
    ['auto', 335_000, 0, { used: 335_000, increment: 0 }],
    ['estimate', 335_000, 7, { used: 335_007, increment: 7 }],
    ['import', 335_000, 50_000, { used: 385_000, increment: 50_000 }],
    ['correction', 335_000, 300_000, { used: 300_000, increment: -35_000 }],
    ['correction', 335_000, 335_000, { used: 335_000, increment: 0 }],
    ['correction', 350_000, 0, { used: 0, increment: -350_000 }],
    ['correction', 335_000, 340_000, { used: 340_000, increment: 5_000 }],
    ['manual', 990_000, 1_500_000, { used: 1_500_000, increment: 510_000 }],
    ['auto', 0, MAX_TOKENS, { used: MAX_TOKENS, increment: MAX_TOKENS }],
  ])('a %s reading with %i used and %i offered moves used as its type says', (syncType, used, tokens, expected) => {
    const change = recordReading(snapshotOf(used), readingOf(syncType, tokens), 'rpc', NOW_MS);

    expect(effectOf(change.reading)).toEqual(expected);
    expect(change.used).toBe(change.reading.used);
  });

  const same = (used: number) => ({ used, increment: 0, rounded: true });
  const anew = (used: number) => ({ used, increment: used, reset: true });
  test.each<[string, number, object]>([
    ['350K', 350_001, same(350_001)],
    ['350K', 350_999, same(350_999)],
    ['350K', 351_000, anew(350_000)],
    ['350K', 350_000, { used: 350_000, increment: 0 }],
    ['350K', 349_500, { used: 350_000, increment: 500 }],
    ['350k tokens used', 350_400, same(350_400)],
    ['351K', 350_400, { used: 351_000, increment: 600 }],
    ['35万', 359_999, same(359_999)],
    ['35万', 360_000, anew(350_000)],
    ['1.5 万', 15_999, same(15_999)],
    ['1.5 万', 16_000, anew(15_000)],
    ['1.2M', 1_299_999, same(1_299_999)],
    ['1.2M', 1_300_000, anew(1_200_000)],
    ['1.20M', 1_209_999, same(1_209_999)],
    ['1.20M', 1_210_000, anew(1_200_000)],
    ['1.2亿', 129_999_999, same(129_999_999)],
    ['350千', 350_999, same(350_999)],
    ['350,000', 350_001, anew(350_000)],
    ['350000', 350_999, anew(350_000)],
  ])('a manual %s is the same figure seen coarsely only within its last digit (%i used)', (text, used, expected) => {
    const parsed = parseTokenValue(text);
    if (!parsed.ok) throw new Error(`${text} is no value`);
    const { tokens, unit } = parsed;
    const change = recordReading(snapshotOf(used), readingOf('manual', tokens, { unit }), 'rpc', NOW_MS);

    expect(effectOf(change.reading)).toEqual(expected);
  });

  test.each<SyncType>(['auto', 'estimate', 'import', 'correction'])('%s is never taken coarsely', (syncType) => {
    const change = recordReading(snapshotOf(350_400), readingOf(syncType, 350_000, { unit: 1_000 }), 'rpc', NOW_MS);

    expect(change.used).toBe(syncType === 'correction' ? 350_000 : 700_400);
    expect(change.reading.reset).toBeUndefined();
  });

  test('no figure exceeds 2^53−1: such a reading is refused', () => {
    const refused = () => recordReading(snapshotOf(MAX_TOKENS), readingOf('auto', 1), 'rpc', NOW_MS);

    expect(refused).toThrow(expect.objectContaining({ kind: 'value_refused', field: 'tokens' }));
    expect(recordReading(snapshotOf(MAX_TOKENS - 1), readingOf('auto', 1), 'rpc', NOW_MS).used).toBe(MAX_TOKENS);
  });

  test('whatever is offered, used is before plus increment unless the counter started anew', () => {
    const figure = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 1, 999, 1_000, MAX_TOKENS));
    const kinds = fc.constantFrom<SyncType>('manual', 'auto', 'estimate', 'import', 'correction');
    fc.assert(
      fc.property(figure, figure, kinds, fc.constantFrom(1, 1_000, 10_000), (used, tokens, syncType, unit) => {
        fc.pre(['manual', 'correction'].includes(syncType) || used + tokens <= MAX_TOKENS);
        const { reading } = recordReading(snapshotOf(used), readingOf(syncType, tokens, { unit }), 'rpc', NOW_MS);
        expect(reading.before).toBe(used);
        expect(reading.used).toBe(reading.reset ? reading.increment : reading.before + reading.increment);
        expect(Number.isSafeInteger(reading.used) && reading.used >= 0).toBe(true);
        expect(reading.increment >= 0 || syncType === 'correction').toBe(true);
      }),
    );
  });
});

describe('a change', () => {
  const change = recordReading(snapshotOf(335_000), readingOf('manual', 350_000), 'rest', NOW_MS);

  test('a change moves the revision by one, counts the session and shows local time', () => {
    expect(change).toMatchObject({
      kind: 'reading',
      revision: 8,
      used: 350_000,
      total: 1_000_000,
      sessions_count: 4,
      last_updated: '2025-11-18T20:30:00',
      committed_at: new Date(NOW_MS).toISOString(),
      meter: 'main',
      source: 'rest',
    });
  });

  test('a reading stands in the state file as its readers expect it', () => {
    expect(Object.entries(sessionOf(change.reading))).toEqual([
      ['id', 'r1'],
      ['timestamp', '2025-11-18 20:30:00'],
      ['tokens', 15_000],
      ['event', '完成架构设计'],
      ['conversation_id', 'manual-001'],
      ['sync_type', 'manual'],
      ['total_used', 350_000],
    ]);
  });

  test('a reading carries "reset" in the session and in the receipt, and only where the counter started anew', () => {
    const reset = recordReading(snapshotOf(350_000), readingOf('manual', 1_200), 'rpc', NOW_MS);

    expect(sessionOf(reset.reading)).toMatchObject({ reset: true, tokens: 1_200, total_used: 1_200 });
    expect(receiptOf(reset.reading, reset.revision)).toMatchObject({ reset: true });
    expect('reset' in sessionOf(change.reading)).toBe(false);
    expect('reset' in receiptOf(change.reading, change.revision)).toBe(false);
  });

  test('the receipt, and nothing else, says that a value was the present figure rounded', () => {
    const rounded = recordReading(snapshotOf(350_400), readingOf('manual', 350_000, { unit: 1_000 }), 'rpc', NOW_MS);

    expect(receiptOf(rounded.reading, rounded.revision)).toMatchObject({ rounded: true, total_used: 350_400 });
    expect('rounded' in sessionOf(rounded.reading)).toBe(false);
    expect('rounded' in receiptOf(change.reading, change.revision)).toBe(false);
  });

  test('the receipt of a reading tells the budget of its own time', () => {
    const { reading, revision } = recordReading(snapshotOf(0, 400), readingOf('auto', 100), 'rpc', NOW_MS);

    expect(receiptOf(reading, revision)).toMatchObject({ total: 400, percent: 25 });
  });

  test('a reading keeps the time that the caller named, and says that it was named', () => {
    const datedMs = new Date(2024, 1, 29, 8, 0, 0).getTime();
    const { reading, last_updated } = recordReading(snapshotOf(0), readingOf('auto', 5, { datedMs }), 'rpc', NOW_MS);

    expect(reading).toMatchObject({
      timestamp: '2024-02-29 08:00:00',
      at: new Date(datedMs).toISOString(),
      dated: true,
    });
    expect(last_updated).toBe('2025-11-18T20:30:00');
  });
});

describe('an import', () => {
  test('an import adds each count to the one before, as one change', () => {
    const readings = [5, 7, 11].map((tokens, index) => readingOf('import', tokens, { id: `i${index}` }));
    const change = importReadings(snapshotOf(100), readings, 'rpc', NOW_MS);

    expect(change).toMatchObject({ kind: 'import', revision: 8, used: 123, sessions_count: 6 });
    expect(change.readings.map(({ before, used }) => [before, used])).toEqual([
      [100, 105],
      [105, 112],
      [112, 123],
    ]);
  });

  test('an import is refused as a whole when one count goes over 2^53−1', () => {
    const readings = [readingOf('import', 5), readingOf('import', MAX_TOKENS)];

    expect(() => importReadings(snapshotOf(0), readings, 'rpc', NOW_MS)).toThrow(
      expect.objectContaining({ kind: 'value_refused' }),
    );
  });
});
