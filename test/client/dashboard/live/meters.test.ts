import { expect, test } from 'vitest';
import { type LiveMeters, metersAfter } from '../../../../src/client/dashboard/live/meters.ts';
import type { MetersItem } from '../../../../src/client/sdk/connection/meters-order.ts';
import type { Meter } from '../../../../src/protocol/methods.ts';
import { counterAt, gaugeAt, instant, metersAt } from '../../../support/told-meters.ts';

const nowMs = Date.UTC(2026, 10, 20);
const whole = (meters: readonly Meter[]): MetersItem => ({
  ...metersAt(nowMs),
  type: 'meters',
  isWhole: true,
  meters,
});
const change = (...meters: Meter[]): MetersItem => ({ type: 'meters', isWhole: false, epoch: 'e1', seq: 8, meters });
const after = (...items: MetersItem[]) => items.reduce<LiveMeters | undefined>(metersAfter, undefined)!;

test('a change replaces the meter of its name, and of a gauge that of its conversation alone', () => {
  const [a, b] = [gaugeAt(nowMs, { conversation: 'a' }), gaugeAt(nowMs, { conversation: 'b' })];
  const now = after(whole([counterAt(nowMs), a, b]), change(counterAt(nowMs, { calls: 322 }), { ...b, used: 9 }));
  expect(now.meters).toHaveLength(3);
  expect(now.meters).toContainEqual(a);
  expect(now.meters).toContainEqual({ ...b, used: 9 });
  expect(now.meters).toContainEqual(counterAt(nowMs, { calls: 322 }));
});

test('sources stand until they are told anew', () => {
  const { sources } = metersAt(nowMs);
  const live = [{ name: 'cursor' as const, state: 'live' as const }];
  expect(after(whole([]), change(counterAt(nowMs))).sources).toEqual(sources);
  expect(after(whole([]), { ...change(), sources: live }).sources).toEqual(live);
});

test('all of them anew, as after a start of the daemon, leave nothing of what was told before', () => {
  const { feeding, meters } = after(
    { ...whole([counterAt(nowMs), gaugeAt(nowMs)]), feeding: { main: ['claude'], count: 'all' } },
    whole([gaugeAt(nowMs)]),
  );
  expect({ feeding, meters }).toEqual({ feeding: undefined, meters: [gaugeAt(nowMs)] });
});

test('a change before anything was told waits for all of them', () => {
  expect(metersAfter(undefined, change(counterAt(nowMs)))).toBeUndefined();
});

test('of each gauge the fifty conversations written last are kept, and every counter', () => {
  const talks = Array.from({ length: 60 }, (_, age) =>
    change(gaugeAt(nowMs, { conversation: `c${age}`, observed_at: instant(nowMs, -age) })),
  );
  const { meters } = after(whole([counterAt(nowMs)]), ...talks);
  const conversations = meters.flatMap((meter) => (meter.kind === 'gauge' ? [meter.conversation] : []));
  expect(conversations).toEqual(Array.from({ length: 50 }, (_, age) => `c${age}`));
  expect(meters).toHaveLength(51);
});
