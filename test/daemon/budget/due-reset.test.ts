import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { Clock, Kept, RESET } from './kept-budget.ts';

const DAY_MS = 86_400_000;
const ZONE = process.env.TZ;

afterEach(() => {
  if (ZONE === undefined) delete process.env.TZ;
  else process.env.TZ = ZONE;
});

describe('what is recorded while a reset is due and not yet written', () => {
  /** How the daemon comes to know of a reset late: its machine wakes, or it is started. */
  const lateBy = {
    'after a wake': async (kept: Kept) => {
      kept.clock.pass(5 * DAY_MS);
      return kept;
    },
    'after a start': (kept: Kept) => kept.again(5 * DAY_MS),
  };
  const ways = Object.entries(lateBy);

  test.each(ways)('%s a correction stands, and what was used before the reset stays counted', async (_, late) => {
    const before = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await before.opened.record(300_000, { sync_type: 'manual' });
    await before.opened.record(900_000, { sync_type: 'manual' });
    const kept = await late(before);

    await kept.opened.record(20_000, { sync_type: 'correction' });
    await kept.pass(3);

    expect([kept.opened.usage.used, kept.resets]).toEqual([20_000, [RESET]]);
    const { buckets } = await kept.opened.queries.stats({ bucket: 'month' });
    expect(buckets.map(({ tokens }) => tokens)).toEqual([600_000]);
  });

  test.each(ways)('%s the first figure of the ledger is part of the new period', async (_, late) => {
    const kept = await late(await Kept.open(new Clock('2025-12-10T12:00:00')));
    await kept.opened.record(350_000, { sync_type: 'manual' });
    await kept.pass(3);
    expect([kept.opened.usage.used, kept.resets]).toEqual([350_000, [RESET]]);
  });

  test.each(ways)('%s the receipt tells of the new period, and in what order', async (_, late) => {
    const before = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await before.opened.record(300_000, { sync_type: 'manual' });
    await before.opened.record(980_000, { sync_type: 'manual' });
    const kept = await late(before);

    const receipts = await Promise.all([kept.opened.record(5_000), kept.opened.record(2_000)]);

    expect(receipts.map(({ total_used }) => total_used)).toEqual([5_000, 7_000]);
    expect(kept.opened.told.slice(-3).map(({ session, usage }) => [session?.sync_type, usage.used])).toEqual([
      ['period', 0],
      ['auto', 5_000],
      ['auto', 7_000],
    ]);
  });

  test('an undo takes the reading back in its own period, and leaves the new one alone', async () => {
    const kept = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await kept.opened.record(500);
    kept.clock.pass(5 * DAY_MS);
    await kept.opened.undo();
    expect([kept.opened.usage.used, kept.resets]).toEqual([0, [RESET]]);
  });

  test('what changes nothing writes no reset', async () => {
    const kept = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await kept.opened.record(500, { id: 'known' });
    kept.clock.pass(5 * DAY_MS);
    await kept.opened.record(500, { id: 'known' });
    await kept.opened.monitor.between(() => undefined);
    expect([kept.opened.usage.used, kept.resets]).toEqual([500, []]);
  });

  test('a clock that has just been set begins nothing anew', async () => {
    const kept = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await kept.pass(3);
    kept.clock.sleep(5 * DAY_MS);
    await kept.opened.record(500);
    expect(kept.resets).toEqual([]);
    await kept.pass(2);
    expect(kept.resets).toEqual([{ ...RESET, total_used: 500 }]);
  });
});

describe('a clock that was wrong', () => {
  test.each([1, 30])('for %i minutes behind makes no reset that was before the renewing', async (minutes) => {
    const kept = await Kept.open(new Clock('2025-12-20T12:00:00'));
    await kept.opened.record(500);
    const { nowMs } = kept.clock;
    kept.clock.nowMs = 0;
    await kept.pass(minutes);
    kept.clock.nowMs = nowMs;
    await kept.pass(3);
    expect([kept.opened.usage.used, kept.resets]).toEqual([500, []]);
  });

  test('ahead when the renewing began is let go of after an hour', async () => {
    const kept = await Kept.open(new Clock('2026-12-01T12:00:00'));
    kept.clock.nowMs = new Date('2025-12-14T22:50:00').getTime();
    await kept.pass(75);
    expect(kept.resets).toEqual([RESET]);
  });

  test('ahead for some minutes leaves a reset that keeps nothing out of the budget, and the real one comes once', async () => {
    const kept = await Kept.open(new Clock('2025-12-20T12:00:00'));
    await kept.opened.record(500);
    kept.clock.sleep(31 * 86_400_000);
    await kept.pass(4);
    kept.clock.sleep(-31 * 86_400_000);
    await kept.pass(3);

    await kept.opened.record(70);
    expect(kept.opened.usage.used).toBe(570);
    await kept.opened.record(8);
    expect(kept.opened.usage.used).toBe(578);

    kept.clock.pass(27 * 86_400_000);
    await kept.pass(3);
    expect(kept.opened.usage.used).toBe(0);
    const written = kept.resets.length;
    const again = await kept.again(86_400_000);
    await again.pass(3);
    expect([written, again.resets.length]).toEqual([3, 3]);
  });
});

describe.each<[what: string, save: (kept: Kept) => void, used: number]>([
  ['sets the figure', (kept) => kept.opened.edit((state) => (state.token_usage.used = 20_000)), 20_000],
  [
    'adds a session',
    (kept) =>
      kept.opened.edit((state) => {
        state.token_usage.used += 5_000;
        state.token_usage.sessions.unshift({ tokens: 5_000, timestamp: '2025-12-15 12:00:00' });
      }),
    5_000,
  ],
])('an edit of the state file that %s after a reset', (_, save, used) => {
  async function given(): Promise<Kept> {
    const kept = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await kept.opened.record(900_000);
    return kept;
  }

  test('before the reset is written is part of the new period, and so is what is recorded behind it', async () => {
    const kept = await (await given()).again(5 * DAY_MS);
    save(kept);
    await kept.opened.adopt();
    await kept.opened.record(7);
    await kept.pass(3);
    expect([kept.opened.usage.used, kept.resets.length]).toEqual([used + 7, 1]);
  });

  test('while nothing ran is part of the new period', async () => {
    const before = await given();
    await before.keeper.close();
    await before.opened.close();
    before.clock.sleep(5 * DAY_MS);
    save(before);
    const kept = await Kept.open(before.clock, {}, { folder: before.opened.folder });
    await kept.pass(3);
    expect([kept.opened.usage.used, kept.resets.length]).toEqual([used, 1]);
  });
});

test.each([950_000, 20_000])(
  'a figure of %i that was saved before a reset, while nothing ran, is none of the new period',
  async (used) => {
    const before = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await before.opened.record(900_000);
    await before.keeper.close();
    await before.opened.close();
    before.opened.edit((state) => (state.token_usage.used = used));
    const saved = new Date('2025-12-12T12:00:00');
    utimesSync(join(before.opened.folder, 'architect_monitor.json'), saved, saved);
    before.clock.sleep(6 * DAY_MS);
    const kept = await Kept.open(before.clock, {}, { folder: before.opened.folder });
    await kept.pass(3);
    expect([kept.opened.usage.used, kept.resets.length]).toEqual([0, 1]);
  },
);

test('a figure that somebody writes while the clock is ahead keeps no reset from what it is', async () => {
  const kept = await Kept.open(new Clock('2025-12-10T12:00:00'));
  await kept.opened.record(900_000);
  kept.clock.sleep(31 * DAY_MS);
  kept.opened.edit((state) => (state.token_usage.used = 300_000));
  await kept.opened.adopt();
  kept.clock.sleep(-31 * DAY_MS);
  await kept.pass(2);
  kept.clock.pass(5 * DAY_MS);
  await kept.pass(2);
  expect([kept.opened.usage.used, kept.resets.length]).toEqual([0, 1]);
});

test.each([{ period: '20' }, { period: 'never' }, { renews: false }])(
  'a period that became another while nothing ran, to %j, begins nothing anew',
  async (settings) => {
    const before = await Kept.open(new Clock('2025-12-10T12:00:00'));
    await before.opened.record(900_000);
    const kept = await before.again(6 * DAY_MS, settings);
    await kept.pass(3);
    expect([kept.opened.usage.used, kept.resets]).toEqual([900_000, []]);
  },
);

test('what a program adds to the file of before a reset holds after it', async () => {
  const kept = await Kept.open(new Clock('2025-12-14T23:50:00'));
  await kept.opened.record(900_000);
  const state = kept.opened.state();
  await kept.pass(20);
  state.token_usage.used += 5_000;
  state.token_usage.sessions.unshift({ tokens: 5_000, timestamp: '2025-12-15 00:05:00' });
  kept.opened.write(state);
  await kept.opened.adopt();
  expect([kept.opened.usage.used, kept.resets.length]).toEqual([5_000, 1]);
});

test('a reset that is due is written before the period becomes another', async () => {
  const before = await Kept.open(new Clock('2025-12-10T12:00:00'));
  await before.opened.record(900_000);
  const kept = await before.again(5 * DAY_MS);
  await kept.budget.setPeriod({ kind: 'monthly', day: 20 });
  await kept.keeper.look();
  expect([kept.opened.usage.used, kept.resets.length]).toEqual([0, 1]);
});

test('a reset that is due keeps no reading waiting while another program holds the history', async () => {
  const kept = await Kept.open(new Clock('2025-12-10T12:00:00'));
  const other = new DatabaseSync(join(kept.opened.folder, 'history.db'));
  onTestFinished(() => other.close());
  other.exec('begin immediate');
  await kept.opened.record(900_000);
  kept.clock.pass(5 * DAY_MS);
  expect((await kept.opened.record(7)).total_used).toBe(900_007);
  expect((await kept.opened.record(8)).total_used).toBe(900_015);
  other.exec('rollback');
  await kept.pass(3);
  expect([kept.opened.usage.used, kept.resets.length]).toEqual([15, 1]);
});

test('an id that a client has taken keeps no reset back, and the value stays', async () => {
  const kept = await Kept.open(new Clock('2025-12-14T23:50:00'));
  await kept.opened.record(980, { id: RESET.id });
  await kept.pass(15);
  expect(kept.opened.usage).toMatchObject({ used: 0, sessions_count: 2 });
  expect(kept.resets).toEqual([{ ...RESET, id: `${RESET.id}/2` }]);
});

test('the same reset in another time zone is no second one', async () => {
  process.env.TZ = 'Asia/Shanghai';
  const kept = await Kept.open(new Clock('2025-12-14T23:58:00'));
  await kept.pass(4);
  process.env.TZ = 'Europe/Berlin';
  await kept.pass(60 * 12);
  expect(kept.resets).toHaveLength(1);
});
