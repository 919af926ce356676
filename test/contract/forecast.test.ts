import { expect, test } from 'vitest';
import { startDaemon, type TestDaemon, useDaemon } from '../support/daemon.ts';

const DAY_MS = 86_400_000;
const daemon = useDaemon();

/** A counter that used so many tokens so many days ago and nothing else. */
async function given(total: number, past: readonly (readonly [tokens: number, daysAgo: number])[]): Promise<void> {
  while ((await daemon().rpc('usage.get')).sessions_count > 0) await daemon().rpc('usage.undo');
  await daemon().rpc('usage.set_total', { total });
  const sessions = past.map(([tokens, daysAgo]) => ({ tokens, timestamp: daysBefore(daysAgo) }));
  await daemon().rpc('usage.import', { sessions });
}

function daysBefore(days: number): string {
  return new Date(Date.now() - days * DAY_MS).toISOString();
}

test.each<[string, number, [number, number][], object]>([
  ['nothing at all', 1_000_000, [], { reason: 'too_little_data', tokens_per_day: 0, basis_days: 0 }],
  ['a day and a half', 1_000_000, [[400_000, 1.5]], { reason: 'too_little_data', basis_days: 1.5 }],
  ['nothing for long', 1_000_000, [[400_000, 30]], { reason: 'no_usage', tokens_per_day: 0, basis_days: 14 }],
  ['a budget that is used up', 400_000, [[400_000, 4]], { reason: 'exhausted', tokens_per_day: 100_000 }],
  ['a budget that is passed', 1, [[400_000, 4]], { reason: 'exhausted', tokens_per_day: 100_000 }],
  ['a pace without an end in sight', 1_000_000, [[4, 4]], { reason: 'beyond_horizon', tokens_per_day: 1 }],
])('the forecast names no date but the reason after %s', async (_, total, past, expected) => {
  await given(total, past);

  expect(await daemon().rpc('usage.forecast')).toMatchObject({ exhausts_at: null, ...expected });
});

test('the forecast names the day on which the budget runs out at the pace so far', async () => {
  await given(1_000_000, [
    [100_000, 4],
    [300_000, 1],
  ]);

  const { exhausts_at, range, ...rest } = await daemon().rpc('usage.forecast');

  expect(rest).toEqual({ tokens_per_day: 100_000, basis_days: 4 });
  expect(Math.abs(Date.parse(exhausts_at!) - Date.now() - 6 * DAY_MS)).toBeLessThan(60_000);
  expect(Date.parse(range!.earliest!)).toBeLessThan(Date.parse(exhausts_at!));
});

test('the forecast counts a restarted counter whole, and neither corrections nor readings that were undone', async () => {
  await given(1_000_000, [[400_000, 4]]);
  const before = await daemon().rpc('usage.forecast');

  await daemon().rpc('usage.record', { tokens: 300_000, sync_type: 'auto' });
  await daemon().rpc('usage.undo');
  await daemon().rpc('usage.record', { tokens: 600_000, sync_type: 'correction' });
  expect((await daemon().rpc('usage.forecast')).tokens_per_day).toSatisfy(isAbout(before.tokens_per_day));

  await daemon().rpc('usage.record', { tokens: 400_000 });
  expect((await daemon().rpc('usage.forecast')).tokens_per_day).toSatisfy(isAbout(2 * before.tokens_per_day));
});

/** Of some hundred thousand tokens a day: each second that a busy machine takes lengthens the time by which they are divided. */
function isAbout(expected: number): (actual: number) => boolean {
  return (actual) => actual <= expected && actual > expected * 0.999;
}

test('the forecast takes the very first value for usage of before, and only later ones for the pace', async () => {
  const fresh = await startDaemon();
  for (const [tokens, days] of [
    [350_000, 4],
    [360_000, 3],
    [370_000, 2],
    [390_000, 1],
  ] as const) {
    await fresh.rpc('usage.record', { tokens, timestamp: daysBefore(days) });
  }

  expect(await fresh.rpc('usage.forecast')).toMatchObject({ tokens_per_day: 10_000, basis_days: 4 });
});

test('the forecast keeps its pace when the counter is edited or corrected to begin at 0', async () => {
  const fresh = await startDaemon();
  const sessions = Array.from({ length: 30 }, (_, day) => ({ tokens: 10_000, timestamp: daysBefore(day + 0.5) }));
  await fresh.rpc('usage.import', { sessions });
  const before = await fresh.rpc('usage.forecast');

  await fresh.rpc('usage.record', { tokens: 0, sync_type: 'correction' });
  expect(await fresh.rpc('usage.forecast')).toMatchObject({ tokens_per_day: before.tokens_per_day });

  await fresh.rpc('usage.record', { tokens: 500 });
  expect((await fresh.rpc('usage.forecast')).tokens_per_day).toBeGreaterThanOrEqual(before.tokens_per_day);
});

test('the forecast after the undo of a 0 is what it was before, however often 0 was recorded', async () => {
  const slipped = await startDaemon();
  await slipped.rpc('usage.import', { sessions: [{ tokens: 300_000, timestamp: daysBefore(20) }] });
  await slipped.rpc('usage.record', { tokens: 3_000, timestamp: daysBefore(6) });
  await slipped.rpc('usage.record', { tokens: 9_000, timestamp: daysBefore(1) });
  const before = await slipped.rpc('usage.forecast');

  await slipped.rpc('usage.record', { tokens: 0 });
  await slipped.rpc('usage.record', { tokens: 0 });
  expect((await slipped.rpc('usage.forecast')).tokens_per_day).not.toBe(before.tokens_per_day);
  await slipped.rpc('usage.undo');
  await slipped.rpc('usage.set_total', { total: 1_000_000 });
  await slipped.rpc('usage.undo');

  expect(await slipped.rpc('usage.forecast')).toMatchObject({ tokens_per_day: before.tokens_per_day });
});

test('the forecast names the reason where an adopted file has no budget', async () => {
  const adopted: TestDaemon = await startDaemon({ state: { token_usage: { used: 5, total: 0 } } });
  await adopted.rpc('usage.import', { sessions: [{ tokens: 400_000, timestamp: daysBefore(4) }] });

  expect(await adopted.rpc('usage.forecast')).toMatchObject({ exhausts_at: null, reason: 'no_budget' });
  expect(await adopted.rpc('usage.get')).toMatchObject({ total: 0, percent: 0 });
});
