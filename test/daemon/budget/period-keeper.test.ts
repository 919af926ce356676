import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { parsePeriod } from '../../../src/shared/period.ts';
import { Clock, Kept, RESET } from './kept-budget.ts';

const ZONE = process.env.TZ;

afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

describe('a budget that renews itself', () => {
  test('at the reset the budget begins anew, once, and nothing is consumed', async () => {
    const kept = await Kept.open(new Clock('2025-12-14T23:50:00'));
    await kept.opened.record(980_000, { sync_type: 'manual' });
    await kept.pass(9);
    expect(kept.resets).toEqual([]);

    await kept.pass(3);

    expect(kept.resets).toEqual([RESET]);
    expect(kept.opened.usage).toMatchObject({ used: 0, sessions_count: 2 });
    expect(kept.opened.told.at(-1)).toMatchObject({ cause: 'total', session: RESET, usage: { used: 0 } });
    expect((await kept.opened.record(1_000_000, { sync_type: 'manual' })).total_used).toBe(20_000);
    await kept.pass(60);
    expect(kept.resets).toHaveLength(1);
    const { buckets } = await kept.opened.queries.stats({ bucket: 'month' });
    expect(buckets.map(({ tokens }) => tokens)).toEqual([20_000]);
  });

  test('a reset that a kill lets through is written after the start, once, and a second kill repeats nothing', async () => {
    const first = await Kept.open(new Clock('2025-12-14T23:50:00'));
    await first.opened.record(500);
    const second = await first.again(3_600_000);
    await second.pass(2);
    expect(second.resets).toEqual([RESET]);
    const third = await second.again(1_000);
    await third.pass(5);
    expect(third.resets).toEqual([RESET]);
  });

  test('several resets that were slept through are one, dated at the last', async () => {
    const kept = await Kept.open(new Clock('2025-10-20T12:00:00'));
    await kept.opened.record(500);
    kept.clock.sleep(70 * 86_400_000);
    await kept.pass(3);
    expect(kept.resets).toEqual([RESET]);
  });

  test('what is recorded between the reset and its being written is part of the new period', async () => {
    const kept = await Kept.open(new Clock('2025-12-14T12:00:00'));
    await kept.opened.record(500);
    kept.clock.sleep(24 * 3_600_000);
    await kept.opened.record(70);
    await kept.pass(2);
    expect(kept.resets).toEqual([{ ...RESET, total_used: 70 }]);
    expect(kept.opened.usage.used).toBe(70);
    await kept.opened.undo();
    expect(kept.opened.usage.used).toBe(0);
    await kept.opened.undo();
    expect(kept.opened.usage.used).toBe(0);
  });

  test('a clock that jumps ahead and back within a minute begins nothing anew, and one that jumps to and fro does so once', async () => {
    const kept = await Kept.open(new Clock('2025-12-14T22:00:00'));
    await kept.pass(2);
    kept.clock.sleep(86_400_000);
    await kept.keeper.look();
    kept.clock.sleep(-86_400_000);
    await kept.pass(3);
    expect(kept.resets).toEqual([]);

    kept.clock.sleep(86_400_000);
    await kept.pass(3);
    kept.clock.sleep(-86_400_000);
    await kept.pass(3);
    kept.clock.sleep(86_400_000);
    await kept.pass(3);
    expect(kept.resets).toHaveLength(1);
  });

  test('a budget that is renewed from today on takes nothing back that lies before', async () => {
    const kept = await Kept.open(new Clock('2025-12-20T12:00:00'));
    await kept.opened.record(500);
    await kept.pass(3);
    expect([kept.resets, kept.opened.usage.used]).toEqual([[], 500]);

    await kept.budget.setPeriod(parsePeriod('19')!);
    await kept.pass(3);
    expect(kept.resets).toEqual([]);
    const again = await kept.again(1_000, { period: '18' });
    await again.pass(3);
    expect(again.resets).toEqual([]);
  });

  test('days that count from a date, and a last day, begin anew too', async () => {
    const days = await Kept.open(new Clock('2025-12-31T23:58:00'), { period: '2025-12-25/7d' });
    await days.pass(4);
    expect(days.resets).toEqual([expect.objectContaining({ id: 'period:2026-01-01' })]);
    const last = await Kept.open(new Clock('2025-12-31T23:58:00'), { period: '2025-12-31' });
    await last.pass(4);
    expect(last.resets).toEqual([
      expect.objectContaining({ id: 'period:2026-01-01', timestamp: '2026-01-01 00:00:00' }),
    ]);
  });

  test.each([
    ['America/Santiago', '2026-09-05T23:58:00', '6', 'period:2026-09-06', '2026-09-06 01:00:00'],
    ['Europe/Berlin', '2026-03-28T23:58:00', '29', 'period:2026-03-29', '2026-03-29 00:00:00'],
    ['Europe/Berlin', '2026-01-30T23:58:00', '31', 'period:2026-01-31', '2026-01-31 00:00:00'],
    ['Europe/Berlin', '2026-02-27T23:58:00', '31', 'period:2026-02-28', '2026-02-28 00:00:00'],
    ['Europe/Berlin', '2025-12-31T23:58:00', '1', 'period:2026-01-01', '2026-01-01 00:00:00'],
  ])('in %s after %s a budget of day %s begins anew as %s', async (zone, now, period, id, timestamp) => {
    process.env.TZ = zone;
    const kept = await Kept.open(new Clock(now), { period });
    await kept.pass(4);
    expect(kept.resets).toEqual([expect.objectContaining({ id, timestamp })]);
  });

  test.each([{ renews: false }, { kind: 'context' }, { period: 'never' }])(
    'with %j nothing begins anew',
    async (settings) => {
      const kept = await Kept.open(new Clock('2025-12-14T23:58:00'), settings);
      await kept.opened.record(500);
      await kept.pass(4);
      expect([kept.resets, kept.opened.usage.used]).toEqual([[], 500]);
      expect(existsSync(join(kept.opened.folder, 'renewal.json'))).toBe(false);
    },
  );

  test('a disk that is full when the renewing begins keeps a reset waiting, and loses none', async () => {
    const kept = await Kept.open(new Clock('2025-12-14T23:58:00'), {}, { diskIsFull: true });
    await kept.pass(4);
    expect([kept.resets, kept.failures.length > 0]).toEqual([[], true]);
    kept.diskIsFull = false;
    await kept.pass(1);
    expect(kept.resets).toEqual([RESET]);
  });

  test('where nobody knows any more since when it is renewed, it is from now on', async () => {
    const kept = await Kept.open(new Clock('2025-12-14T23:50:00'));
    writeFileSync(join(kept.opened.folder, 'renewal.json'), 'broken');
    const again = await kept.again(3_600_000);
    await again.pass(3);
    expect(again.resets).toEqual([]);
    expect(JSON.parse(readFileSync(join(again.opened.folder, 'renewal.json'), 'utf8'))).toEqual({
      period: '15',
      since: new Date('2025-12-15T00:50:00').toISOString(),
    });
  });
});

describe('a day', () => {
  test('a new day and a new stretch are told once each, and nothing in between', async () => {
    const kept = await Kept.open(new Clock('2025-12-13T23:58:00'), { renews: false });
    await kept.pass(10);
    expect(kept.turns).toBe(1);
    kept.clock.sleep(3 * 86_400_000);
    await kept.pass(5);
    expect(kept.turns).toBe(2);
  });
});
